from __future__ import annotations

import re
from time import sleep

import pytest

from tillthen.runtime.progress import each, step


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


def test_a_screen_shows_how_much_is_done(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    for number in each("Folds", [1, 2, 3]):
        with step(f"Score {number}"):
            sleep(0.15)
    shown = capsys.readouterr().err
    assert "2/3" in shown
    assert re.findall(r"Score (\d) +0\.\d s", shown) == ["1", "2", "3"]


def test_without_a_screen_there_are_lines_alone(capsys):
    assert list(each("Folds", [1, 2])) == [1, 2]
    assert capsys.readouterr().err == ""
