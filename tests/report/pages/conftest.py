"""Pages as a reader meets them: parsed, with their tables, numbers and words."""

import json
from html.parser import HTMLParser

import pytest

from tillthen.report.pages.render import SECTIONS, render_report

VOID = {"meta", "br", "img", "path", "use", "circle", "rect"}


class Page(HTMLParser):
    """Elements in order, tables by caption, numbers with their text, and what scripts and styles hold."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.tables, self.numbers, self.raw = [], {}, [], {"script": [], "style": []}
        self.text, self.open, self.data, self.caption = [], [], {}, ""
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
        self.data = dict(attrs) if tag == "data" else self.data

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
            self.numbers.append((self.data["value"], int(self.data.get("data-digits", 0)), data))
        if "table" in self.open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip() + " "

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def row(self, caption, first):
        """The cells of a table's row."""
        rows = [[cell.strip() for cell in row] for row in self.tables[caption]]
        return next(row[1:] for row in rows if row[0].startswith(first))


@pytest.fixture(scope="session")
def read_page():
    """Parse a report on disk."""
    return lambda path: Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def render(write_facts, read_page, monkeypatch):
    """Facts to a parsed page, of all sections or only of those named."""

    def render(plain, *names):
        chosen = [module for module in SECTIONS if not names or module.__name__.rpartition(".")[2] in names]
        monkeypatch.setattr("tillthen.report.pages.render.SECTIONS", chosen)
        return read_page(render_report(write_facts(plain)))

    return render


@pytest.fixture(scope="session")
def calm(tmp_path_factory, make_facts, read_page):
    """The page of ordinary facts."""
    path = tmp_path_factory.mktemp("calm") / "facts.json"
    path.write_text(json.dumps(make_facts()))
    return read_page(render_report(path))
