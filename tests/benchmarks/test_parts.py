"""The parts that take minutes, on a few rows: they run to their end, and what they check holds."""

from __future__ import annotations

import pytest

from benchmarks import rivals, scale, shares, windows
from benchmarks.data import Shape


@pytest.mark.long
def test_windows(spark, tmp_path):
    assert len(windows.few(spark, tmp_path, 20_000)) == 4
    assert len(windows.many(spark, tmp_path, 20_000)) == 3


@pytest.mark.long
def test_shares(spark, tmp_path, capsys):
    shares.benchmark(spark, tmp_path, 20_000)
    table = capsys.readouterr().out.splitlines()[-4:]
    assert [row.split("|")[1].strip() for row in table] == ["features", "---", "12", "28"]


@pytest.mark.long
def test_scale(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "SIZES", (10_000, 20_000, 40_000))
    *_, scan = scale.benchmark(spark, tmp_path)
    assert scan.holds


@pytest.mark.long
def test_rivals_give_the_same(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(rivals, "Shape", lambda rows, hot=0.0, **more: Shape(rows // 50, hot, **more))
    assert "rows equal" in rivals.benchmark(spark, tmp_path)[0].detail
