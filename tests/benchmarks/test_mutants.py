"""Small changes to code, and trials of them; the measurement itself takes most of an hour."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import mutants
from benchmarks.measure import save, show
from benchmarks.mutations import mutated, mutations

ROOT = Path(__file__).parents[2]
SOURCE = '''"""Says."""
@cached(size=4)
def reached(score: float, bound: int | None = None) -> bool:
    """Not this 1."""
    if not bound and score < 0.5:
        return None
    rows[0] = 1
    return zip(score, bound, strict=True)
'''


def changed():
    return {(one.line, one.before.split("\n")[0], one.after.split("\n")[0]) for one in mutations(SOURCE)}


def test_what_runs_is_changed_and_what_only_declares_is_not():
    found = changed()
    assert {
        (5, "not bound", "bound"), (5, "score < 0.5", "score <= 0.5"), (5, "score < 0.5", "score >= 0.5"),
        (5, "0.5", "1.5"), (5, "not bound and score < 0.5", "not bound or score < 0.5"), (7, "rows[0] = 1", "pass"),
        (7, "0", "-1"), (7, "1", "2"), (8, "return zip(score, bound, strict=True)", "return None"),
    } <= found  # fmt: skip
    assert not {line for line, *_ in found} & {1, 2, 3, 4, 6}
    assert not [one for one in found if "strict" in one[1] and one[2] != "return None"]


def test_each_change_is_one_and_is_known_again_where_others_come_before_it():
    plain = mutated(SOURCE, next(one for one in mutations(SOURCE) if one.after == "score <= 0.5"))
    assert plain.count("<=") == 1
    assert "return zip(score, bound, strict=True)" in plain
    later = SOURCE.replace("    rows", "    other = 7\n    rows")
    assert {one.place for one in mutations(SOURCE) if one.line == 5} <= {one.place for one in mutations(later)}


def test_every_room_has_as_many_changes_as_are_drawn_and_draws_the_same_again():
    drawn = {name: mutants.draw(room) for name, room in mutants.ROOMS.items()}
    assert sum(len(each) for each in drawn.values()) == 400
    assert drawn["decide"] == mutants.draw(mutants.ROOMS["decide"])
    assert all(len({one.name for one in each}) == len(each) for each in drawn.values())


@pytest.mark.long
def test_nine_of_ten_small_changes_are_seen():
    found = mutants.benchmark(ROOT / "warehouse" / "benchmarks")
    print(show(found))
    save(ROOT / "benchmarks" / "results.json", found)
    assert [result.name for result in found if not result.holds] == []
