"""A project's folder, rendered from templates: for a simulated card business, or around a table that exists."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from itertools import chain, count
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import tillthen
from tillthen.define.expressions.expression import parse
from tillthen.define.expressions.literals import quoted
from tillthen.define.faults.errors import UsageError, sentence
from tillthen.starter.looked import OUTCOMES, look
from tillthen.starter.proposal import Proposal, is_written_time, propose
from tillthen.starter.spans import folds

EXTRAS = "spark,learn,report"
SHARED, BUSINESS, DATA = "project", "business", "data"


def create(folder: Path, data: Path | None = None) -> Proposal | None:
    """Make ``folder`` a project; what was proposed, where it is made around the table at ``data``.

    It appears as a whole or not at all, and never in place of something.

    Raises
    ------
    UsageError
        There is something in the folder already, or its name is no name for a project.
    ConfigurationError
        There is no table at ``data``, or none that can be read.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]*", folder.name):
        raise UsageError(sentence(f"Project '{folder.name}'", expected="letters, digits, - and _, a letter first"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(sentence(f"{folder}: there is something already", fix="Name a folder that does not exist."))
    proposal = propose(look(data)) if data else None
    given = _given(folder.name, proposal)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
        root = Path(made, folder.name)
        for place, text in _rendered(given):
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(text, encoding="utf-8")
        shutil.copymode(folder.parent, root)
        root.rename(folder)
    return proposal


def _rendered(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each file's place in the project, and its text."""
    templates = Environment(loader=PackageLoader("tillthen.starter"), keep_trailing_newline=True, autoescape=False,
                            undefined=StrictUndefined)  # fmt: skip
    templates.filters |= {"quoted": _text, "expression": lambda name: _text(_expression(name)), "words": _words,
                          "doubt": lambda text: f"  # DOUBT: {_words(text)}" if text else ""}  # fmt: skip
    proposal = given["proposal"]
    kinds = (SHARED, DATA if proposal else BUSINESS)
    for name in templates.list_templates():
        kind, _, place = name.partition("/")
        if kind not in kinds or (name == "data/backtests/table.py.j2" and proposal.outcome is None):
            continue
        if kind == DATA:
            place = place.replace("table.py", f"{given['table'].name}.py")
        place = place.removesuffix(".j2").replace("gitignore", ".gitignore")
        yield place, templates.get_template(name).render(given)


def _given(name: str, proposal: Proposal | None) -> dict[str, Any]:
    """What the templates ask for."""
    common = {"name": name, "requirement": _requirement(), "proposal": proposal}
    if proposal is None:
        return common | {"features": "features/cards.py", "backtests": "backtests/card_fraud.py",
                         "feature_table": "card_features"}  # fmt: skip
    table, taken = proposal.table, {OUTCOMES}
    source, feature_table = _own(table.name, "rows", taken), _own(f"{table.name}_features", "table", taken)
    label = _own(proposal.outcome.name, "label", taken) if proposal.outcome else ""
    backtests = f"backtests/{table.name}.py" if label else ""
    return common | {
        "p": proposal, "table": table, "path": str(table.path.resolve()), "source": source,
        "label": label, "feature_table": feature_table, "features": f"features/{table.name}.py",
        "backtests": backtests, "positive": _positive(proposal), **_columns(proposal, taken), **folds(proposal),
        **_money(proposal),
        "written": [guess.name for guess in proposal.others if is_written_time(table, guess.column)],
    }  # fmt: skip


def _requirement() -> str:
    """How pip gets this tillthen again: from the wheel or folder that it was installed from, or an index."""
    origin = distribution("tillthen").read_text("direct_url.json")
    found = json.loads(origin) if origin else {}
    where = f" @ {found['url']}" if "url" in found else f"=={tillthen.__version__}"
    return f"tillthen[{EXTRAS}]{where}"


def _own(name: str, kind: str, taken: set[str]) -> str:
    """A name for Python that neither shadows nor is shadowed, and that no other takes from then on."""
    found = "".join(letter if f"_{letter}".isidentifier() else "_" for letter in name).strip("_").lower() or "table"
    found = found if found.isidentifier() else f"_{found}"
    further = (f"{found}_{kind}" + (f"_{i}" if i else "") for i in count())
    own = next(one for one in chain([found], further) if _is_free(one) and one not in taken)
    taken.add(own)
    return own


def _is_free(name: str) -> bool:
    return not (keyword.iskeyword(name) or hasattr(builtins, name) or name in tillthen.__all__)


def _words(text: object) -> str:
    """A text as comments and docstrings hold it: in one line, without what would end them."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text)).replace("\\", "/").replace('"', "'")


def _text(value: str) -> str:
    """A text as Python writes it, in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _expression(name: str) -> str:
    """A column in a row expression: quoted where its name is more than letters and digits."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
    return name if plain and not parse(name).faults and parse(name).columns == (name,) else quoted(name)


def _columns(proposal: Proposal, taken: set[str]) -> dict[str, Any]:
    keys = [guess.name for guess in proposal.keys]
    amount, mixed = proposal.amount, proposal.currencies if proposal.amount else ""
    priced = [guess for guess in (amount, proposal.currency if mixed else None) if guess]
    typed = [guess.column for guess in (*proposal.keys, *priced)]
    sets = [{"column": guess.name, "name": _own(f"{guess.name}_history", "set", taken), "doubt": guess.doubt}
            for guess in proposal.keys]  # fmt: skip
    summed = bool(amount and sets and not mixed)
    refused = amount.name if amount and amount.column.nulls else None
    used = {"FeatureTable", "Source", "Spine", *(("count", "days", "feature_set", "hours") if sets else ()),
            *(("Label", "days") if proposal.outcome else ()), *(("mean", "sum") if summed else ()),
            *(("expect",) if refused else ()), *(("Money",) if mixed else ())}  # fmt: skip
    return {"imports": sorted(used), "typed": typed, "sets": sets, "known": [*keys, *(one.name for one in priced)],
            "summed": summed, "mixed": mixed, "refused": refused, "card": _card(keys)}  # fmt: skip


def _card(keys: list[str]) -> str | None:
    """The key that a person stands behind."""
    return next((key for key in keys if re.search(r"(?i)card|customer|client|account|user|cc|pan", key)), None)


def _positive(proposal: Proposal) -> str:
    """The row expression of a bad outcome."""
    if proposal.outcome is None:
        return ""
    column, bad = _expression(proposal.outcome.name), proposal.bad
    return column if bad is True else f"{column} = '{bad}'" if isinstance(bad, str) else f"{column} = 1"


def _money(proposal: Proposal) -> dict[str, Any]:
    """The unit, where decimals show it, and the currency, where there is one; no more is guessed about money."""
    amount, currency = proposal.amount, proposal.currency
    return {"unit": "major" if amount and amount.column.finest in (1, 2, 3) else None,
            "currency": currency.doubt if currency and not proposal.currencies else None}  # fmt: skip
