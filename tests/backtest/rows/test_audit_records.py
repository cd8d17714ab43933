import json
from dataclasses import replace

from tillthen.backtest.rows.audit_records import last_audit, record
from tillthen.tables.pins import Pin

CARDS = Pin("wh/cards", "delta", 3, table="id")


def write(records, run_id, version, differences=(), table="id", **told):
    sets = [{"rows": 10, "values": 30, "later": 20, "differences": list(differences)},
            {"rows": 5, "values": 5, "later": 0, "differences": []}]  # fmt: skip
    tables = [{"table": "cards", "version": version, "sets": sets, "table_id": table, "leaks": [],
               "doubts": ["a doubt"]}]  # fmt: skip
    folder = records / "_runs" / run_id
    folder.mkdir(parents=True)
    (folder / "audit.json").write_text(json.dumps({"run_id": run_id, "tables": tables, **told}))


def test_the_newest_audit_of_the_version_counts(tmp_path):
    write(tmp_path, "20240101T000000Z-a", 3, differences=["x"])
    write(tmp_path, "20240102T000000Z-b", 3)
    write(tmp_path, "20240103T000000Z-c", 4)
    assert last_audit(tmp_path, "cards", CARDS) == {
        "run_id": "20240102T000000Z-b", "version": 3, "rows": 15, "values": 55, "differences": 0, "leaks": [],
        "doubts": ["a doubt"],
    }  # fmt: skip
    assert last_audit(tmp_path, "cards", replace(CARDS, version=2)) is None
    assert last_audit(tmp_path, "other", CARDS) is None


def test_an_audit_that_was_not_finished_is_passed_over(tmp_path):
    write(tmp_path, "20240101T000000Z-a", 3)
    (tmp_path / "_runs" / "20240102T000000Z-b").mkdir()
    (tmp_path / "_runs" / "20240102T000000Z-b" / "audit.json").write_text("{")
    assert last_audit(tmp_path, "cards", CARDS)["run_id"] == "20240101T000000Z-a"


def test_the_newest_is_the_last_that_was_recorded_though_its_drivers_clock_is_behind(tmp_path):
    write(tmp_path, "20240101T001000Z-a", 3, differences=["x"])
    found = json.loads((tmp_path / "_runs/20240101T001000Z-a/audit.json").read_text())["tables"]
    for minute, differences in ((7, ["y"]), (3, [])):
        found[0]["sets"][0]["differences"] = differences
        record(tmp_path, f"20240101T000{minute}00Z-b", {"tables": found}, lambda: None)
    assert last_audit(tmp_path, "cards", CARDS)["run_id"] == "20240101T000300Z-b"


def test_an_audit_of_a_table_that_was_made_anew_since_is_none(tmp_path):
    write(tmp_path, "20240101T000000Z-a", 3, table="another")
    assert last_audit(tmp_path, "cards", CARDS) is None
