from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

UNSHARED = ["unshare", "--map-root-user", "--mount"]


def can_mount(folder) -> bool:
    try:
        return not subprocess.run([*UNSHARED, "mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True,
                                  check=False).returncode  # fmt: skip
    except FileNotFoundError:
        return False


def test_a_disk_that_fills_up_during_a_night_is_one_line_and_loses_nothing(tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("needs a small disk of its own: 'unshare --map-root-user --mount' is not allowed here")
    ran = subprocess.run([*UNSHARED, sys.executable, "-W", "ignore", "-m", "tests.materialize.small_disk",
                          str(tmp_path)],
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    full, roomy = found["rows"]
    assert full == roomy
    before = [row for row in roomy if "date(2024, 3, 1)" in row]
    failed = {said: rows for said, rows in found["said"] if said != "built"}
    assert len(failed) == 2  # the night's write met it, then another
    for said, rows in failed.items():
        assert re.match(r"^\S+ could not be written: [^\n]* Free some space[^\n]*$", said)
        assert rows in (before, roomy)  # the night is there or it is not
