import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillthen import Challenge, Costs, Label, Model, Source, Unobserved, count, days, expect, feature_set, rate
from tillthen.define.expressions.expression import parse
from tillthen.define.faults.errors import DefinitionError
from tillthen.define.features.pivot import Pivot
from tillthen.define.sources.rows import Rows

PAYMENTS = Source("payments", id="id", event_time="at")


def test_columns_are_found_in_order_and_once():
    assert parse("hour(at) <= 6 AND amount > 0 OR at IS NULL").columns == ("at", "amount")


def test_a_word_of_sql_is_a_column_in_quotes():
    (fault,) = parse("desc = 'a'").faults
    assert "a word of SQL stands where a column does, which as a column's name is written in `quotes`" in fault
    assert parse("`desc` = 'a'").columns == ("desc",)


def test_a_column_may_be_called_as_the_clock_is_in_quotes():
    assert parse("hour(`current_time`) < hour(x.localtimestamp)").columns == ("current_time", "x")
    assert not parse("hour(`current_time`) < hour(x.localtimestamp)").faults


def test_a_field_is_read_from_its_struct():
    assert parse("merchant.country <> `card holder`.home[0].country").columns == ("merchant", "card holder")


def test_a_variable_of_a_lambda_is_no_column():
    assert parse("exists(amounts, x -> x > least)").columns == ("amounts", "least")


NOT_OF_THE_ROW = [
    ("rand() < 0.1", "not deterministic"),
    ("uuid()", "not deterministic"),
    ("at < current_timestamp()", "not deterministic"),
    ("at < current_timestamp", "not deterministic"),
    ("at < now()", "not deterministic"),
    ("at < `now`()", "not deterministic"),
    ("at < NOW()", "not deterministic"),
    ("current_time()", "not deterministic"),
    ("hour(current_time) < 6", "calls current_time, which is not deterministic"),
    ("at < LocalTimestamp", "calls localtimestamp, which is not deterministic"),
    ("lower(" * 400 + "x" + ")" * 400, "...' is nested too deeply to be read. Select parts of it"),
    ("localtimestamp()", "not deterministic"),
    ("uniform(1, 6)", "not deterministic"),
    ("randstr(3)", "not deterministic"),
    ("unix_timestamp()", "of nothing"),
    ("builtin.now()", "by the name of a catalog"),
    ("user()", "depends on who asks"),
    ("session_user", "depends on who asks"),
    ("version()", "depends on who asks"),
    ("current_catalog()", "depends on who asks"),
    ("reflect('java.lang.System', 'nanoTime')", "calls code of any kind"),
    ("java_method('java.lang.System', 'nanoTime')", "calls code of any kind"),
    ("try_reflect('java.lang.System', 'nanoTime')", "calls code of any kind"),
    ("raise_error('x')", "ends the run"),
    ("explode(items)", "makes several rows"),
    ("from_json(text, 'at timestamp')", "parses times"),
    ("ai_query('model', text)", "no row expression may"),
    ("identifier('now')()", "not a row expression"),
    ("concatt(a, b)", "Did you mean 'concat'?"),
    ("sum(amount)", "aggregates"),
    ("any(declined)", "no row expression may"),
    ("count(*)", "aggregates"),
    ("row_number() over (order by at)", "aggregates"),
    ("amount > (select max(amount) from t)", "holds a query"),
    ("exists(select 1)", "holds a query"),
    ("amount >", "not a row expression"),
    ("(amount", "not a row expression"),
    ("amount) OR (true", "not a row expression"),
    ("amount > 0 -- ever", "a comment"),
    ("amount /* minor */ > 0", "a comment"),
    ("a; b", "holds ';'"),
    ("amount AS a", "no row expression may"),
    ("struct(*)", "no row expression may"),
    ("name COLLATE utf8_lcase = 'x'", "no row expression may"),
    ("text -> 'key'", "no row expression may"),
    ("amount > :least", "holds ':'"),
    ("amount > ?", "holds '?'"),
    ("name = '${env:HOME}'", "where Spark puts a setting"),
    ("name = 'it''s'", "two texts side by side"),
    ("cast(a AS array<timestamp>)", "inside another type"),
    ("cast(a AS interval day)", "casts to interval"),
    ("list[0] > 1", "without quotes"),
]

PRESENT = [
    "timestamp'now'",
    "date'today'",
    "DATE 'Tomorrow'",
    "timestamp_ntz'yesterday'",
    "timestamp'12:30:00'",
    "date'epoch'",
    "cast('now' AS timestamp)",
    "'now'::date",
    "cast('12:30' AS timestamp)",
    "to_timestamp('now')",
    "TO_DATE(' ToDay ')",
    "try_cast('yesterday UTC' AS timestamp)",
    "at < 'now'",
    "at BETWEEN 'yesterday' AND 'today'",
    "at IN ('tomorrow Europe/London')",
    "coalesce(at, 'today +01:00')",
    "hour('now')",
    "cast('\\u006eow' AS date)",
    "cast('\\156ow' AS date)",
    "date(r'now')",
    "cast(concat('n', 'ow') AS date)",
    "cast('n' || 'ow' AS date)",
    "cast('n' 'ow' AS date)",
    "cast(lower(upper('nxw')) AS date)",
    "cast(reverse('won') AS date)",
    "cast(chr(110) || 'ow' AS date)",
    "cast(conv(30704, 10, 36) AS date)",
    "cast(cast(x'6E6F77' AS string) AS date)",
    "cast(cast(to_binary('6E6F77', 'hex') AS string) AS date)",
    "to_date(array_join(array('n', 'ow'), ''))",
    "cast(elt(1, 'n', 'm') AS date)",
    "cast(split('now', ',')[0] AS date)",
    "cast(get_json_object('{\"a\": \"n\"}', '$.a') AS date)",
    "transform(array('n'), x -> concat('n', 'ow'))",
]


@pytest.mark.parametrize(("text", "fault"), NOT_OF_THE_ROW)
def test_what_depends_on_more_than_the_row_is_a_fault(text, fault):
    assert fault in " ".join(parse(text).faults)


@pytest.mark.parametrize("text", PRESENT)
def test_a_time_that_is_the_clocks_is_a_fault(text):
    assert parse(text).faults


@given(
    st.sampled_from([text for text, fault in NOT_OF_THE_ROW if "not a row" not in fault] + PRESENT),
    st.lists(
        st.sampled_from(
            ["({})", "coalesce({}, 1)", "if(ok, {}, 2)", "CASE WHEN ok THEN {} END", "array({})[0]", "a = {}", "NOT {}",
             "map('k', {})['k']", "filter(items, x -> x > {})", "upper(cast({} AS string))", "struct({} AS f).f"]
        ),
        max_size=3,
    ),
)  # fmt: skip
def test_nothing_around_it_makes_it_right(bad, around):
    text = bad
    for shape in around:
        text = shape.format(text)
    assert parse(text).faults


@pytest.mark.parametrize(
    "text",
    [
        "amount * 2",
        "country <> 'GB'",
        "weekday(at) >= 5",
        "greatest(a, b)",
        "coalesce(a, 0)",
        "hour(from_utc_timestamp(at, 'Asia/Tokyo')) < 6",
        "at >= timestamp'2024-01-31 10:30:00' OR at >= '2024-01-31'",
        "at < date_add(date'2024-01-31', 3)",
        "date_format(at, 'HH:mm') < '12:30'",
        "cast(amount AS decimal(18, 2)) / 100",
        "amount::string || ' ' || currency",
        "name LIKE 'now' OR name = 'nowhere' OR name IN ('todays', 'epochs')",
        "name LIKE ANY ('a%', 'b%') AND name NOT RLIKE '^x'",
        "CASE channel WHEN 'pos' THEN 1 ELSE 0 END",
        "exists(items, x -> x.price > 10) AND items[0].price > 1",
        "amount IS NOT DISTINCT FROM other AND flags & 4 = 4",
        "cast(NULL AS string)",
        "`user` = 'x'",
        "price * 1.5BD + 10L",
    ],
)
def test_row_expressions_have_no_fault(text):
    assert parse(text).faults == ()


def cards(where=None, **derived):
    def habits(rows):
        return (rows if where is None else rows.where(where)).select("card", **derived)

    return feature_set(source=PAYMENTS, entity="card")(habits)


@pytest.mark.parametrize("text", ["at < 'now'", "at < now()"])
def test_every_declaration_that_holds_an_expression_refuses_it(text):
    def cards(rows):
        return rows.select("card")

    doors = [
        lambda: Rows("payments").where(text).select("card"),
        lambda: Rows("payments").select("card", bad=text),
        lambda: feature_set(source=PAYMENTS, entity="card")(cards).derive(bad=text),
        lambda: count(where=text),
        lambda: rate(text),
        lambda: count(by={text: [True]}),
        lambda: expect.holds(text),
        lambda: Label("fraud", PAYMENTS, decision="id", maturity=days(1), positive=text),
        lambda: Unobserved(PAYMENTS, where=text),
        lambda: Model("m", learner="rules", rules={text: 0.5}),
        lambda: Costs(amount=text),
        lambda: Costs(amount="amount", liability_shifted=text),
        lambda: Costs(amount="amount", challenge=Challenge(fee=text)),
    ]
    for door in doors:
        with pytest.raises(DefinitionError, match="the present|not deterministic"):
            door()


def test_a_value_of_a_pivot_or_of_an_expectation_is_no_time_either():
    for declare in (lambda: Pivot.of({"at": ["now"]}), lambda: expect.one_of("at", ["today"])):
        with pytest.raises(DefinitionError, match="the present"):
            declare()


def test_a_dollar_sign_in_an_expectation_is_no_setting():
    assert expect.one_of("name", ["${env:HOME}"]).condition.endswith(r"('\u0024{env:HOME}')")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b * c + a", ("b", "c", "a")),
        ("CASE WHEN x > y * 2 THEN z ELSE w END", ("x", "y", "z", "w")),
        ("coalesce(f, g + h, i, f)", ("f", "g", "h", "i")),
    ],
)
def test_columns_are_in_order_of_first_use(text, expected):
    assert parse(text).columns == expected
