"""Whether expectations fit what they are declared on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from tillthen.define.expectations.rules import Drift, Expectation, Fresh, RowRule, Unique, Volume
from tillthen.define.faults.errors import did_you_mean, sentence

_KINDS = (RowRule, Unique, Volume, Fresh, Drift)


def quarantining(expectations: Iterable[Expectation]) -> tuple[RowRule, ...]:
    """The rules whose bad rows are set aside."""
    return tuple(one for one in expectations if isinstance(one, RowRule) and one.otherwise == "quarantine")


def source_faults(
    where: str, expectations: Sequence[Expectation], known: Collection[str], retracted: str | None, versions: bool
) -> Iterator[str]:
    """What is wrong with a source's expectations.

    A row may be set aside only by what is known when the row is: by declared columns, and never by its retraction,
    which comes later. A version is not set aside at all, since the one before it would live on.
    """
    yield from _shared_faults(where, expectations)
    for rule in quarantining(_expectations(expectations)):
        if versions:
            yield sentence(f"{where} has versions and sets rows aside by '{rule.name}', which would bring back the "
                           "version before", fix="Use otherwise='stop' or 'warn', or .where(...) in the feature sets."
                           )  # fmt: skip
        for name in rule.reads:
            if name == retracted:
                yield sentence(f"{where} sets rows aside by '{rule.name}', which reads the retracted time: what became "
                               "known later", fix="Use otherwise='stop' or 'warn'.")  # fmt: skip
            elif name not in known:
                yield sentence(f"{where} sets rows aside by '{rule.name}', which reads '{name}', a column that it does "
                               "not declare", fix=f"{did_you_mean(name, known)} Declare it in columns= if it is known "
                               "at the source's known time.")  # fmt: skip


def table_faults(where: str, expectations: Sequence[Expectation], known: Iterable[str]) -> Iterator[str]:
    """What is wrong with expectations of feature rows, whose columns are all known here."""
    yield from _shared_faults(where, expectations)
    columns = list(known)
    for one in _expectations(expectations):
        if one.otherwise == "quarantine":
            yield sentence(f"{where} sets rows aside by '{one.name}', but has a row for each row of its spine",
                           fix="Use otherwise='stop' or 'warn', or quarantine the source's rows.")  # fmt: skip
        for name in one.reads:
            if name not in columns:
                yield sentence(f"{where}: expectation '{one.name}' reads '{name}'", fix=did_you_mean(name, columns))


def _shared_faults(where: str, expectations: Sequence[Expectation]) -> Iterator[str]:
    for one in expectations:
        if not isinstance(one, _KINDS):
            yield sentence(f"{where} 'expect'", expected="what tillthen.expect makes", got=repr(one),
                           fix="Write for example expect=[expect.not_null('card_id')].")  # fmt: skip
    names = [one.name for one in _expectations(expectations)]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield sentence(f"{where} expects '{name}' twice", fix="Remove one of them.")


def _expectations(given: Iterable[object]) -> list[Expectation]:
    return [one for one in given if isinstance(one, _KINDS)]
