"""The catalogue as a reader meets it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from tests.report.pages.conftest import Page
from tillthen.define.faults.errors import ReportError
from tillthen.materialize.description.catalogue import Catalogue, catalogue
from tillthen.report.pages.catalogue import page, render_catalogue
from tillthen.runtime.config import load_config


@pytest.fixture
def facts(team) -> Catalogue:
    config = load_config(team.conf)
    return catalogue(config, config.project())


def test_every_feature_with_its_clock(facts: Catalogue):
    read = Page(page(facts))
    listed = read.tables["Features of spending"]
    assert [cell.strip() for cell in listed[1][:3]] == [
        "spending__count_7d", "count, event_time in [as_of - 7d, as_of)", "–",
    ]  # fmt: skip
    assert listed[2][2].strip() == "payments.amount"
    assert "nothing but as_of itself: no offset, known time or delay" in "".join(read.text)
    assert "✗ not built: cards" in "".join(read.text)
    assert [cell.strip() for cell in read.tables["Sources and their clocks"][1][1:4]] == [
        "payments", "at", "at, since no known time is declared",
    ]  # fmt: skip


def test_the_page_and_its_json_say_the_same_and_the_same_again(facts: Catalogue, tmp_path):
    first = render_catalogue(facts, tmp_path / "a").read_bytes()
    assert render_catalogue(facts, tmp_path / "b").read_bytes() == first
    kept = json.loads((tmp_path / "a" / "catalog.json").read_text())
    assert kept == json.loads(json.dumps(asdict(facts)))
    assert json.loads(Page(first.decode()).raw["script"][0]) == kept


def test_hostile_names_are_text(facts: Catalogue):
    hostile = "</script><img src=x onerror=alert(1)>"
    table = replace(facts.tables[0], name=hostile, rows=hostile)
    read = Page(page(replace(facts, tables=[table])))
    assert "img" not in [tag for tag, _ in read.elements]
    assert hostile in "".join(read.text)


def test_a_folder_that_cannot_be_written(facts: Catalogue, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match="could not be written"):
        render_catalogue(facts, tmp_path / "file")
