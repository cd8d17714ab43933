"""The leak audit of one feature set: section 8 of the clock contract, on rows that are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from tillthen.define.expressions.literals import quoted
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.features.window import Closed
from tillthen.pit.audit.agreement import Disagreement, bits, disagreements
from tillthen.pit.audit.evidence import NUMBER, rows_of_keys, texts_of
from tillthen.pit.audit.nearby import culprit
from tillthen.pit.audit.perturbed import answers, moments
from tillthen.pit.audit.restated import evidence_of
from tillthen.pit.audit.sample import Sample, choose
from tillthen.pit.oracle.lives import Event, Row, events_of
from tillthen.pit.oracle.plain import ID, TIE, instant, plain_set

MOVED_ROWS = 20
"""Of so many rows ``as_of`` is moved across the boundaries of an event."""


@dataclass(frozen=True)
class Difference:
    """A value that is not the contract's, and the event that explains it.

    ``check`` is "stored" where the table holds it; "with later rows" where the engine gives it once rows of the future
    and rows that are known later are added; "moved" where it gives it at an ``as_of`` moved across an event.
    """

    check: str
    feature: str
    id: str
    key: dict[str, str]
    as_of: str
    value: str
    expected: str
    event: str

    def __str__(self) -> str:
        whose = ", ".join(f"{name} {value}" for name, value in self.key.items())
        return (f"'{self.feature}' of row {self.id} ({whose}, as of {self.as_of}): expected {self.expected}, "
                f"{self.check} {self.value}. {self.event}.")  # fmt: skip


@dataclass
class SetAudit:
    """What was compared of a feature set.

    ``rows`` were audited, ``left_out`` passed over because their key has too many events; ``values`` are the cells
    compared with the oracle's, ``later`` those with later rows added, ``moved`` those at a moved ``as_of``.
    """

    name: str
    rows: int = 0
    left_out: int = 0
    values: int = 0
    later: int = 0
    moved: int = 0
    differences: list[Difference] = field(default_factory=list)


def audit_set(sample: Sample, group: FeatureSet, tables: Mapping[str, DataFrame], size: int) -> SetAudit:
    """Audit ``size`` of the sample's rows against the source; features that look ahead are passed over.

    ``tables`` are by the name of their source, also of those that the set's source is made of.
    """
    group = group.only(feature for feature in group.declared if not feature.window.ahead)
    keys = [tuple(row[name] for name in group.entity) for row in sample.rows]
    first = {key: i for i, key in reversed(list(enumerate(keys)))}
    numbers = [first[key] for key in keys]
    wanted = sorted(first.values())
    asked = sample.take(wanted, group.entity, number=wanted)
    found = rows_of_keys(tables[group.source.name], group, asked)
    counts = {row[NUMBER]: row["count"] for row in found.groupBy(quoted(NUMBER)).count().collect()}
    chosen, left_out = choose(numbers, counts, size, len(group.reads) + len(texts_of(group)))
    these = F.col(quoted(NUMBER)).isin({numbers[i] for i in chosen})
    evidence = evidence_of(found.where(these), group, tables, asked.where(these))
    rows = {i: evidence.rows.get(numbers[i], []) for i in chosen}
    made = SetAudit(group.name, rows=len(chosen), left_out=left_out)
    audit = _Audit(sample, group, plain_set(group), rows, made)
    audit.check_stored()
    audit.check_engine(evidence.frame)
    return made


@dataclass(frozen=True)
class _Audit:
    """The rows of the source by the position of the sample's row whose key they have."""

    sample: Sample
    group: FeatureSet
    plain: FeatureSet
    rows: Mapping[int, Sequence[Row]]
    made: SetAudit
    lives: dict[int, list[Event]] = field(default_factory=dict)

    def check_stored(self) -> None:
        """Compare what is stored with the oracle's, once all that is not visible is deleted."""
        for i, rows in self.rows.items():
            question = self._question(i, self.sample.as_of(i))
            for closed in dict.fromkeys(feature.window.closed for feature in self.group.declared):
                declared = [feature for feature in self.plain.declared if feature.window.closed == closed]
                left = visible(self._lives(rows), self.sample.as_of(i), closed)
                found = self._differing(question, self.plain.only(declared), left, self.sample.rows[i])
                self._report("stored", i, question, found)
                self.made.values += len(declared)

    def check_engine(self, frame: DataFrame) -> None:
        """Compare what the engine says with later rows added, and at moved times."""
        asked = [(i, self.sample.as_of(i)) for i in self.rows]
        moved = [(i, at) for i in [*self.rows][:MOVED_ROWS]
                 for at in moments(self._lives(self.rows[i]), self.sample.as_of(i))]  # fmt: skip
        given = answers(self.sample, self.group, frame, [*asked, *moved])
        wrong = {(one.id, one.feature) for one in self.made.differences}
        for (i, at), got in zip(asked, given, strict=False):
            found = [one for one in _changed(self.group, self.sample.rows[i], got)
                     if (str(self.sample.rows[i][self.sample.id]), one.feature.name) not in wrong]  # fmt: skip
            self._report("with later rows", i, self._question(i, at), found)
            self.made.later += len(self.group.declared)
        for (i, at), got in zip(moved, given[len(asked) :], strict=True):
            question = self._question(i, at)
            self._report("moved", i, question, self._differing(question, self.plain, self.rows[i], got))
            self.made.moved += len(self.group.declared)

    def _lives(self, rows: Sequence[Row]) -> list[Event]:
        """The events of a key's rows, made once for all the sample's rows that have the key."""
        if id(rows) not in self.lives:
            self.lives[id(rows)] = events_of(self.plain.source, rows)
        return self.lives[id(rows)]

    def _question(self, i: int, as_of: int) -> Row:
        row, source = self.sample.rows[i], self.group.source
        named = {ID: source.id, TIE: self.group.within_tie}
        known = {ours: row.get(theirs) for ours, theirs in named.items() if theirs}
        return {**{name: row[name] for name in self.group.entity}, "as_of": as_of, **known}

    def _differing(self, question: Row, group: FeatureSet, rows: Sequence[Row], got: Row) -> list[Disagreement]:
        return disagreements([question], [group], {group.source.name: rows}, [got])

    def _report(self, check: str, i: int, question: Row, found: Iterable[Disagreement]) -> None:
        for one in found:
            event = culprit(one.feature, question, self.plain, self.rows[i], one.got)
            key = {name: str(question[name]) for name in self.group.entity}
            as_of = instant(int(str(question["as_of"])))
            id_ = str(self.sample.rows[i][self.sample.id])
            self.made.differences.append(
                Difference(check, one.feature.name, id_, key, as_of, repr(one.got), repr(one.expected), event)
            )


def visible(lives: Sequence[Event], as_of: int, closed: Closed) -> list[Row]:
    """The raw rows that are left when all that the contract hides at ``as_of`` are deleted, by rules 1 to 3."""
    known = [event for event in lives if event.known_at(as_of)]
    return [event.row for event in known if event.time < as_of or (closed == "right" and event.time == as_of)]


def _changed(group: FeatureSet, stored: Row, got: Row) -> Iterator[Disagreement]:
    for feature in group.declared:
        if bits(stored[feature.name]) != bits(got[feature.name]):
            yield Disagreement(0, feature, stored[feature.name], got[feature.name])
