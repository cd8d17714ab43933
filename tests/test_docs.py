"""The documentation builds without a warning, and what it tells a reader to run is run here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tillthen.cli import commands
from tillthen.starter.project import create

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs"))


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(page.read_text()) if kind == language]


def test_it_builds_and_every_link_leads_somewhere(tmp_path):
    pages, conf = tmp_path / "build" / "pages", tmp_path / "mkdocs.yml"
    conf.write_text((ROOT / "mkdocs.yml").read_text())
    for command in ((ROOT / "docs" / "reference.py", pages), ("-m", "zensical", "build", "--strict", "-f", conf)):
        ran = subprocess.run(
            [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    reference = (tmp_path / "build" / "docs" / "reference" / "declarations.html").read_text()
    assert "known_time" in reference
    assert "<!-- reference" not in reference


def test_every_page_is_reached():
    reached = (ROOT / "mkdocs.yml").read_text()
    assert [named(page) for page in PAGES if named(page) not in reached] == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=named)
def test_its_python_runs(page, spark, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "docs"}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), names)  # the pages are ours


def test_its_commands_exist(tmp_path):
    create(tmp_path / "acme")
    targets = re.findall(r"^([a-z-]+):", "\n".join(path.read_text() for path in (ROOT / "Makefile", tmp_path / "acme" /
                         "Makefile")), flags=re.MULTILINE)  # fmt: skip
    for page in PAGES:
        for line in [line for block in blocks(page, "bash") for line in block.splitlines()]:
            words = shlex.split(line, comments=True)
            if words[:1] == ["tillthen"]:
                parsed(words[1:], page)
            assert words[:1] != ["make"] or set(words[1:]) <= set(targets), (page, line)


def parsed(words: list[str], page: Path) -> None:
    """Let click read a command's arguments, without running it."""
    command: click.Command = commands
    while isinstance(command, click.Group) and words:
        name, *words = words
        if name.startswith("-"):
            return
        assert name in command.commands, (page, name)
        command = command.commands[name]
    command.make_context(command.name, words)
