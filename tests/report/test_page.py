"""The whole page, from facts on disk: what it says, what it is safe from, and that it is the same every time."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tillthen.define.errors import ReportError
from tillthen.report.render import render_report

VOID = {"meta", "br", "img", "path", "use", "circle", "rect"}
HOSTILE = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$\\frac{1}$ {{ 7 * 7 }}",
           "خصم بطاقة \u202eevil", "非常に長い" * 40, "\x00\ud800\uffff", "a" * 300]  # fmt: skip


class Page(HTMLParser):
    """Elements in order, tables by caption, numbers with their text, and what scripts and styles hold."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.tables, self.numbers, self.raw = [], {}, [], {"script": [], "style": []}
        self.text, self.open, self.value, self.caption = [], [], None, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows = self.tables.setdefault(self.caption, [])
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "div" and "aria-label" in dict(attrs):
            self.caption = dict(attrs)["aria-label"]
        self.value = dict(attrs).get("value") if tag == "data" else self.value

    def handle_endtag(self, tag):
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_data(self, data):
        top = self.open[-1] if self.open else ""
        if top in self.raw:
            self.raw[top].append(data)
            return
        self.text.append(data)
        if top == "data":
            self.numbers.append((self.value, data))
        if "table" in self.open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip() + " "

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def row(self, caption, first):
        """The cells of a table's row."""
        rows = [[cell.strip() for cell in row] for row in self.tables[caption]]
        return next(row[1:] for row in rows if row[0].startswith(first))


@pytest.fixture
def render(write_facts):
    return lambda plain: Page(render_report(write_facts(plain)).read_text(encoding="utf-8"))


def test_same_facts_same_bytes_in_every_process(make_facts, write_facts):
    path = write_facts(make_facts(folds=3, days=21))
    code = "import sys, pathlib, tillthen.report.render as r; r.render_report(pathlib.Path(sys.argv[1]))"
    pages = set()
    for seed in ("0", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "0" else "UTC"}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=environment)
        pages.add((path.parent / "report.html").read_bytes())
    assert len(pages) == 1


@pytest.fixture(scope="module")
def calm(tmp_path_factory, make_facts):
    """The page of ordinary facts."""
    path = tmp_path_factory.mktemp("calm") / "facts.json"
    path.write_text(json.dumps(make_facts()))
    return Page(render_report(path).read_text(encoding="utf-8"))


def numbers_in(plain):
    if isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from numbers_in(inner)
    elif isinstance(plain, int | float):
        yield float(plain)


def read(text):
    """A number as the page writes it, and the size of its last digit."""
    clean = text.replace(",", "").replace("−", "-")
    digits = re.search(r"-?[0-9.]+(e-?\d+)?", clean)[0]
    mantissa, _, power = digits.partition("e")
    step = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    scale = 0.01 if "%" in text or "pp" in text else 1.0
    return float(digits) * scale, step * scale


@pytest.mark.parametrize("shape", [{}, {"models": 4, "folds": 3, "days": 21}, {"models": 1, "rows": 300, "rate": 0.01}])
def test_every_number_is_one_of_the_facts_and_reads_as_it(make_facts, render, shape):
    plain = make_facts(**shape)
    page, known = render(plain), set(numbers_in(plain))
    assert len(page.numbers) > 500
    for value, text in page.numbers:
        exact = float(value)
        shown, step = read(text)
        assert exact in known
        assert min(abs(shown - exact), abs(shown - exact / 100)) <= 0.51 * step, text  # money is in minor units


def test_money_is_shown_in_major_units(make_facts, render):
    plain = make_facts()
    plain["verdict"]["rows"][0] |= {"champion": 4123750.0, "challenger": 99950.0, "difference": -4023800.0}
    row = render(plain).row("At the operating point: Bayes minimum risk", "Net cost")
    assert row[:3] == ["EUR\xa041,238", "EUR\xa0999.50", "EUR\xa0−40,238 better"]


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [(-90000.0, -10000.0, "better"), (10000.0, 90000.0, "worse"), (-90000.0, 10.0, "unclear: the interval holds 0")],
)
def test_a_difference_is_called_better_only_as_far_as_its_interval_goes(make_facts, render, lower, upper, said):
    plain = make_facts(rows=400)
    middle = (lower + upper) / 2
    plain["verdict"]["rows"][0] |= {"difference": middle, "lower": lower, "upper": upper, "p_better": 0.9731}
    row = render(plain).row("At the operating point: Bayes minimum risk", "Net cost")
    assert row[2].endswith(said)
    assert row[3].startswith("EUR\xa0")
    assert row[4] == "97.3%"


def test_sections_are_in_order_and_links_lead_somewhere(calm):
    sections = [attributes["id"] for tag, attributes in calm.elements if tag == "section"]
    ids = [attributes["id"] for _, attributes in calm.elements if "id" in attributes]
    links = {attributes["href"][1:] for tag, attributes in calm.elements if tag in ("a", "use")}
    assert sections == ["verdict", "ranking", "cost", "calibration", "features", "protocol", "provenance", "limits"]
    assert len(ids) == len(set(ids))
    assert links <= set(ids)


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


def spoiled(plain, texts):
    """The same facts with every string replaced, apart from those with a meaning."""
    kept = {"tillthen-facts/1", "lower", "higher", "bayes_minimum_risk"}
    if isinstance(plain, dict):
        return {key: inner if key == "day" or key.endswith(("_from", "_to")) else spoiled(inner, texts)
                for key, inner in plain.items()}  # fmt: skip
    if isinstance(plain, list):
        return [spoiled(inner, texts) for inner in plain]
    return texts[len(plain) % len(texts)] + plain if isinstance(plain, str) and plain not in kept else plain


def test_hostile_strings_are_text_and_nothing_else(make_facts, render, calm):
    page = render(spoiled(make_facts(), HOSTILE))
    assert [tag for tag, _ in page.elements if tag in ("script", "img")] == ["script", "script"]
    assert {(tag, *attributes) for tag, attributes in page.elements} <= {(tag, *a) for tag, a in calm.elements}
    assert all(text in page.words for text in (*HOSTILE[:3], HOSTILE[4], HOSTILE[6]))
    assert json.loads(page.raw["script"][0])["format"] == "tillthen-facts/1"


def test_infinite_and_missing_numbers_are_not_measured(make_facts, write_facts):
    path = write_facts(make_facts())
    text = re.sub(
        r'"average_precision": \{[^}]*\}', '"average_precision": {"value": Infinity, "n": 1}', path.read_text()
    )
    path.write_text(text)
    page = Page(render_report(path).read_text())
    assert page.row("Metrics on the test rows", "Average precision") == ["– not measured", "– not measured"]


def test_facts_of_nothing_say_why_in_every_section(render):
    page = render({"format": "tillthen-facts/1"})
    for words in (
        "No metric was measured", "No gates are declared", "No model was scored", "No costs were measured",
        "Calibration was not measured", "no features", "no folds", "No canary ran", "No table is pinned",
        "states no limits",
    ):  # fmt: skip
        assert words.lower() in page.words.lower()


def test_models_without_their_parts_still_render(make_facts, render, calm):
    plain = make_facts(models=4)
    parts = ("pr_curve", "value_pr_curve", "thresholds", "policies", "capacity", "calibration", "daily", "metrics")
    for place, model in enumerate(plain["models"]):
        model.update(dict.fromkeys(parts[2 * place : 2 * place + 2]))
    figures = [a["id"] for tag, a in render(plain).elements if tag == "svg" and "id" in a]
    usual = [a["id"] for tag, a in calm.elements if tag == "svg" and "id" in a]
    assert figures == [*usual[:9], "reliability-1", "reliability-3", "folds", "maturity"]


def test_too_few_positives_say_so(make_facts, render, calm):
    page = render(make_facts(rows=600, rate=0.005))
    assert "✗ too few: 3 positives, 20 needed" in page.words
    assert "n\xa0=\xa0600 rows, 3 positives: too few" in " ".join(page.text)
    assert page.words.count("Read none of this as a result.") == 4
    assert "ranks best" not in page.words
    assert "✗ too few" not in calm.words
    assert "Read none of this" not in calm.words


def test_a_failed_gate_and_a_silent_canary_are_on_top(make_facts, render):
    plain = make_facts()
    plain["protocol"]["canaries"][0]["fired"] = False
    page = render(plain)
    head = page.words[: page.words.index("Should the challenger")]
    assert "✗ gates failed: 1 of 2" in head
    assert "✗ canaries silent: 1 of 2" in head
    assert "Silent: labels shuffled." in page.words


def test_without_challenger_nothing_is_compared(make_facts, render):
    page = render(make_facts(models=1))
    heads = page.tables["At the operating point: Bayes minimum risk"][0]
    assert [head.strip() for head in heads] == ["Metric", "● logistic_regression champion"]
    assert "No challenger is declared" in page.words


def test_published_figures_stand_beside_the_measured_ones(calm):
    rows = [[cell.strip() for cell in row[1:7]] for row in calm.tables["Published and measured"][1:]]
    assert rows == [
        ["ROC AUC", "0.871", "0.872", "+0.001", "0.003", "✓ holds"],
        ["Average precision", "0.606", "0.590", "−0.016", "0.003", "✗ differs"],
    ]


def test_twenty_folds_and_two_hundred_features_stay_small(make_facts, write_facts):
    plain = make_facts(models=4, folds=20, rows=20000, days=30)
    plain["features"] = [plain["features"][0] | {"name": f"card_spend__count_{n}h"} for n in range(200)]
    assert render_report(write_facts(plain)).stat().st_size < 2_000_000


def test_a_report_that_cannot_be_written_leaves_the_old_one(make_facts, write_facts, monkeypatch):
    path = write_facts(make_facts())
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
