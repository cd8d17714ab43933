"""The product may be given away under its licence: so do all that it needs allow it."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ALLOWED = re.compile(
    r"apache|\bbsd|\b0bsd|\bmit\b|mit-cmu|mit-0|\bisc\b|psf|python software foundation|mpl|mozilla public|zlib|cc0|"
    r"public domain|unlicense",
    re.IGNORECASE,
)
REFUSED = re.compile(r"\b[al]?gpl|general public", re.IGNORECASE)


def needed(name, extras=()):
    """The distributions that an installation brings, by name."""
    found, asked = {}, [(name, frozenset(extras))]
    while asked:
        current, wanted = asked.pop()
        for text in requires(current) or []:
            requirement = Requirement(text)
            marks = [{"extra": extra} for extra in wanted] or [{"extra": ""}]
            if requirement.marker and not any(requirement.marker.evaluate(mark) for mark in marks):
                continue
            try:
                found_one = distribution(requirement.name)
            except PackageNotFoundError:  # an extra that is not installed here
                continue
            if requirement.name not in found:
                found[requirement.name] = found_one
                asked.append((requirement.name, frozenset(requirement.extras)))
    return found


def licence(of):
    """What a distribution says of its licence."""
    told = of.metadata
    classified = [text for text in told.get_all("Classifier", []) if text.startswith("License ::")]
    return told.get("License-Expression") or "; ".join(classified) or (told.get("License") or "").splitlines()[0]


def test_every_dependency_allows_it():
    found = {name: licence(of) for name, of in needed("tillthen", ["spark", "learn", "report", "s3"]).items()}
    assert len(found) > 30
    assert {name: told for name, told in found.items() if not ALLOWED.search(told) or REFUSED.search(told)} == {}


def test_the_licence_is_told_alike():
    assert distribution("tillthen").metadata["License-Expression"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
