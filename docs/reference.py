"""The pages of docs/ with the reference in them: ``<!-- reference: NAME -->`` becomes what NAME lists, from the code.

``python docs/reference.py FOLDER`` writes them there, to be built from. Docstrings are numpy's kind, read by griffe.
"""

from __future__ import annotations

import inspect
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from griffe import Docstring, DocstringSectionKind, Parser
from pydantic import BaseModel

import tillthen
from tillthen.cli import commands
from tillthen.define import errors, expect
from tillthen.report import facts
from tillthen.report.fact import Fact
from tillthen.runtime import config, database

MARK = re.compile(r"<!-- reference: (\w+) -->")


def write(folder: Path) -> None:
    """Put every page into ``folder``, in place of what was there, with the lists where a page asks for them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Path(__file__).parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(MARK.sub(lambda found: "\n".join(LISTS[found[1]]()), text), encoding="utf-8")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table."""
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(_cell(value) for value in row) + " |"
    yield ""


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """As code, where there is something."""
    return f"`{value}`" if str(value) else ""


def plain(text: str) -> str:
    """A docstring's text as Markdown: reStructuredText's double backticks, and references, become code."""
    return re.sub(r"``(.+?)``|`([^`]+)`", lambda found: code(found[1] or found[2].removeprefix("tillthen.")), text)


def documented(item: object) -> Iterator[str]:
    """What a docstring says: text, parameters, errors, examples."""
    signature = inspect.signature(item) if callable(item) else None
    for section in Docstring(inspect.getdoc(item) or "", parser=Parser.numpy).parse(warnings=False):
        if section.kind is DocstringSectionKind.text:
            yield plain(section.value) + "\n"
        elif section.kind in (DocstringSectionKind.parameters, DocstringSectionKind.attributes):
            yield from _parameters(section.value, signature)
        elif section.kind is DocstringSectionKind.raises:
            yield from table(
                ["error", "when"], [(code(one.annotation), plain(one.description)) for one in section.value]
            )
        elif section.kind is DocstringSectionKind.examples:
            yield from (f"```pycon\n{text}\n```\n" for _, text in section.value)


def _parameters(found: Iterable[Any], signature: inspect.Signature | None) -> Iterator[str]:
    """One row for each parameter; those that a numpy docstring names together get one each."""
    known = dict(signature.parameters) if signature else {}
    rows = []
    for one in found:
        for name in one.name.split(","):
            given = known.get(name.strip())
            default = "" if given is None or given.default is inspect.Parameter.empty else _default(given.default)
            rows.append((code(name.strip()), code(_type(given)), code(default), plain(one.description)))
    yield from table(["name", "type", "default", "meaning"], rows)


def _type(parameter: inspect.Parameter | None) -> str:
    if parameter is None or parameter.annotation is inspect.Parameter.empty:
        return ""
    found = parameter.annotation
    return found if isinstance(found, str) else getattr(found, "__name__", str(found))


def _default(value: object) -> str:
    return "" if "factory" in str(value) or "object at" in str(value) else repr(value)


def declarations() -> Iterator[str]:
    """Everything that `import tillthen` gives, and `tillthen.expect`."""
    for name in sorted(tillthen.__all__, key=lambda name: (name[0].islower(), name.lower())):
        item = getattr(tillthen, name)
        if isinstance(item, ModuleType):
            continue
        yield f"## {name}\n"
        if callable(item):
            yield f"```python\ntillthen.{name}{_signature(item)}\n```\n"
            yield from documented(item)
        else:
            yield f"`tillthen.{name}` is {plain(inspect.getdoc(type(item)) or '').splitlines()[0]}\n"
    yield "## expect\n"
    yield plain(inspect.getdoc(expect) or "") + "\n"
    functions = inspect.getmembers(expect, lambda one: inspect.isfunction(one) and one.__module__ == expect.__name__)
    for name, function in functions:
        if not name.startswith("_"):
            yield f"### expect.{name}\n\n```python\nexpect.{name}{_signature(function)}\n```\n"
            yield from documented(function)


def _signature(item: Callable[..., object]) -> str:
    """Names and defaults; the types are in the table."""
    shown = []
    for parameter in inspect.signature(item).parameters.values():
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f"={_default(parameter.default) or '...'}"
        if parameter.kind is parameter.KEYWORD_ONLY and not any(one.startswith("*") for one in shown):
            shown.append("*")
        shown.append(f"{stars}{parameter.name}{default}")
    return f"({', '.join(shown)})"


def command_line() -> Iterator[str]:
    """Every command with its arguments and options."""
    for path, command in _commands(commands, "tillthen"):
        context = click.Context(command, info_name=path)
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"## {path}\n\n```text\n{path} {usage}\n```\n\n{_said(command.help or '')}\n"
        options = [option for option in command.params if isinstance(option, click.Option)]
        yield from table(["option", "meaning"], [_option(option, context) for option in options])


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _said(text: str) -> str:
    return plain(inspect.cleandoc(text.replace("\b", "")))


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    written = ", ".join([*option.opts, *option.secondary_opts])
    metavar = "" if option.is_flag else f" {option.make_metavar(context)}"
    default = option.default if option.show_default and option.default is not None else ""
    return code(written + metavar), f"{option.help or ''}{f' Default: {code(default)}.' if default != '' else ''}"


def configuration() -> Iterator[str]:
    """The keys of a configuration, of a table in it and of a database's table."""
    for title, model in (
        ("The file", config.Config),
        ("A table", config.TableConfig),
        ("A database's table", database.DatabaseConfig),
    ):
        yield f"## {title}\n"
        yield from documented(model)
        yield from _fields(model)


def _fields(model: type[BaseModel]) -> Iterator[str]:
    rows = []
    for name, field in model.model_fields.items():
        default = "" if field.is_required() else _default(field.get_default(call_default_factory=True))
        rows.append((code(name), code(_annotation(field.annotation)), code(default)))
    yield from table(["key", "type", "default"], rows)


def _annotation(annotation: object) -> str:
    text = (
        annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else str(annotation)
    )
    return re.sub(r"\b(?:typing|tillthen(?:\.\w+)*|pathlib|collections\.abc)\.", "", text)


def fact_file() -> Iterator[str]:
    """The models of facts.json, the file itself first."""
    found = [one for _, one in inspect.getmembers(facts, inspect.isclass) if issubclass(one, Fact) and one is not Fact]
    for model in sorted(found, key=lambda one: (one is not facts.Facts, one.__name__)):
        yield f"## {model.__name__}\n\n{plain(inspect.getdoc(model) or '')}\n"
        yield from _fields(model)


def exit_codes() -> Iterator[str]:
    """The codes, and which errors end with them."""
    kinds = inspect.getmembers(errors, lambda one: inspect.isclass(one) and issubclass(one, errors.TillthenError))
    rows = [(one.exit_code, code(name), plain((inspect.getdoc(one) or "").splitlines()[0])) for name, one in kinds
            if one is not errors.TillthenError]  # fmt: skip
    rows += [(0, "", "Done."), (1, "", "A bug, with its traceback: please report it."), (130, "", "Interrupted.")]
    yield from table(["code", "error", "meaning"], [(code(number), name, text) for number, name, text in sorted(rows)])


LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "declarations": declarations,
    "commands": command_line,
    "configuration": configuration,
    "facts": fact_file,
    "exit_codes": exit_codes,
}

if __name__ == "__main__":
    write(Path(sys.argv[1]))
