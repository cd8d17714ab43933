from __future__ import annotations

import json
import os

import pytest

from tillthen.define.faults.errors import ConfigurationError, DataContractError
from tillthen.runtime.status import recorded, write_status


def test_what_cannot_be_written_leaves_the_old_file_alone(tmp_path):
    file = write_status(tmp_path / "runs" / "status.json", {"b": 1, "a": "é"})
    assert file.read_text(encoding="utf-8") == '{\n  "a": "é",\n  "b": 1\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_status(file, {"a": float("nan")})
    assert [path.name for path in file.parent.iterdir()] == ["status.json"]
    assert json.loads(file.read_text(encoding="utf-8"))["b"] == 1


def test_a_run_is_recorded_while_it_runs_and_when_it_ends(tmp_path):
    file = tmp_path / "status.json"
    with recorded(file, "build") as facts:
        running = json.loads(file.read_text())
        facts["results"] = ["table"]
    ended = json.loads(file.read_text())
    assert (running["state"], running["process"]) == ("running", os.getpid())
    assert (ended["state"], ended["exit_code"], ended["results"]) == ("succeeded", 0, ["table"])


@pytest.mark.parametrize(("error", "code"), [(DataContractError("bad rows"), 4), (ZeroDivisionError("bad rows"), 1)])
def test_a_failed_run_keeps_its_error_and_exit_code(tmp_path, error, code):
    file = tmp_path / "status.json"
    with pytest.raises(type(error)), recorded(file, "build"):
        raise error
    status = json.loads(file.read_text())
    assert (status["state"], status["exit_code"], status["error"]) == ("failed", code, "bad rows")


def test_a_place_that_takes_no_files_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"/file/status\.json could not be written: .*Free some space"):
        write_status(tmp_path / "file" / "status.json", {})
