"""What every section is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tillthen.report.drawing.looks import Look, looks
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.schema import Facts
from tillthen.report.facts.selection import operating, sample
from tillthen.report.parts.blocks import Column
from tillthen.report.texts.numbers import Money, few, too_few
from tillthen.report.texts.words import policy_title


@dataclass(frozen=True)
class Context:
    """The facts, with how models and money are shown throughout the page."""

    facts: Facts

    @cached_property
    def looks(self) -> dict[str, Look]:
        """By model."""
        return looks(self.facts)

    @cached_property
    def money(self) -> Money:
        """Of the backtest's currency."""
        return self.facts.backtest.money

    @cached_property
    def models(self) -> list[ModelFacts]:
        """In the order of their looks: champion, challenger, then as declared."""
        return sorted(self.facts.models, key=lambda model: self.looks[model.name].number)

    @property
    def policy(self) -> str:
        """The operating point's policy."""
        return self.facts.verdict.policy or self.facts.backtest.policy

    @property
    def policy_title(self) -> str:
        """What the operating point's policy is called."""
        rows = (operating(model, self.policy) for model in self.models)
        return next((policy_title(row.name, row.title) for row in rows if row), policy_title(self.policy))

    def leading(self, models: Sequence[ModelFacts]) -> list[ModelFacts]:
        """Of some models the champion and the challenger; all where neither is among them."""
        return [model for model in models if self.looks[model.name].leading] or list(models)

    def decided(self, models: Sequence[ModelFacts]) -> ModelFacts:
        """Of some models the one that is decided upon: the challenger where there is one, else the champion."""
        backtest = self.facts.backtest
        wanted = [backtest.challenger, backtest.champion]
        return min(models, key=lambda model: wanted.index(model.name) if model.name in wanted else len(wanted))

    @property
    def caution(self) -> str:
        """Why no conclusion can be drawn, where positives are too few."""
        positives = sample(self.models[0])[1] if self.models else None
        return f"{too_few(positives).capitalize()}. Read none of this as a result." if few(positives) else ""

    def heads(self) -> list[Column]:
        """A column for each model."""
        return [Column(m.name, unit=m.role, look=self.looks[m.name]) for m in self.models]
