"""Tests on changed modules: each trial is a fork of one process that has everything imported but the product."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).parents[1]
COPIED = ("tillthen", "tests", "benchmarks", "features", "backtests", "pyproject.toml")
OPTIONS = ("-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider",
           "-W", "ignore::pytest.PytestAssertRewriteWarning", "-o", "addopts=--doctest-modules --import-mode=importlib",
           "-m", "not long")  # fmt: skip
SECONDS = 600
"""By the clock for one trial; without Spark it also has `PROCESSOR` seconds of work and `MEMORY` bytes."""
PROCESSOR = 120
MEMORY = 6 * 2**30


@dataclass
class Told:
    """What pytest's run said: its exit code, the test that failed, seconds and called functions of each test.

    A function is its file in the copy and its first line.
    """

    exit: int = -1
    failed: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    called: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Watching:
    """A plugin that notes what `Told` holds; it traces calls only where it is asked to."""

    def __init__(self, package: Path, *, trace: bool) -> None:
        self.told, self._package, self._trace = Told(), f"{package}/", trace
        self._called: set[tuple[str, int]] = set()

    def pytest_sessionstart(self) -> None:
        """A failing example is enough; the smallest one does not matter."""
        settings.register_profile("trial", settings(), phases=(Phase.explicit, Phase.generate), print_blob=False)
        settings.load_profile("trial")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Each test with the fixtures that are made for it."""
        start, self._called = time.perf_counter(), set()
        if self._trace:
            sys.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.told.seconds[item.nodeid] = time.perf_counter() - start
            self.told.called[item.nodeid] = sorted(self._called)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure."""
        if report.failed and not self.told.failed:
            self.told.failed = report.nodeid

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if code.co_filename.startswith(self._package):
            self._called.add((code.co_filename.removeprefix(self._package), code.co_firstlineno))


class Trials:
    """A copy of the tree in ``folder``, and forks of this process that test it."""

    def __init__(self, folder: Path, *, spark: bool) -> None:
        self.tree, self._spark = folder.resolve(), spark
        shutil.rmtree(folder, ignore_errors=True)
        self.tree.mkdir(parents=True)
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, self.tree / name)
        if (ROOT / ".jars").exists():
            (self.tree / ".jars").symlink_to((ROOT / ".jars").resolve())
        self._prepare: Callable[[], None] = lambda: None
        self._java: object = None

    def start(self, tests: Sequence[str]) -> Told:
        """Run all tests once, in a fork, noting what they call; then import what they do. Java is started for Spark."""
        if self._spark:
            self._start_java()
        told = self.run(tests, trace=True)
        with self._inside():
            pytest.main([*tests, *OPTIONS, "--collect-only", "-qq"])
        sys.stdout.flush()
        return told

    def run(self, tests: Sequence[str], *, trace: bool = False) -> Told:
        """Run tests until one fails."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            self._in_child(tests, write, trace=trace)
        os.close(write)
        text = _read_within(read, child, SECONDS * (3 if trace else 1))
        if self._spark and (not text or json.loads(text)["exit"] not in (0, 1)):
            self._start_java()  # the one there may still hold a context
        return Told(**json.loads(text)) if text else Told(failed="time")

    @contextmanager
    def changed(self, file: str, text: str) -> Iterator[None]:
        """The copy with a file of the package changed."""
        path = self.tree / "tillthen" / file
        path.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            shutil.copy2(ROOT / "tillthen" / file, path)

    def _in_child(self, tests: Sequence[str], write: int, *, trace: bool) -> None:
        os.setsid()
        if not self._spark and not trace:
            resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        log = os.open(self.tree / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            with self._inside():
                self._prepare()
                watching = Watching(self.tree / "tillthen", trace=trace)
                watching.told.exit = int(pytest.main([*tests, *OPTIONS], plugins=[watching]))
            sys.stdout.flush()
            with os.fdopen(write, "w") as pipe:
                json.dump(vars(watching.told), pipe)
        finally:
            os.kill(0, signal.SIGKILL)  # its own group: what it started, too

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """In the copy, with nothing of the product imported before or after."""
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(self.tree))
        os.environ.update(
            PYTHONPATH=str(self.tree), PYTHONDONTWRITEBYTECODE="1", TILLTHEN_JARS=str(self.tree / ".jars")
        )
        before = Path.cwd()
        os.chdir(self.tree)
        _forget()
        yield
        _forget()
        os.chdir(before)

    def _start_java(self) -> None:
        """One Java for all trials; each has a Spark context of its own in it."""
        from pyspark import SparkContext, java_gateway

        jars = ",".join(map(str, sorted((ROOT / ".jars").resolve().glob("*.jar"))))
        options = {
            "spark.driver.memory": "2g", "spark.jars": jars, "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
            "spark.driver.defaultJavaOptions": "-Darrow.enable_unsafe_memory_access=true",
        }  # fmt: skip
        os.environ["PYSPARK_PYTHON"] = sys.executable
        made = java_gateway.launch_gateway(_Options(options))  # type: ignore[arg-type]
        self._java = made  # Java ends with it
        port, secret = made.gateway_parameters.port, made.gateway_parameters.auth_token

        def prepare() -> None:
            os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
            SparkContext._gateway = java_gateway.launch_gateway()
            SparkContext._jvm = SparkContext._gateway.jvm
            del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]

        self._prepare = prepare


@dataclass(frozen=True)
class _Options:
    options: Mapping[str, str]

    def getAll(self) -> list[tuple[str, str]]:
        """As a SparkConf does."""
        return list(self.options.items())


def _forget() -> None:
    for name in list(sys.modules):
        if name.split(".")[0] in ("tillthen", "tests", "conftest") or (
            name.startswith("benchmarks.")
            and (name not in ("benchmarks.trials", "benchmarks.mutants", "benchmarks.mutations"))
        ):
            del sys.modules[name]


def _read_within(read: int, child: int, seconds: float) -> str:
    """What the child says before its time is over; nothing where it dies."""

    def stop(*_: Any) -> None:
        os.killpg(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(int(seconds))
    with os.fdopen(read) as pipe:
        text = pipe.read()
    signal.alarm(0)
    os.waitpid(child, 0)
    return text
