"""Times taken in turns, ratios of each turn, and the table of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.processor import processor_seconds

ROUNDS = 3
Run = Callable[[], object]


@dataclass(frozen=True)
class Took:
    """Seconds of each turn of a run, by the clock and by the processors."""

    clock: list[float]
    processor: list[float]

    @property
    def seconds(self) -> float:
        """The median by the clock."""
        return median(self.clock)

    def by(self, other: Took) -> float:
        """Turn by turn the ratio to another run of the same turns, by the clock: the median."""
        return median(mine / theirs for mine, theirs in zip(self.clock, other.clock, strict=True))

    def work_by(self, other: Took) -> float:
        """The same by the processors, which does not count what other programs did meanwhile."""
        return median(mine / theirs for mine, theirs in zip(self.processor, other.processor, strict=True))


@dataclass(frozen=True)
class Result:
    """One figure: a ratio, what it should be, and whether it is; ``holds`` is None where a rival did not run."""

    name: str
    ratio: float | None
    aim: str
    holds: bool | None
    detail: str


def in_turns(runs: Mapping[str, Run], rounds: int = ROUNDS, *, warm: bool = False) -> dict[str, Took]:
    """What each run took in ``rounds`` turns, after one that does not count where nothing is ``warm``."""
    taken = {name: Took([], []) for name in runs}
    for turn in range(int(warm), rounds + 1):
        for name, run in runs.items():
            start, before = time.perf_counter(), processor_seconds()
            run()
            seconds, work = time.perf_counter() - start, processor_seconds() - before
            if turn:
                taken[name].clock.append(seconds)
                taken[name].processor.append(work)
            print(f"  {name}: {seconds:.1f} s, of processors {work:.1f} s{'' if turn else ' (warm-up)'}", flush=True)
    return taken


def at_most(name: str, ours: Took, theirs: Took, aim: float, detail: str) -> Result:
    """Our time by theirs, at most ``aim``."""
    ratio = ours.by(theirs)
    return Result(name, round(ratio, 3), f"at most {aim}", ratio <= aim, _said(ours, theirs, detail))


def faster(name: str, ours: Took, theirs: Took, aim: float, detail: str) -> Result:
    """Their time by ours, at least ``aim``."""
    ratio = theirs.by(ours)
    return Result(name, round(ratio, 2), f"at least {aim}", ratio >= aim, _said(theirs, ours, detail))


def _said(one: Took, other: Took, detail: str) -> str:
    work = f"; of processors' time {one.work_by(other):.2f}" if min(other.processor) > 0 else ""
    return f"{one.seconds:.1f} s by {other.seconds:.1f} s{work}; {detail}"


def not_run(name: str, aim: str, reason: str) -> Result:
    """A rival that could not run."""
    return Result(name, None, aim, None, reason)


def save(path: Path, results: Iterable[Result]) -> None:
    """Put the results in place of those of the same name, keeping the others."""
    kept = {entry["name"]: entry for entry in json.loads(path.read_text())} if path.exists() else {}
    kept.update({result.name: asdict(result) for result in results})
    part = path.with_suffix(".part")
    part.write_text(json.dumps(list(kept.values()), indent=1) + "\n")
    part.replace(path)


def show(results: Iterable[Result]) -> str:
    """The results as lines of a table."""
    lines = []
    for one in results:
        verdict = {True: "holds", False: "MISSED", None: "not run"}[one.holds]
        ratio = "-" if one.ratio is None else f"{one.ratio:g}"
        lines.append(f"{verdict:8} {ratio:>8}  ({one.aim})  {one.name}: {one.detail}")
    return "\n".join(lines)
