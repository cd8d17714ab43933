"""Markdown of docstrings and tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

from griffe import Docstring, DocstringSectionKind, Parser


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table."""
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"
    yield ""


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace(" | ", " or ").replace("|", "\\|")


def code(value: object) -> str:
    """As code, where there is something."""
    return f"`{value}`" if str(value) else ""


def plain(text: str) -> str:
    """A docstring's text as Markdown: double backticks, and references, become code."""
    return re.sub(
        r"``(.+?)``|`([^`]+)`",
        lambda found: code(found[1] or found[2].removeprefix("tillthen.")),
        text,
    )


def documented(item: object) -> Iterator[str]:
    """What a docstring says: text, parameters, errors, examples."""
    signature = inspect.signature(item) if callable(item) else None
    for section in Docstring(inspect.getdoc(item) or "", parser=Parser.numpy).parse(
        warnings=False
    ):
        if section.kind is DocstringSectionKind.text:
            yield plain(section.value) + "\n"
        elif section.kind in (
            DocstringSectionKind.parameters,
            DocstringSectionKind.attributes,
        ):
            yield from _parameters(section.value, signature)
        elif section.kind is DocstringSectionKind.raises:
            yield from table(
                ["error", "when"],
                [
                    (code(one.annotation), plain(one.description))
                    for one in section.value
                ],
            )
        elif section.kind is DocstringSectionKind.examples:
            yield from (f"```pycon\n{text}\n```\n" for _, text in section.value)


def _parameters(
    found: Iterable[Any], signature: inspect.Signature | None
) -> Iterator[str]:
    """One row for each parameter; those that are named together get one each."""
    known = dict(signature.parameters) if signature else {}
    rows = []
    for one in found:
        for name in one.name.split(","):
            given = known.get(name.strip())
            default = (
                ""
                if given is None or given.default is inspect.Parameter.empty
                else shown(given.default)
            )
            rows.append(
                (
                    code(name.strip()),
                    code(_type(given)),
                    code(default),
                    plain(one.description),
                )
            )
    yield from table(["name", "type", "default", "meaning"], rows)


def _type(parameter: inspect.Parameter | None) -> str:
    if parameter is None or parameter.annotation is inspect.Parameter.empty:
        return ""
    found = parameter.annotation
    return found if isinstance(found, str) else getattr(found, "__name__", str(found))


def shown(value: object) -> str:
    """A default as it is written; one that is made anew is not."""
    return "" if "factory" in str(value) or "object at" in str(value) else repr(value)
