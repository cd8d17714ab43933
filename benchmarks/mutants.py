"""What share of small changes to the code its tests see: changes drawn by room, by a seed, each tried on its own.

A change counts as seen where a test of its room fails, the package cannot be imported or the tests do not come to an
end. First the tests run that call the changed function, then those of all files of tests that call its module. What
was tried is kept in a file for each room, so that a run that was stopped goes on; a change is tried again where its
module has changed or the test that saw it, and where none did, when any test of its room has. ``equivalent.json`` holds
the changes that no test can see, with why; they are not tried.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from benchmarks.measure import Result
from benchmarks.mutations import Mutation, mutated, mutations

ROOT = Path(__file__).parents[1]
EQUIVALENT = Path(__file__).with_name("equivalent.json")
SEED = "1"
AIM = 0.9
Tried = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """How many changes are drawn of which folders of the package, and the tests that are to see them."""

    draws: int
    folders: tuple[str, ...]
    tests: tuple[str, ...]
    spark: bool = False


ROOMS = {
    "decide": Room(60, ("decide",), ("tests/decide",)),
    "evaluate": Room(
        110, ("evaluate/statistics", "evaluate/results", "evaluate/sums"),
        ("tests/evaluate/statistics", "tests/evaluate/results", "tillthen/evaluate"),
    ),
    "pit/kernel": Room(
        100, ("pit/kernel",), ("tests/pit/kernel", "tests/pit/partition", "tests/pit/properties/test_worker.py",
                               "tillthen/pit/kernel"),
    ),
    "define": Room(90, ("define",), ("tests/define", "tillthen/define")),
    "sources": Room(40, ("sources",), ("tests/sources", "tillthen/sources"), spark=True),
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A change to a module of the package."""

    file: str
    mutation: Mutation

    @property
    def name(self) -> str:
        """The module, and the change's hash."""
        return f"{self.file}:{self.mutation.place[:10]}"


def draw(room: Room) -> list[Drawn]:
    """The same changes as long as their code is the same: those whose hashes with the seed are least."""
    files = sorted(file for folder in room.folders for file in (ROOT / "tillthen" / folder).rglob("*.py"))
    found = [
        Drawn(str(file.relative_to(ROOT / "tillthen")), mutation)
        for file in files
        for mutation in mutations(file.read_text(encoding="utf-8"))
    ]
    return sorted(found, key=lambda one: sha256(f"{SEED}|{one.name}".encode()).hexdigest())[: room.draws]


def benchmark(folder: Path, names: Sequence[str] = tuple(ROOMS)) -> list[Result]:
    """Try what is not known yet, a process for each room, and count."""
    for name in names:
        subprocess.run([sys.executable, "-m", "benchmarks.mutants", name, str(folder)], check=True,
                       env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT)  # fmt: skip
    return [counted(folder)]


def counted(folder: Path) -> Result:
    """The share of all changes but the equivalent that tests see, with the 95% Clopper-Pearson interval.

    Whether the aim holds is not known as long as changes that were drawn are not tried.
    """
    drawn = {name: draw(room) for name, room in ROOMS.items()}
    equivalent = {one.name for each in drawn.values() for one in each} & set(_read(EQUIVALENT))
    tried = {name: _tried(folder, name, each) for name, each in drawn.items()}
    everything = [seen for each in tried.values() for seen in each]
    missing = sum(map(len, drawn.values())) - len(equivalent) - len(everything)
    rooms = "; ".join(f"{name} {_share(each)}" for name, each in tried.items())
    detail = f"{_share(everything)}, {len(equivalent)} more change nothing, {missing} not tried; {rooms}"
    share = sum(everything) / max(len(everything), 1)
    return Result("tests: mutants", round(share, 3), f"at least {AIM}", None if missing else share >= AIM, detail)


def _tried(folder: Path, name: str, drawn: Sequence[Drawn]) -> list[bool]:
    """Whether each change that was tried was seen."""
    known, equivalent = _read(_file(folder, name)), _read(EQUIVALENT)
    return [known[one.name]["seen"] for one in drawn if one.name in known and one.name not in equivalent]


def _share(seen: Sequence[bool]) -> str:
    if not seen:
        return "0 of 0"
    around = binomtest(sum(seen), len(seen)).proportion_ci(0.95, "exact")
    return f"{sum(seen)} of {len(seen)} ({around.low:.3f} to {around.high:.3f})"


def _file(folder: Path, name: str) -> Path:
    return folder / f"mutants-{name.replace('/', '-')}.json"


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def try_room(name: str, folder: Path) -> None:
    """Try the room's changes that are not known, and keep what happened as soon as it is known."""
    from benchmarks.trials import Trials

    room, file = ROOMS[name], _file(folder, name)
    known, equivalent = _read(file), _read(EQUIVALENT)
    drawn = [one for one in draw(room) if one.name not in equivalent]
    wanted = [one for one in drawn if not _stands(known.get(one.name), one, room)]
    if not wanted:
        return
    trials = Trials(folder / f"mutants-{name.replace('/', '-')}", spark=room.spark)
    whole = trials.start(room.tests)
    if whole.exit != 0:
        raise RuntimeError(
            f"The tests of {name} fail before anything is changed: {whole.failed}, {trials.tree}/log.txt"
        )
    for i, one in enumerate(wanted):
        source = (ROOT / "tillthen" / one.file).read_text(encoding="utf-8")
        seen, by = False, ""
        with trials.changed(one.file, mutated(source, one.mutation)):
            for tests in _stages(one, whole.called, whole.seconds):
                told = trials.run(tests)
                if told.exit != 0:
                    seen, by = True, told.failed or "import"
                    break
        known[one.name] = {
            "line": one.mutation.line, "before": one.mutation.before, "after": one.mutation.after, "seen": seen,
            "by": by, "rests_on": _rests_on(one, room, by, trials.tree),
        }  # fmt: skip
        file.write_text(json.dumps(known, indent=1), encoding="utf-8")
        print(f"  {name} {i + 1} of {len(wanted)}: {one.name} line {one.mutation.line} "
              f"{f'seen by {by}' if seen else 'NOT SEEN'}", flush=True)  # fmt: skip


def _stages(
    one: Drawn, called: Mapping[str, Sequence[tuple[str, int]]], seconds: Mapping[str, float]
) -> list[list[str]]:
    """Tests that call the function, then the rest of the files of tests that call the module.

    All, where no test calls it, and of what stands outside functions, which is read without a call.
    """
    place = (one.file, one.mutation.scope)
    near = {test for test, of in called.items() if place in {(file, line) for file, line in of}}
    files = {_of(test) for test, of in called.items() if any(each[0] == one.file for each in of)}
    around = {test for test in called if _of(test) in files or not one.mutation.scope}
    stages = [_quickest(tests, seconds) for tests in (near, around - near) if tests]
    return stages or [_quickest(set(called), seconds)]


def _quickest(tests: set[str], seconds: Mapping[str, float]) -> list[str]:
    """File by file, since tests of a file share what is made for them; the quickest first."""
    of = {file: [test for test in tests if _of(test) == file] for file in {_of(test) for test in tests}}
    least = {file: min(seconds[test] for test in each) for file, each in of.items()}
    return sorted(tests, key=lambda test: (least[_of(test)], _of(test), seconds[test]))


def _of(test: str) -> str:
    return test.split("::")[0]


def _rests_on(one: Drawn, room: Room, by: str, tree: Path = ROOT) -> str:
    """A hash of the module and of the test that failed, or of all the room's tests where none did."""
    if "::" in by:
        tests = [_text_of(by, tree)]
    else:
        files = sorted(file for folder in room.tests for file in _python(tree / folder))
        tests = [file.read_text(encoding="utf-8") for file in files]
    module = (tree / "tillthen" / one.file).read_text(encoding="utf-8")
    return sha256("".join([module, *tests]).encode()).hexdigest()[:16]


def _text_of(test: str, tree: Path) -> str:
    """The function of a test; nothing where it is gone, all of the file for a doctest."""
    file, name = tree / _of(test), test.split("::")[-1].split("[")[0]
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == name]
    return str(ast.get_source_segment(text, functions[0])) if functions else text if "." in name else ""


def _python(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _stands(tried: Tried | None, one: Drawn, room: Room) -> bool:
    return tried is not None and tried["rests_on"] == _rests_on(one, room, tried["by"])


if __name__ == "__main__":
    try_room(sys.argv[1], Path(sys.argv[2]))
