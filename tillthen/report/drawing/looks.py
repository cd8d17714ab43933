"""One colour, mark and line for each model, the same throughout the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tillthen.report.facts.schema import Facts

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
"""At least 3:1 on white and on #151515, told apart with any kind of colour vision."""

MARKERS = ("o", "s", "^", "D")
GLYPHS = ("●", "■", "▲", "◆")
OPEN_GLYPHS = ("○", "□", "△", "◇")
Dashes = Literal["solid"] | tuple[float, tuple[float, ...]]
LINES: tuple[Dashes, ...] = ("solid", (0, (6, 2)), (0, (2, 1.6)), (0, (7, 2, 1.5, 2)))


@dataclass(frozen=True)
class Look:
    """How one model is drawn; colour is never alone: mark and line differ too."""

    number: int
    leading: bool

    @property
    def colour(self) -> str:
        """Of its lines and marks."""
        return COLOURS[self.number % len(COLOURS)]

    @property
    def marker(self) -> str:
        """Of its points, by matplotlib's name."""
        return MARKERS[self.number % len(MARKERS)]

    @property
    def filled(self) -> bool:
        """False from the fifth model on: the colours begin again, with open marks."""
        return self.number < len(COLOURS)

    @property
    def glyph(self) -> str:
        """Its mark in text."""
        return (GLYPHS if self.filled else OPEN_GLYPHS)[self.number % len(GLYPHS)]

    @property
    def line(self) -> Dashes:
        """Its dashes."""
        return LINES[self.number % len(LINES)]

    @property
    def width(self) -> float:
        """Of its line; the leading ones are wider."""
        return 2.2 if self.leading else 1.4

    @property
    def css(self) -> str:
        """The class of its colour in the style sheet."""
        return f"m{self.number % len(COLOURS)}"


def looks(facts: Facts) -> dict[str, Look]:
    """By model: the champion first, then the challenger, then the others as declared."""
    leading = [facts.backtest.champion, facts.backtest.challenger]
    names = [model.name for model in facts.models]
    order = [name for name in leading if name in names] + [name for name in names if name not in leading]
    return {name: Look(number, name in leading) for number, name in enumerate(order)}
