"""One file, safe and the same every time, whatever the facts hold."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.making.hostile import HOSTILE, spoiled
from tillthen.define.faults.errors import ReportError
from tillthen.report.pages.compare import render_comparison
from tillthen.report.pages.index import render_index
from tillthen.report.pages.render import render_report
from tillthen.report.sections import ranking, verdict


def test_same_facts_same_bytes_in_every_process(make_facts, write_facts):
    path = write_facts(make_facts(folds=3, days=21))
    code = "import sys, pathlib, tillthen.report.pages.render as r; r.render_report(pathlib.Path(sys.argv[1]))"
    pages = set()
    for seed in ("0", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "0" else "UTC"}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=environment)
        pages.add((path.parent / "report.html").read_bytes())
    assert len(pages) == 1


def test_policy_allows_only_the_pages_own_style_and_script(make_facts, render):
    page = render(make_facts(models=4))
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    hashed = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
              for text in ("".join(page.raw["style"]), page.raw["script"][-1])]  # fmt: skip
    assert policy.startswith("default-src 'none'; ")
    assert re.findall("'sha256-(.+?)'", policy) == hashed
    for tag, attributes in page.elements:
        assert "style" not in attributes
        assert not any(name.startswith("on") or "://" in (value or "") for name, value in attributes.items()), tag
    assert not re.search(r"url\(|@import|https?:", "".join(page.raw["style"]))


def test_hostile_strings_are_text_and_nothing_else(make_facts, render, calm):
    page = render(spoiled(make_facts()))
    assert [tag for tag, _ in page.elements if tag in ("script", "img")] == ["script", "script"]
    assert {(tag, *attributes) for tag, attributes in page.elements} <= {(tag, *a) for tag, a in calm.elements}
    assert all(text in page.words for text in (*HOSTILE[:3], HOSTILE[4], HOSTILE[6]))
    assert json.loads(page.raw["script"][0])["format"] == "tillthen-facts/1"


def test_hostile_strings_are_text_in_lists_and_comparisons_too(make_facts, tmp_path, read_page):
    for name, plain in (("one", spoiled(make_facts())), ('"><img src=x>', spoiled(make_facts()))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "facts.json").write_text(json.dumps(plain))
    made = [render_index(tmp_path), render_comparison(*sorted(tmp_path.glob("*/")), tmp_path / "compare.html")]
    for page in map(read_page, made):
        assert [tag for tag, _ in page.elements if tag in ("script", "img")] == ["script", "script"]
        assert all(text in page.words for text in HOSTILE[:2])
    links = [a["href"] for tag, a in read_page(made[0]).elements if tag == "a" and a["href"].endswith("report.html")]
    assert links == ["%22%3E%3Cimg%20src%3Dx%3E/report.html", "one/report.html"]


def test_infinite_and_missing_numbers_are_not_measured(make_facts, write_facts, read_page, monkeypatch):
    monkeypatch.setattr("tillthen.report.pages.render.SECTIONS", (ranking,))
    path = write_facts(make_facts())
    text = re.sub(
        r'"average_precision": \{[^}]*\}', '"average_precision": {"value": Infinity, "n": 1}', path.read_text()
    )
    path.write_text(text)
    page = read_page(render_report(path))
    assert page.row("Metrics on the test rows", "Average precision") == ["– not measured", "– not measured"]


def test_twenty_folds_and_two_hundred_features_stay_small(make_facts, write_facts):
    plain = make_facts(models=4, folds=20, rows=20000, days=30)
    plain["features"] = [plain["features"][0] | {"name": f"card_spend__count_{n}h"} for n in range(200)]
    assert render_report(write_facts(plain)).stat().st_size < 2_000_000


def test_a_report_that_cannot_be_written_leaves_the_old_one(make_facts, write_facts, monkeypatch):
    path = write_facts(make_facts())
    monkeypatch.setattr("tillthen.report.pages.render.SECTIONS", (verdict,))
    report = render_report(path)
    before = report.read_bytes()

    def full(self, *_args, **_kwargs):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ReportError, match=r"report\.html' cannot be written: No space left"):
        render_report(path)
    assert report.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == ["facts.json", "report.html"]
