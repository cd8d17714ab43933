import json

from tillthen.backtest.audited import last_audit


def write(records, run_id, version, differences=()):
    sets = [{"rows": 10, "values": 30, "later": 20, "differences": list(differences)},
            {"rows": 5, "values": 5, "later": 0, "differences": []}]  # fmt: skip
    tables = [{"table": "cards", "version": version, "sets": sets, "leaks": [], "doubts": ["a doubt"]}]
    folder = records / "_runs" / run_id
    folder.mkdir(parents=True)
    (folder / "audit.json").write_text(json.dumps({"run_id": run_id, "tables": tables}))


def test_the_newest_audit_of_the_version_counts(tmp_path):
    write(tmp_path, "20240101T000000Z-a", 3, differences=["x"])
    write(tmp_path, "20240102T000000Z-b", 3)
    write(tmp_path, "20240103T000000Z-c", 4)
    assert last_audit(tmp_path, "cards", 3) == {
        "run_id": "20240102T000000Z-b", "version": 3, "rows": 15, "values": 55, "differences": 0, "leaks": [],
        "doubts": ["a doubt"],
    }  # fmt: skip
    assert last_audit(tmp_path, "cards", 2) is None
    assert last_audit(tmp_path, "other", 3) is None


def test_an_audit_that_was_not_finished_is_passed_over(tmp_path):
    write(tmp_path, "20240101T000000Z-a", 3)
    (tmp_path / "_runs" / "20240102T000000Z-b").mkdir()
    (tmp_path / "_runs" / "20240102T000000Z-b" / "audit.json").write_text("{")
    assert last_audit(tmp_path, "cards", 3)["run_id"] == "20240101T000000Z-a"
