"""The house's own rules."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tillthen"
MODULES = sorted(PACKAGE.rglob("*.py"))
ORDER = ("define", "runtime", "sources", "pit", "tables", "quality", "build", "learn", "decide", "evaluate", "backtest",
         "report")  # fmt: skip
MAY_IMPORT = {room: {"tillthen", *ORDER[: i + 1]} for i, room in enumerate(ORDER)} | {
    "simulate": {"tillthen", "simulate", "define", "runtime"},
    "starter": {"tillthen", "starter", "define"},
    "cli": {"tillthen", "simulate", "starter", "cli", *ORDER},
    # Declarations, and the engine for those who ask for it.
    "__init__": {"define", "pit", "runtime"},
}
WITHOUT_SPARK = (
    "define",
    "decide",
    "evaluate",
    "report",
    "starter",
    "pit.kernel",
    "cli",
    "runtime.config",
    "build.catalogue",
    "build.lineage",
    "build.plan",
    "quality.verdicts",
    "quality.bins",
)
BUT_THESE = {"evaluate": {"collect", "decided", "extremes", "summed"}}
"""Modules of such a room that ask Spark for sums, which the others take."""
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(module: Path) -> set[str]:
    """The rooms that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [str(node.module)]
        for name in names:
            if name.split(".")[0] == "tillthen":
                found.add([*name.split("."), "tillthen"][1])
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(module):
    assert imported(module) <= MAY_IMPORT[room_of(module)]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_one_idea(module):
    source = module.read_text()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assert len(source.splitlines()) < 250
    assert {f.name: f.end_lineno - f.lineno for f in functions if f.end_lineno - f.lineno >= 70} == {}
    assert module.stem not in NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("room", WITHOUT_SPARK)
def test_a_room_without_spark_never_imports_it(room):
    files = sorted((PACKAGE / room.replace(".", "/")).rglob("*.py")) or [PACKAGE / f"{room.replace('.', '/')}.py"]
    files = [file for file in files if file.stem not in BUT_THESE.get(room, ())]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    code = f"import sys, {', '.join(names)}\nassert 'pyspark' not in sys.modules"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_delta_is_the_same_version_for_python_and_java():
    pins = dict(
        line.strip().split("==") for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line
    )
    spark = ".".join(pins["pyspark"].split(".")[:2])
    assert (
        f'name="delta-spark_{spark}_2.13" rev="{pins["delta_spark"]}"'
        in (PACKAGE / "runtime" / "ivy" / "spark-4.1.xml").read_text()
    )
