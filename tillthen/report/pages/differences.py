"""What two runs declared, read or were trained with differently: facts of both in, rows of words out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tillthen.report.facts.measures import ModelFacts
from tillthen.report.facts.schema import Facts, Fold, Rows
from tillthen.report.parts.declared_costs import declared_costs
from tillthen.report.texts.moments import when, window

NONE = "–"
Row = tuple[str, str, str]
"""What is meant, as it is in A, as it is in B."""


def definitions(a: Facts, b: Facts) -> list[Row]:
    """Of the backtest, its models and the hashes of its declarations."""
    asked = ("name", "table", "label", "champion", "challenger", "card", "capacity", "policy")
    rows = _mapped(a.backtest.model_dump(include=set(asked)), b.backtest.model_dump(include=set(asked)), asked)
    rows += _mapped(
        {"folds": a.protocol.mode, "label rule": a.protocol.label_rule, "maturity": a.protocol.maturity,
         "labels as known at": when(a.protocol.evaluation_time), "operating policy": a.verdict.policy,
         "gates": [f"{gate.name}: {gate.expected}" for gate in a.verdict.gates],
         "left out": [each.rule for each in a.protocol.exclusions]},
        {"folds": b.protocol.mode, "label rule": b.protocol.label_rule, "maturity": b.protocol.maturity,
         "labels as known at": when(b.protocol.evaluation_time), "operating policy": b.verdict.policy,
         "gates": [f"{gate.name}: {gate.expected}" for gate in b.verdict.gates],
         "left out": [each.rule for each in b.protocol.exclusions]},
    )  # fmt: skip
    rows += _models({one.name: one for one in a.models}, {one.name: one for one in b.models})
    hashes = (
        {"definitions": facts.provenance.definitions_hash, "code": facts.provenance.code_hash} for facts in (a, b)
    )
    return rows + [(f"hash of {name}", one, other) for name, one, other in _mapped(*hashes)]


def features(a: Facts, b: Facts) -> list[Row]:
    """Features that only one has, and those whose clock reads differently."""
    first, second = ({one.name: one.clock or "declared" for one in facts.features} for facts in (a, b))
    return _mapped(first, second)


def inputs(a: Facts, b: Facts) -> list[Row]:
    """Tables with their versions, seeds and versions of libraries."""
    first, second = ({one.name: one for one in facts.provenance.tables} for facts in (a, b))
    rows = []
    for name in _names(first, second):
        left, right = first.get(name), second.get(name)
        rows += _mapped(
            {f"{name}, {_plain(key)}": value for key, value in left.model_dump(exclude={"name"}).items()}
            if left
            else {},
            {f"{name}, {_plain(key)}": value for key, value in right.model_dump(exclude={"name"}).items()}
            if right
            else {},
        )
    seeds = _prefixed("seed of", a.provenance.seeds, b.provenance.seeds)
    return rows + seeds + _mapped(a.provenance.versions, b.provenance.versions)


def costs(a: Facts, b: Facts) -> list[Row]:
    """Cost inputs, as declared, each in the run's own currency."""
    return _mapped(*(declared_costs(side) for side in (a, b)))


def folds(a: Facts, b: Facts) -> list[Row]:
    """Windows and counts of the folds, by number."""
    first, second = ({fold.number: fold for fold in facts.protocol.folds} for facts in (a, b))
    rows: list[Row] = []
    for number in _names(first, second):
        sides = [dict(_fold(known[number])) if number in known else {} for known in (first, second)]
        rows += [(f"fold {number}, {name}", left, right) for name, left, right in _mapped(*sides)]
    return rows


def same_rows(a: Facts, b: Facts) -> bool:
    """Whether both were tested on the same rows of the same version of the table, with the same labels."""
    return not folds(a, b) and _tested(a) == _tested(b)


def _tested(facts: Facts) -> object:
    used = [(one.name, one.version) for one in facts.provenance.tables]
    left_out = [each.model_dump() for each in facts.protocol.exclusions]
    protocol = (facts.protocol.label_rule, facts.protocol.maturity, facts.protocol.evaluation_time)
    return facts.backtest.table, used, left_out, protocol


def _fold(fold: Fold) -> Iterator[tuple[str, object]]:
    yield "trained on", window(fold.train_from, fold.train_to)
    yield "labels as known at", when(fold.train_cutoff)
    yield "calibrated on", window(fold.calibrate_from, fold.calibrate_to)
    yield "tested on", window(fold.test_from, fold.test_to)
    for name, rows in (("training", fold.train), ("calibration", fold.calibrate or Rows()), ("test", fold.test)):
        for key, value in rows.model_dump().items():
            yield f"{name} {key.replace('_', ' ')}", value


def _models(first: Mapping[str, ModelFacts], second: Mapping[str, ModelFacts]) -> list[Row]:
    rows: list[Row] = []
    for name in _names(first, second):
        left, right = ({} if model is None else _declared(model) for model in (first.get(name), second.get(name)))
        if left and right:
            rows += [(f"{name}, {key}", one, other) for key, one, other in _mapped(left, right)]
        else:
            rows.append((name, "declared" if left else NONE, "declared" if right else NONE))
    return rows


def _declared(model: ModelFacts) -> dict[str, object]:
    own = {"learner": model.learner, "role": model.role, "placement": model.placement}
    return own | {"calibration": model.calibration.kind} | dict(model.parameters)


def _prefixed(words: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Row]:
    return [(f"{words} {name}", left, right) for name, left, right in _mapped(first, second)]


def _mapped(first: Mapping[Any, Any], second: Mapping[Any, Any], names: Iterable[Any] = ()) -> list[Row]:
    """The keys whose values differ, in words."""
    return [
        (str(name), _words(first.get(name)), _words(second.get(name)))
        for name in (names or _names(first, second)) if first.get(name) != second.get(name)
    ]  # fmt: skip


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _names(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> list[Any]:
    return list(dict.fromkeys([*first, *second]))


def _words(value: object) -> str:
    if value is None or value == "":
        return NONE
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value) or NONE
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
