"""The pages of docs/ with the reference in them, listed from the code.

``<!-- reference: NAME -->`` on a page becomes what NAME lists. ``docs/reference.py``
with a folder writes the pages there, to be built from. Docstrings are numpy's kind.
"""

from __future__ import annotations

import inspect
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
from pydantic import BaseModel

import tillthen
from markup import code, documented, plain, shown, table
from rules import cost_inputs, digits, figures, functions
from tillthen.cli import commands
from tillthen.define.expectations import expect
from tillthen.define.faults import errors
from tillthen.report.facts import schema as facts
from tillthen.report.facts.metric import Fact
from tillthen.runtime import config, database_config

WIDTH = 84
"""Letters of code that a page has room for."""
MARK = re.compile(r"<!-- reference: (\w+) -->")


def write(folder: Path) -> None:
    """Put every page into ``folder``, in place of what was there, with its lists."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        Path(__file__).parent,
        folder,
        ignore=shutil.ignore_patterns("*.py", "*.toml", "__pycache__"),
    )
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            MARK.sub(lambda found: "\n".join(LISTS[found[1]]()), text), encoding="utf-8"
        )


def declarations() -> Iterator[str]:
    """Everything that `import tillthen` gives but its errors, and `tillthen.expect`."""
    for name in sorted(
        tillthen.__all__, key=lambda name: (name[0].islower(), name.lower())
    ):
        item = getattr(tillthen, name)
        if isinstance(item, ModuleType) or name in vars(errors):
            continue
        yield f"## {name}\n"
        if callable(item):
            yield f"```python\n{_signature(f'tillthen.{name}', item)}\n```\n"
            yield from documented(item)
        else:
            about = plain(inspect.getdoc(type(item)) or "").splitlines()[0]
            yield f"`tillthen.{name}` is {about}\n"
    yield "## expect\n"
    yield plain(inspect.getdoc(expect) or "") + "\n"
    functions = inspect.getmembers(
        expect,
        lambda one: inspect.isfunction(one) and one.__module__ == expect.__name__,
    )
    for name, function in functions:
        if not name.startswith("_") and name != "literal":
            yield f"### expect.{name}\n"
            yield f"```python\n{_signature(f'expect.{name}', function)}\n```\n"
            yield from documented(function)


def _signature(name: str, item: Callable[..., object]) -> str:
    """A call with names and defaults; the types are in the table."""
    written: list[str] = []
    starred = False
    for one in inspect.signature(item).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not starred:
            written.append("*")
        starred = starred or one.kind in (one.VAR_POSITIONAL, one.KEYWORD_ONLY)
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        default = "" if one.default is one.empty else f"={shown(one.default) or '...'}"
        written.append(f"{stars}{one.name}{default}")
    call = f"{name}({', '.join(written)})"
    if len(call) <= WIDTH:
        return call
    inner = textwrap.fill(f"{', '.join(written)},", WIDTH - 4)
    return f"{name}(\n{textwrap.indent(inner, '    ')}\n)"


def command_line() -> Iterator[str]:
    """Every command with its arguments and options."""
    for path, command in _commands(commands, "tillthen"):
        context = click.Context(command, info_name=path)
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"## {path}\n\n```text\n{path} {usage}\n```\n"
        yield _said(command.help or "") + "\n"
        options = [
            option for option in command.params if isinstance(option, click.Option)
        ]
        yield from table(
            ["option", "meaning"], [_option(option, context) for option in options]
        )


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
    default = (
        option.default if option.show_default and option.default is not None else ""
    )
    return code(
        written + metavar
    ), f"{option.help or ''}{f' Default: {code(default)}.' if default != '' else ''}"


def configuration() -> Iterator[str]:
    """The keys of a configuration, of a table in it and of a database's table."""
    for title, model in (
        ("The file", config.Config),
        ("A table", config.TableConfig),
        ("A database's table", database_config.DatabaseConfig),
    ):
        yield f"## {title}\n"
        yield from documented(model)
        yield from _fields(model)


def _fields(model: type[BaseModel]) -> Iterator[str]:
    rows = []
    for name, field in model.model_fields.items():
        default = (
            ""
            if field.is_required()
            else shown(field.get_default(call_default_factory=True))
        )
        rows.append((code(name), code(_annotation(field.annotation)), code(default)))
    yield from table(["key", "type", "default"], rows)


def _annotation(annotation: object) -> str:
    text = (
        annotation.__name__
        if isinstance(annotation, type) and not hasattr(annotation, "__args__")
        else str(annotation)
    )
    return re.sub(
        r"\b(?:typing|tillthen(?:\.\w+)*|pathlib|collections\.abc)\.", "", text
    )


def fact_file() -> Iterator[str]:
    """The models of facts.json, the file itself first."""
    found = [
        one
        for _, one in inspect.getmembers(facts, inspect.isclass)
        if issubclass(one, Fact) and one is not Fact
    ]
    for model in sorted(found, key=lambda one: (one is not facts.Facts, one.__name__)):
        yield f"## {model.__name__}\n\n{plain(inspect.getdoc(model) or '')}\n"
        yield from _fields(model)


def exit_codes() -> Iterator[str]:
    """The codes, and which errors end with them."""
    kinds = inspect.getmembers(
        errors,
        lambda one: inspect.isclass(one) and issubclass(one, errors.TillthenError),
    )
    rows = [
        (
            one.exit_code,
            code(_importable(name)),
            plain((inspect.getdoc(one) or "").splitlines()[0]),
        )
        for name, one in kinds
        if one is not errors.TillthenError
    ]
    rows += [
        (0, "", "Done."),
        (1, "", "A bug, with its traceback: please report it."),
        (130, "", "Interrupted."),
    ]
    yield from table(
        ["code", "error", "meaning"],
        [(code(number), name, text) for number, name, text in sorted(rows)],
    )


def _importable(error: str) -> str:
    """Its name as a program has it."""
    return f"tillthen.{error}" if error in tillthen.__all__ else error


LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "declarations": declarations,
    "commands": command_line,
    "configuration": configuration,
    "facts": fact_file,
    "exit_codes": exit_codes,
    "functions": functions,
    "cost_inputs": cost_inputs,
    "digits": digits,
    "figures": figures,
}

if __name__ == "__main__":
    write(Path(sys.argv[1]))
