from __future__ import annotations

import re
from time import sleep

import pytest

from tillthen.runtime.progress import step


def test_a_finished_step_is_a_line_with_rows_and_seconds(capsys):
    with step("Write table") as running:
        running.rows = 1_234_567
    assert re.fullmatch(r"Write table +1,234,567 rows +0\.0 s\n", capsys.readouterr().err)


def test_a_long_step_shows_that_it_lives(capsys):
    with step("Wait", heartbeat=0.02):
        sleep(0.1)
    assert capsys.readouterr().err.startswith("Wait ... 0 s\n")


def test_a_failed_step_is_not_said_to_be_done(capsys):
    with pytest.raises(ZeroDivisionError), step("Divide"):
        1 / 0  # noqa: B018
    assert capsys.readouterr().err == ""
