"""What every section is made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tillthen.report.blocks import Column
from tillthen.report.facts import Facts
from tillthen.report.looks import Look, looks
from tillthen.report.measures import ModelFacts
from tillthen.report.numbers import Money
from tillthen.report.selection import operating
from tillthen.report.words import policy_title


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
        return Money(self.facts.backtest.currency, self.facts.backtest.minor_digits)

    @cached_property
    def models(self) -> list[ModelFacts]:
        """In the order of their looks: champion, challenger, then as declared."""
        return sorted(self.facts.models, key=lambda model: self.looks[model.name].number)

    @property
    def policy(self) -> str:
        """The operating point's policy."""
        return self.facts.verdict.policy

    @property
    def policy_title(self) -> str:
        """What the operating point's policy is called."""
        rows = (operating(model, self.policy) for model in self.models)
        return next((policy_title(row.name, row.title) for row in rows if row), policy_title(self.policy))

    def role(self, name: str) -> str:
        """Champion, challenger or candidate."""
        model = self.facts.model(name)
        return "" if model is None else model.role

    def heads(self) -> list[Column]:
        """A column for each model."""
        return [Column(m.name, unit=m.role, look=self.looks[m.name]) for m in self.models]
