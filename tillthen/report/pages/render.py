"""``facts.json`` to ``report.html``: one file, no network, the same bytes for the same facts."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tillthen.define.faults.errors import ReportError, sentence
from tillthen.report.drawing.looks import Look
from tillthen.report.facts.loading import read_facts
from tillthen.report.facts.measures import ModelFacts
from tillthen.report.parts.blocks import Section
from tillthen.report.parts.context import Context
from tillthen.report.parts.masthead import Masthead, masthead
from tillthen.report.sections import (
    calibration,
    cost,
    explorer,
    features,
    limits,
    mistakes,
    protocol,
    provenance,
    ranking,
    segments,
    stability,
    verdict,
)
from tillthen.report.texts.words import GLOSSARY, term_slug

SECTIONS = (
    verdict, explorer, ranking, cost, calibration, stability, segments, mistakes, features, protocol, provenance,
    limits,
)  # fmt: skip
STYLES = ("page.css", "media.css")
SCRIPTS = ("numbers.js", "explorer.js", "panel.js", "tables.js", "tips.js", "page.js")
REPORT = "report.html"


def render_report(facts: Path) -> Path:
    """Write ``report.html`` beside the facts, whole or not at all, and give its path.

    Raises
    ------
    ReportError
        The facts cannot be read, or the page cannot be written.
    """
    read, plain = read_facts(facts)
    return write_page(facts.with_name(REPORT), page(Context(read), plain))


def write_page(target: Path, text: str) -> Path:
    """Write a page whole or not at all.

    Raises
    ------
    ReportError
        It cannot be written.
    """
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        what = f"Report '{target}' cannot be written: {error.strerror}"
        raise ReportError(sentence(what, fix="Free space or choose a writable warehouse.")) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def page(context: Context, plain: object) -> str:
    """The whole page of a backtest; ``plain`` is the facts as JSON, which the page carries along."""
    sections: list[Section] = [module.section(context) for module in SECTIONS]
    return draw("Backtest", masthead(context), sections, plain, context.models, context.looks, dict(GLOSSARY))


def draw(
    kind: str,
    masthead: Masthead,
    sections: Sequence[Section],
    plain: object,
    models: Sequence[ModelFacts] = (),
    looks: Mapping[str, Look] = MappingProxyType({}),
    glossary: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """A page of one style sheet and one script, out of sections; ``kind`` says of what."""
    css, script = ("".join(map(_asset, names)) for names in (STYLES, SCRIPTS))
    environment = Environment(
        loader=PackageLoader("tillthen.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["slug"] = term_slug
    return environment.get_template("page.html").render(
        kind=kind, masthead=masthead, sections=sections, models=models, looks=looks, glossary=glossary,
        css=Markup(css), script=Markup(script), policy=_policy(css, script), facts=Markup(_data(plain)),
    )  # fmt: skip


def _asset(name: str) -> str:
    return (resources.files("tillthen.report") / "static" / name).read_text(encoding="utf-8")


def _policy(css: str, script: str) -> str:
    """Only this style sheet and this script, and nothing from elsewhere."""
    return (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(plain: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
