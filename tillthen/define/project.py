"""A team's declarations, loaded by path under a private namespace."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType, ModuleType
from typing import TypeVar

from tillthen.define.backtests.backtest import Backtest
from tillthen.define.faults.collecting import collecting
from tillthen.define.faults.errors import DefinitionError, DefinitionErrors, did_you_mean, sentence
from tillthen.define.features.feature_set import FeatureSet
from tillthen.define.tables.table import FeatureTable

NAMESPACE = "tillthen_project"
T = TypeVar("T")


@dataclass(frozen=True)
class Project:
    """What a team's files declare, by name, and a hash of the files' text."""

    tables: Mapping[str, FeatureTable]
    feature_sets: Mapping[str, FeatureSet]
    backtests: Mapping[str, Backtest]
    code_hash: str

    def table(self, name: str) -> FeatureTable:
        """The feature table of that name."""
        return _named(self.tables, "feature table", name)

    def backtest(self, name: str) -> Backtest:
        """The backtest of that name."""
        return _named(self.backtests, "backtest", name)


def load(root: Path, files: Sequence[str]) -> Project:
    """Load declarations from ``files`` under ``root``; every fault of every file is in the one error raised.

    A file imports another of the team's relatively, ``from ..features.cards import card_spend``, so that a team's
    ``features`` never meets an installed package of that name.
    """
    _enter(root)
    faults: list[str] = []
    digest = sha256()
    declared: list[object] = []
    for file in files:
        path = root / file
        if not path.is_file():
            faults.append(sentence(f"{file}: no such file in {root}", fix="Correct 'features' or 'backtests'."))
            continue
        if path.suffix != ".py" or not path.resolve().is_relative_to(root):
            faults.append(sentence(file, expected=f"a .py file below {root}", got=str(path.resolve()),
                                   fix="Move it there, or set 'root'."))  # fmt: skip
            continue
        digest.update(path.read_bytes())
        module, wrong = _import(root, file)
        faults.extend(wrong)
        declared.extend(vars(module).values() if module else ())
    tables, clashes = _by_name(FeatureTable, declared)
    feature_sets, more = _by_name(FeatureSet, declared)
    backtests, most = _by_name(Backtest, declared)
    faults.extend([*clashes, *more, *most])
    if faults:
        raise DefinitionErrors(list(dict.fromkeys(faults)))
    return Project(tables, feature_sets, backtests, digest.hexdigest()[:16])


def _enter(root: Path) -> None:
    """Forget what was loaded before and let the namespace begin at ``root``."""
    for name in [name for name in sys.modules if name.split(".")[0] == NAMESPACE]:
        del sys.modules[name]
    importlib.invalidate_caches()
    package = ModuleType(NAMESPACE)
    package.__path__ = [str(root)]
    sys.modules[NAMESPACE] = package


def _import(root: Path, file: str) -> tuple[ModuleType | None, list[str]]:
    """The module and its faults, each with the file and line where it is, be it in a file that this one imports.

    After a first fault, what fails because of it is not reported again.
    """
    name = ".".join([NAMESPACE, *Path(file).with_suffix("").parts])
    with collecting(lambda: _place(root, file, walk_stack(None))) as faults:
        try:
            return importlib.import_module(name), faults
        except DefinitionError as error:
            faults.append(f"{_raised(root, file, error)}{error}")
        except SyntaxError as error:
            faults.append(f"{_shown(root, error.filename or file)}:{error.lineno}: {error.msg}.")
        except ImportError as error:
            faults.append(_raised(root, file, error) + sentence(str(error), fix=_IMPORTS))
        except Exception as error:
            # A team's file may fail in any way; it is theirs, and is told as a line of it.
            if not faults:
                faults.append(_raised(root, file, error) + sentence(f"{type(error).__name__}: {error}"))
    return None, faults


_IMPORTS = "Import the team's own files relatively: from ..features.x import y."


def _raised(root: Path, file: str, error: BaseException) -> str:
    """Where among the team's files an error comes from, the innermost."""
    return _place(root, file, reversed(list(walk_tb(error.__traceback__))))


def _place(root: Path, file: str, frames: Iterable[tuple[FrameType, int]]) -> str:
    for frame, line in frames:
        if str(frame.f_globals.get("__name__", "")).startswith(f"{NAMESPACE}."):
            return f"{_shown(root, frame.f_code.co_filename)}:{line}: "
    return f"{file}: "


def _shown(root: Path, filename: str) -> str:
    """A file as the configuration names it."""
    path = Path(filename)
    return str(path.relative_to(root)) if path.is_relative_to(root) else filename


def _by_name(kind: type[T], declared: Sequence[object]) -> tuple[dict[str, T], list[str]]:
    found: dict[str, T] = {}
    faults = []
    for item in declared:
        if isinstance(item, kind):
            name = item.name  # type: ignore[attr-defined]
            if name in found and found[name] is not item:
                faults.append(sentence(f"Two {kind.__name__} are named '{name}'", fix="Rename one of them."))
            found[name] = item
    return found, faults


def _named(known: Mapping[str, T], kind: str, name: str) -> T:
    if name not in known:
        raise DefinitionError(sentence(f"The project declares no {kind} '{name}'", fix=did_you_mean(name, known)))
    return known[name]
