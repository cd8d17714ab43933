"""The scripts about other libraries: what can be seen of them without the network."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

FINDINGS = Path(__file__).parents[1] / "findings"
SCRIPTS = sorted(FINDINGS.glob("*.sh"))
each = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)


def test_there_are_scripts_and_the_page_names_each_once() -> None:
    named = re.findall(r"^\| `(\w+\.sh)` \|", (FINDINGS / "README.md").read_text(), re.MULTILINE)
    assert SCRIPTS
    assert sorted(named) == [script.name for script in SCRIPTS]


@each
def test_the_head_says_guess_behaviour_and_why(script: Path) -> None:
    shebang, *lines = script.read_text().splitlines()
    head = "\n".join(lines[: next(i for i, line in enumerate(lines) if not line.startswith("#"))])
    assert shebang == "#!/usr/bin/env bash"
    assert all(word in head for word in ("# One would guess: ", "# What happens: ", "# Why it matters: "))


@each
def test_it_can_be_run_and_cleans_up(script: Path) -> None:
    text = script.read_text()
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    assert "trap 'rm -rf \"$folder\"' EXIT" in text
    subprocess.run(["bash", "-n", script], check=True)


@each
def test_every_package_is_pinned(script: Path) -> None:
    """Of pip by ==, of Maven by the third part of its coordinate."""
    text = script.read_text()
    installs = re.findall(r"pip\" install --quiet (.+)", text)
    jars = re.findall(r'"spark\.jars\.packages", "(.+)"', text)
    assert len(installs) == text.count("pip") - text.count("pipefail") - text.count("delta_pip") == 1
    assert all(re.fullmatch(r"[\w.\[\]-]+==[\d.]+", package) for package in installs[0].split())
    assert all(re.fullmatch(r"[\w.]+:[\w.-]+:[\d.]+", jar) for jar in jars)


@each
def test_it_runs_without_the_product_and_names_no_host(script: Path) -> None:
    assert not re.search(r"tillthen|https?://|index-url", script.read_text())
