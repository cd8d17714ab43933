"""What is proposed from tables of other shapes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from tillthen.define.faults.errors import ConfigurationError
from tillthen.starter.looked import look
from tillthen.starter.proposal import propose
from tillthen.starter.spans import Windows, days_of, folds, windows

N = 400
START = datetime(2024, 1, 1, tzinfo=UTC)


def times(minutes=0, every=97):
    return [START + timedelta(minutes=every * i + minutes) for i in range(N)]


def payments(**more):
    """Four hundred card payments in dollars; every fortieth is a fraud."""
    columns = {
        "ref": [f"r{i:05}" for i in range(N)],
        "created_at": times(),
        "cardNumber": [f"c{i * 7 % 40}" for i in range(N)],
        "store_id": [i % 25 for i in range(N)],
        "amount_usd": [Decimal(i % 90).scaleb(-2) + 5 for i in range(N)],
        "currency": ["USD"] * N,
        "is_fraud": [i % 40 == 0 for i in range(N)],
    }
    return pa.table(columns | more)


def written(tmp_path, table):
    pq.write_table(table, tmp_path / "payments.parquet")
    return tmp_path / "payments.parquet"


def proposed(tmp_path, table):
    return propose(look(written(tmp_path, table)))


def names(guesses):
    return [guess.name for guess in guesses]


def test_roles_are_told_by_names_and_contents(tmp_path):
    found = proposed(tmp_path, payments())
    assert (found.id.name, found.event_time.name, found.amount.name) == ("ref", "created_at", "amount_usd")
    assert names(found.keys) == ["cardNumber", "store_id"]
    assert (found.currency.name, found.currency.doubt) == ("currency", "USD")
    assert (found.outcome.name, found.outcome_time, found.zoneless, found.others) == ("is_fraud", None, (), ())
    assert found.id.column.type == "string"
    assert found.amount.column.type == "decimal(3,2)"
    assert found.amount.column.finest == 2


def test_of_two_times_the_later_named_so_is_when_it_was_known(tmp_path):
    found = proposed(tmp_path, payments(received_at=times(3), loaded_at=times(900)))
    assert (found.event_time.name, found.known_time.name, found.landed_time.name) == (
        "created_at", "received_at", "loaded_at")  # fmt: skip


def test_a_time_before_the_event_is_no_known_time(tmp_path):
    found = proposed(tmp_path, payments(received_at=times(-3)))
    assert (found.event_time.name, found.known_time) == ("created_at", None)
    assert names(found.others) == ["received_at"]


def test_a_time_of_bad_rows_alone_is_when_the_outcome_was_known(tmp_path):
    reported = [when if i % 40 == 0 else None for i, when in enumerate(times(60 * 24 * 20))]
    assert proposed(tmp_path, payments(reported=reported)).outcome_time.name == "reported"


@pytest.mark.parametrize(("bad", "good"), [("Y", "N"), ("yes", "no"), ("True", "False"), ("1", "0"), (1, 0)])
@pytest.mark.parametrize("kind", [None, pa.dictionary(pa.int32(), pa.string())])
def test_an_outcome_may_be_written_in_words(tmp_path, kind, bad, good):
    """Every fortieth of 400 is bad; whichever of the two comes first, and as Arrow writes categories, too."""
    told = pa.array([bad if i % 40 == 0 else good for i in range(N)])
    told = told.cast(kind) if kind and isinstance(bad, str) else told
    reported = [when if i % 40 == 0 else None for i, when in enumerate(times(60 * 24))]
    found = proposed(tmp_path, payments(is_fraud=told, reported=reported))
    assert (found.outcome.name, found.outcome_time.name, found.bad) == ("is_fraud", "reported", bad)
    assert folds(found)["bad"] == 10


@pytest.mark.parametrize(("bad", "good"), [("bad", "good"), ("Y", "yes"), ("Y", ""), ("Y", None), (1, 2)])
def test_other_pairs_are_no_outcome(tmp_path, bad, good):
    found = proposed(tmp_path, payments(is_fraud=[bad if i % 40 == 0 else good for i in range(N)]))
    assert (found.outcome, found.bad) == (None, None)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(("USD", "USD"), ""), (("USD", "JPY"), "JPY, USD"), (("USD", None), "USD and no currency")],
)
def test_currencies_that_do_not_add_up_are_told(tmp_path, codes, expected):
    assert proposed(tmp_path, payments(currency=[codes[i % 2] for i in range(N)])).currencies == expected


def test_labels_are_waited_for_as_long_as_most_took(tmp_path):
    """Of the ten frauds in 27 days one came after 9 days, the others after 2; the waits fit into the table's days."""
    late = [when + timedelta(days=9 if i == 40 else 2) if i % 40 == 0 else None for i, when in enumerate(times())]
    found = folds(proposed(tmp_path, payments(reported=late)))
    assert (found["waits"].half, found["waits"].longest) == (2, 9)
    assert found["delay"] == 5  # a fifth of the days; 19 of 20 took longer
    assert (found["train"], found["calibrate"], found["test"]) == (10, 0, 6)  # and two waits: 26 of 27 days


@pytest.mark.parametrize(
    ("positives", "expected"),
    [
        # 100 days, waits of 10: 70 days for training (35), calibration (11 to 18) and the test (17)
        (range(100), Windows(35, 18, 17, 10)),  # a fraud a day: 18 hold 18, too few
        (np.arange(0, 100, 0.5), Windows(35, 11, 17, 10)),  # two a day: the shortest holds 22
        (np.arange(0, 100, 0.7), Windows(35, 14, 17, 10)),  # 65 to 84: 20 of them in [45, 59)
        (range(0, 100, 7), None),
        ((), None),
    ],
)
def test_a_calibration_window_is_as_long_as_twenty_frauds_or_there_is_none(positives, expected):
    found, held = windows(100, 10, np.array(positives, float))
    if held < 20:
        expected = Windows(48, 0, 32, 10)  # the wait that is saved goes to both
    assert found == expected
    assert found.train + found.test + found.calibrate + 10 * (3 if found.calibrate else 2) <= 100


def test_only_frauds_within_a_window_count(tmp_path):
    """One in forty of 400 payments, 97 minutes apart: ten in 27 days, none of them certain to be in a part."""
    found = folds(proposed(tmp_path, payments()))
    assert (found["bad"], found["calibrate"], found["sure"]) == (10, 0, False)
    begin = found["train"] + found["delay"]
    days = [40 * i * 97 / 1440 for i in range(10)]
    assert found["found"]["train"] == sum(day < found["train"] for day in days)
    assert found["found"]["test"] == sum(begin <= day < begin + found["test"] for day in days)


def test_fractions_of_a_second_in_a_csv_are_a_time(tmp_path):
    (tmp_path / "p.csv").write_text("id,ts\n1,2025-03-01 00:00:21.930\n2,2025-03-01 00:01:00.000001\n")
    found = propose(look(tmp_path / "p.csv"))
    assert (found.event_time.name, found.event_time.column.type, found.faults) == ("ts", "timestamp_ntz", ())


def test_a_zone_is_wanted_where_any_clock_has_none(tmp_path):
    naive = [when.replace(tzinfo=None) for when in times(3)]
    assert proposed(tmp_path, payments(received_at=naive)).zoneless == ("received_at",)


def test_null_amounts_are_told(tmp_path):
    amounts = pa.array([None if i % 50 == 0 else float(i) for i in range(N)])
    found = proposed(tmp_path, payments(amount_usd=amounts))
    assert found.amount.doubt == "8 have no amount_usd, which costs refuse: they are set aside"


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("scenario", [3 if i % 40 == 0 else 0 for i in range(N)], "filled in with the outcome"),
        ("response_code", ["00" if i % 3 else "05" for i in range(N)], "after the decision"),
        ("settled_on", [None if i % 3 else when for i, when in enumerate(times(60))], "after the decision"),
        ("tags", [["a", "b"] for _ in range(N)], "cannot use"),
    ],
)
def test_what_may_have_been_filled_in_later_is_no_feature(tmp_path, column, values, why):
    (other,) = proposed(tmp_path, payments(**{column: values})).others
    assert other.name == column
    assert why in other.doubt


def test_times_without_a_zone_are_doubted(tmp_path):
    naive = [when.replace(tzinfo=None) for when in times()]
    assert proposed(tmp_path, payments(created_at=naive)).zoneless == ("created_at",)


def test_nanoseconds_and_keys_that_became_doubles_are_told(tmp_path):
    keys = pa.array([float(i % 40) for i in range(N)])
    instants = pa.array(times(), pa.timestamp("ns", "UTC"))
    nanoseconds, doubles = proposed(tmp_path, payments(created_at=instants, customer_id=keys)).faults
    assert "'created_at' is in nanoseconds" in nanoseconds
    assert "'customer_id' is a double" in doubles


def test_dates_are_taken_where_there_is_nothing_finer(tmp_path):
    day = pa.array([when.date() for when in times()])
    found = proposed(tmp_path, payments().drop(["created_at"]).append_column("paid_on", day))
    assert (found.event_time.name, found.event_time.column.type, found.zoneless) == ("paid_on", "date", ("paid_on",))
    assert days_of(found) == (times()[0].date(), times()[-1].date())


def test_a_delta_table_and_a_csv_give_what_the_parquet_file_gives(tmp_path):
    write_deltalake(tmp_path / "delta", payments())
    pyarrow.csv.write_csv(payments(), tmp_path / "p.csv")
    for path, kind in ((tmp_path / "delta", "delta"), (tmp_path / "p.csv", "csv")):
        found = propose(look(path))
        assert (found.table.format, found.id.name, found.event_time.name) == (kind, "ref", "created_at")
        assert names(found.keys) == ["cardNumber", "store_id"]


def test_padded_numbers_of_a_csv_stay_text(tmp_path):
    (tmp_path / "p.csv").write_text("id,account,n\n1,007,7\n2,010,8\n")
    assert [(c.name, c.type) for c in look(tmp_path / "p.csv").columns] == [
        ("id", "bigint"), ("account", "string"), ("n", "bigint")]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("gone.parquet", None, "no such file or folder"),
        ("p.txt", b"a", "expected Parquet, Delta or CSV, got .txt"),
        ("p.parquet", b"no parquet", "cannot be read as parquet"),
        ("empty.csv", b"a,b\n", "expected a table with rows, got none"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, file, content, told):
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(ConfigurationError, match=told) as refused:
        look(tmp_path / file)
    assert "\n" not in str(refused.value)


def test_copies_of_rows_leave_the_id_an_id(tmp_path):
    table = payments()
    found = proposed(tmp_path, pa.concat_tables([table, table.slice(7, 3)]))
    assert (found.id.name, found.id.doubt) == ("ref", "3 rows are copies of others and count once")


def test_other_rows_of_an_id_do_not(tmp_path):
    other = payments(currency=["EUR"] * N)
    assert proposed(tmp_path, pa.concat_tables([payments(), other.slice(7, 3)])).id is None


def test_whole_decimals_are_keys(tmp_path):
    customers = pa.array([Decimal(10**19 + i % 40) for i in range(N)], pa.decimal128(20, 0))
    found = proposed(tmp_path, payments(customer_no=customers))
    assert "customer_no" in names(found.keys)
    (typed,) = (guess.column.type for guess in found.keys if guess.name == "customer_no")
    assert typed == "decimal(20,0)"


def test_columns_that_no_feature_table_can_have_are_renamed(tmp_path):
    data = payments().rename_columns(["payment ref", "paid at", "cardNumber", "store[id]", "amount (JPY)", "a=b",
                                      "is_fraud"])  # fmt: skip
    table = look(written(tmp_path, data))
    assert table.rename == {"payment ref": "payment_ref", "paid at": "paid_at", "amount (JPY)": "amount_JPY",
                            "a=b": "a_b"}  # fmt: skip
    found = propose(table)
    assert (found.id.name, found.event_time.name, found.amount.name) == ("payment_ref", "paid_at", "amount_JPY")
    assert days_of(found) == (times()[0].date(), times()[-1].date())


def test_a_new_name_is_no_other_columns(tmp_path):
    data = pa.table({"a b": [1, 2], "a;b": [1, 2], "A_B": [1, 2]})
    assert look(written(tmp_path, data)).rename == {"a b": "a_b_2", "a;b": "a_b_3"}
