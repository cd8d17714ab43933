"""What a section is made of. Sections build these; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

from tillthen.report.drawing.looks import Look

Tone = Literal["", "weak", "good", "bad"]


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text
        As read by people.
    value
        The number of the facts it stands for, where it is one.
    digits
        The number counts units of ``10 ** -digits`` of what is read: money is kept in minor units.
    note
        Small print under it: why there is none, or that it rests on too few.
    look
        The mark of a model, where it names one.
    bar
        A drawing that repeats the number.
    code
        Written as in the declarations: an expression, a hash, a path.
    link
        Where its text leads, relative to the page.
    """

    text: str
    value: float | None = None
    note: str = ""
    tone: Tone = ""
    look: Look | None = None
    bar: Markup | None = None
    code: bool = False
    digits: int = 0
    link: str = ""


@dataclass(frozen=True)
class Column:
    """A table's column: unit and sample are in the head."""

    title: str
    unit: str = ""
    numeric: bool = True
    term: str = ""
    look: Look | None = None


def texts(*titles: str) -> list[Column]:
    """Columns of words."""
    return [Column(title, numeric=False) for title in titles]


@dataclass(frozen=True)
class Table:
    """Rows under a head. The first cell of a row is its heading.

    Parameters
    ----------
    sample
        Rows and positives that every number of the table rests on, where they are the same.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    sample: str = ""
    note: str = ""
    large: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing with what it shows in words, and the table it was drawn from."""

    slug: str
    title: str
    reading: str
    drawing: Markup
    table: Table
    look: Look | None = None
    wide: bool = False


@dataclass(frozen=True)
class Figures:
    """Drawings side by side where there is room."""

    kind: ClassVar[str] = "figures"
    figures: list[Figure]


@dataclass(frozen=True)
class Prose:
    """A paragraph; "lead" is the section's answer, "missing" says why there is none."""

    kind: ClassVar[str] = "prose"
    text: str
    style: Literal["", "lead", "note", "missing", "warning"] = ""


@dataclass(frozen=True)
class Heading:
    """A part of a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    kind: ClassVar[str] = "bullets"
    items: list[str]


@dataclass(frozen=True)
class Terms:
    """Words and what they say; "literal" values are as declared, a "glossary" can be linked to."""

    kind: ClassVar[str] = "terms"
    items: list[tuple[str, str]]
    style: Literal["", "literal", "glossary"] = ""


@dataclass(frozen=True)
class Details:
    """Blocks that open on demand, and always in print."""

    kind: ClassVar[str] = "details"
    summary: str
    blocks: list[Block]


@dataclass(frozen=True)
class Choice:
    """A model that can be explored.

    Parameters
    ----------
    place, start, steps
        Its place in the facts, the step at which it operates, and how many steps there are.
    few
        It rests on too few positives for a change to be called better or worse.
    """

    place: int
    start: int
    steps: int
    few: bool
    name: str
    role: str
    look: Look


@dataclass(frozen=True)
class Measure:
    """A number that the explorer shows; without a ``better`` side it is neither good nor bad."""

    key: str
    title: str
    unit: Literal["money", "share", "ratio", "bps", "count"]
    better: Literal["lower", "higher", ""] = ""
    term: str = ""


@dataclass(frozen=True)
class Knob:
    """A cost input that can be changed; ``shown`` and ``most`` are written in the unit beside its box."""

    name: str
    title: str
    unit: str
    shown: str
    scale: float
    most: str


@dataclass(frozen=True)
class Live:
    """A drawing with a mark that follows the explorer."""

    title: str
    reading: str
    drawing: Markup


@dataclass(frozen=True)
class Explorer:
    """The threshold explorer. It reads the facts that the page carries; without scripts its drawings remain.

    ``digits`` are the currency's.
    """

    kind: ClassVar[str] = "explorer"
    choices: list[Choice]
    groups: list[tuple[str, list[Measure]]]
    drawings: list[Live]
    knobs: list[Knob]
    policy: str
    digits: int


Block = Table | Figures | Prose | Heading | Bullets | Terms | Details | Explorer


def answer(sentences: Sequence[str]) -> list[Block]:
    """The first sentence large, the others as paragraphs."""
    return [Prose(text, "lead" if place == 0 else "") for place, text in enumerate(sentences)]


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    question
        What it answers.
    """

    slug: str
    title: str
    question: str
    blocks: list[Block] = field(default_factory=list)
