from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from tillthen.define.faults.errors import ConfigurationError, DataContractError, DefinitionError
from tillthen.materialize.runs.build import Wanted, build
from tillthen.runtime.config import load_config
from tillthen.tables.commit import latest_version


def run(team, *overrides, replace=True):
    config = load_config(team.conf, overrides)
    return build(config, config.project(), wanted=Wanted(replace=replace))


def rows(spark, team):
    frame = spark.read.format("delta").load(str(team.root / "wh" / "cards"))
    return [tuple(row) for row in frame.drop("at").orderBy("payment").collect()]


BUILT = [
    # payment, card, amount, large, spending__count_7d, spending__sum_amount_7d, as_of_date
    (1, "a", 50, False, 0, None, date(2024, 1, 1)),
    (2, "a", 150, True, 1, 50, date(2024, 1, 2)),
    (3, "b", 7, False, 0, None, date(2024, 1, 2)),
]


def test_a_table_has_a_row_for_each_event_with_its_features(spark, team):
    (built,) = run(team)
    frame = spark.read.format("delta").load(built.path)
    assert frame.columns == ["payment", "at", "card", "amount", "large", "spending__count_7d",
                             "spending__sum_amount_7d", "as_of_date"]  # fmt: skip
    assert rows(spark, team) == BUILT
    assert (built.rows, built.version) == (3, 0)


def test_derived_columns_read_features(spark, team):
    text = team.declarations.read_text()
    text = text.replace('sum("amount").over(days(7)))', 'sum("amount").over(days(7))).derive(\n'
                        '    more="amount - spending__sum_amount_7d")')  # fmt: skip
    team.declarations.write_text(text.replace('{"large": "amount > 100"', '{"double": "2 * more"'))
    (built,) = run(team)
    frame = spark.read.format("delta").load(built.path).orderBy("payment")
    assert frame.columns[4:-1] == ["double", "spending__count_7d", "spending__sum_amount_7d", "more"]
    assert [(row.more, row.double) for row in frame.collect()] == [(None, None), (100, 200), (None, None)]


def test_a_build_with_nothing_to_do_does_nothing(team):
    run(team, replace=False)
    assert run(team, replace=False) == []


def test_a_build_can_be_repeated_and_replaces_the_table(spark, team):
    first, second = run(team)[0], run(team)[0]
    assert rows(spark, team) == BUILT
    assert second.version == first.version + 1
    assert (second.inputs, second.definitions_hash) == (first.inputs, first.definitions_hash)
    assert second.run_id != first.run_id


def test_what_was_built_from_what_is_in_the_commit_and_in_the_runs_folder(spark, team):
    (built,) = run(team)
    commit = latest_version(spark, built.path).commit
    kept = json.loads((team.root / "wh" / "_runs" / built.run_id / "cards.json").read_text())
    assert (commit.run_id, commit.inputs) == (built.run_id, built.inputs)
    assert kept["facts"] == built.facts
    assert kept["inputs"]["payments"]["path"] == str(team.root / "payments.parquet")


def test_a_changed_definition_changes_its_hash_and_a_comment_only_the_codes(team):
    (before,) = run(team)
    team.declarations.write_text(team.declarations.read_text() + "# seen\n")
    (commented,) = run(team)
    team.declarations.write_text(team.declarations.read_text().replace("amount > 100", "amount > 99"))
    (changed,) = run(team)
    assert commented.definitions_hash == before.definitions_hash != changed.definitions_hash
    assert len({before.code_hash, commented.code_hash, changed.code_hash}) == 3


def test_duplicates_are_collapsed_and_counted(spark, team):
    payment = {"payment": 1, "card": "a", "at": datetime(2024, 1, 1, tzinfo=UTC), "amount": 50}
    team.pay([payment, payment])
    (built,) = run(team)
    assert [row[:3] for row in rows(spark, team)] == [(1, "a", 50)]
    assert built.facts["spine"]["duplicates_collapsed"] == 1


def test_one_id_with_two_different_rows_is_refused_and_the_old_table_stands(spark, team):
    run(team)
    payment = {"payment": 1, "card": "a", "at": datetime(2024, 1, 1, tzinfo=UTC), "amount": 50}
    team.pay([payment, payment | {"amount": 51}])
    with pytest.raises(DataContractError, match="1 values of 'payment' have different rows"):
        run(team)
    assert rows(spark, team) == BUILT


def test_a_missing_column_is_named_with_the_one_that_is_there(team):
    team.pay([{"payment": 1, "kard": "a", "at": datetime(2024, 1, 1, tzinfo=UTC), "amount": 50}])
    with pytest.raises(DataContractError, match="the table lacks 'card'. Did you mean 'kard'?"):
        run(team)


def test_a_missing_table_is_named(team):
    with pytest.raises(ConfigurationError, match="Table 'payments': there is nothing at .*/nowhere.parquet"):
        run(team, f"tables.payments.path={team.root}/nowhere.parquet")


def test_an_unreadable_file_is_named(team):
    (team.root / "payments.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DataContractError, match="Table 'payments': .*payments.parquet holds"):
        run(team)


def test_an_unwritable_warehouse_is_refused_before_anything_is_read(team):
    (team.root / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be written: Not a directory"):
        run(team, f"warehouse={team.root}/file/wh", "tables.payments.path=nowhere")


def test_an_expression_that_the_data_does_not_suit_is_one_line(team):
    team.declarations.write_text(team.declarations.read_text().replace("amount > 100", "1 / (amount - 7) > 0"))
    with pytest.raises(DataContractError, match="^Feature table 'cards': Division by zero"):
        run(team)


def test_an_unknown_table_and_a_taken_name_are_refused(team):
    config = load_config(team.conf)
    with pytest.raises(DefinitionError, match="no feature table 'card'. Did you mean 'cards'?"):
        build(config, config.project(), ["card"])
    team.declarations.write_text(team.declarations.read_text().replace('"large"', '"as_of_date"'))
    with pytest.raises(DefinitionError, match="'as_of_date' is the name of its partitions"):
        run(team)
