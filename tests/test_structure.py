"""The house's own rules."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tillthen"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = {path.name for path in PACKAGE.iterdir()}
ORDER = ("define", "runtime", "sources", "pit", "tables", "quality", "materialize", "learn", "decide", "evaluate",
         "backtest", "report")  # fmt: skip
MAY_IMPORT = {room: {"tillthen", *ORDER[: i + 1]} for i, room in enumerate(ORDER)} | {
    "simulate": {"tillthen", "simulate", "define", "runtime"},
    "starter": {"tillthen", "starter", "define"},
    "cli": {"tillthen", "simulate", "starter", "cli", *ORDER},
    # Declarations, and the engine for those who ask for it.
    "__init__": {"define", "pit", "runtime"},
}
INSIDE: dict[str, dict[str, set[str]]] = {
    "define": {
        "faults": set(),
        "expressions": {"faults"},
        "arguments": {"faults", "expressions"},
        "expectations": {"faults", "expressions", "arguments"},
        "sources": {"faults", "expressions", "arguments", "expectations"},
        "features": {"faults", "expressions", "arguments", "expectations", "sources"},
        "tables": {"faults", "expressions", "arguments", "expectations", "sources", "features"},
        "backtests": {"faults", "expressions", "arguments", "sources", "features", "tables"},
        "project": {"faults", "features", "tables", "backtests"},
    },
    "sources": {"reading": set(), "events": {"reading"}},
    "pit": {
        "kernel": set(),
        "oracle": set(),  # shares nothing with what it checks
        "partition": {"kernel"},
        "spark": {"kernel", "partition"},
        "audit": {"oracle", "spark"},
        "asking": {"spark", "arguments"},
        "arguments": {"spark"},
        "conformance": {"asking"},
    },
    "materialize": {
        "checks": set(),
        "planning": set(),
        "description": set(),
        "rows": {"planning"},
        "runs": {"planning", "description", "rows"},
        "answers": {"planning", "description", "rows"},
    },
    "evaluate": {
        "sums": set(),
        "statistics": {"sums"},
        "results": {"sums", "statistics"},
        "spark": {"sums", "statistics", "results"},
    },
    "backtest": {
        "turns": set(),
        "rows": set(),
        "folds": {"rows"},
        "training": {"turns", "rows", "folds"},
        "promotion": {"turns"},
        "facts": {"rows", "folds", "training", "promotion"},
        "audits": {"turns", "rows"},
        "finished": {"folds"},
        "run": {"turns", "rows", "folds", "facts"},
    },
    "report": {
        "texts": set(),
        "facts": {"texts"},
        "drawing": {"texts", "facts"},
        "parts": {"texts", "facts", "drawing"},
        "figures": {"texts", "facts", "drawing", "parts"},
        "sections": {"texts", "facts", "parts", "figures"},
        "pages": {"texts", "facts", "drawing", "parts", "figures", "sections"},
    },
}
"""What each room within a large room may import of the others in it."""
MOST_SIDE_BY_SIDE = 20
WITHOUT_SPARK = (
    "define",
    "decide",
    "evaluate.sums",
    "evaluate.statistics",
    "evaluate.results",
    "report",
    "starter",
    "pit.kernel",
    "pit.oracle",
    "pit.partition",
    "cli",
    "runtime.config",
    "materialize.planning",
    "materialize.description",
    "quality.verdicts",
    "quality.bins",
)
WITHOUT_PYSPARK = ("pit.kernel", "pit.oracle", "pit.partition", "decide", "report")
"""What also runs where PySpark is not installed, such as beside a payment."""
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(module: Path) -> Iterator[list[str]]:
    """What a module imports of the house, wherever in it, as the words of its name."""
    for node in ast.walk(ast.parse(module.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.split(".") for name in names if name.split(".")[0] == "tillthen")


def imported(module: Path) -> set[str]:
    """The rooms that a module imports."""
    return {name[1] if name[1:2] and name[1] in ROOMS else "tillthen" for name in imports(module)}


def faults_inside(room: str, inner: str, module: Path) -> set[str]:
    """What a module of an inner room imports of the same large room though it may not."""
    found = {name[2] for name in imports(module) if name[1:2] == [room] and len(name) > 2}
    known = {name for name in found if name in INSIDE[room]}
    return known - INSIDE[room][inner] - {inner}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(module):
    assert imported(module) <= MAY_IMPORT[room_of(module)]


@pytest.mark.parametrize("room", INSIDE)
def test_imports_between_inner_rooms_go_one_way(room):
    assert {path.stem for path in (PACKAGE / room).iterdir()} - {"__init__", "__pycache__", "templates", "static"} == {
        *INSIDE[room]
    }
    for inner in INSIDE[room]:
        files = [*(PACKAGE / room / inner).rglob("*.py"), *(PACKAGE / room).glob(f"{inner}.py")]
        wrong = {str(file.relative_to(PACKAGE)): faults_inside(room, inner, file) for file in files}
        assert {name: found for name, found in wrong.items() if found} == {}


def test_inner_rooms_stand_on_each_other_without_a_circle():
    for room, inside in INSIDE.items():
        order = list(TopologicalSorter(inside).static_order())  # raises where there is a circle
        assert {*order} == {*inside}, room


def test_an_import_the_wrong_way_is_seen(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def late():\n    from tillthen.pit.spark.engine import compute\n    return compute\n")
    assert faults_inside("pit", "kernel", wrong) == {"spark"}
    assert faults_inside("pit", "audit", wrong) == set()


def test_a_folder_is_seen_at_a_glance():
    beside = Counter(module.parent for module in MODULES if module.stem != "__init__")
    assert {str(folder): count for folder, count in beside.items() if count > MOST_SIDE_BY_SIDE} == {}


def test_a_name_says_what_it_holds_without_its_neighbours():
    """No module is called as its folder, nor as another of its room with letters added: train, training, trained."""
    named = [module for module in MODULES if module.stem != "__init__"]
    assert [str(one.relative_to(PACKAGE)) for one in named if one.stem == one.parent.name] == []
    twins = [(one, other) for one in named for other in named
             if room_of(one) == room_of(other) and one.stem != other.stem and other.stem.startswith(one.stem)
             ]  # fmt: skip
    assert twins == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_one_idea(module):
    source = module.read_text()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assert len(source.splitlines()) < 250
    assert {f.name: f.end_lineno - f.lineno for f in functions if f.end_lineno - f.lineno >= 70} == {}
    assert module.stem not in NAMES_THAT_SAY_NOTHING


def modules_of(room: str) -> str:
    files = sorted((PACKAGE / room.replace(".", "/")).rglob("*.py")) or [PACKAGE / f"{room.replace('.', '/')}.py"]
    return ", ".join(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files)


@pytest.mark.parametrize("room", WITHOUT_PYSPARK)
def test_a_room_runs_where_pyspark_is_not_installed(room):
    away = "import sys\nsys.modules['pyspark'] = sys.modules['py4j'] = None  # as if they were not there\n"
    code = f"{away}import {modules_of(room)}"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("room", WITHOUT_SPARK)
def test_a_room_without_spark_never_imports_it(room):
    code = f"import sys, {modules_of(room)}\nassert 'pyspark' not in sys.modules"
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
