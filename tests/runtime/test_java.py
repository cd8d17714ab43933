from __future__ import annotations

import pytest

from tillthen.define.faults.errors import ConfigurationError
from tillthen.runtime.java import check_java


@pytest.fixture
def fake_java(tmp_path, monkeypatch):
    """Put a java on PATH that prints these lines and exits with this code."""

    def install(text: str, code: int = 0) -> None:
        file = tmp_path / "java"
        file.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{text}\nEND\nexit {code}\n")
        file.chmod(0o755)

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return install


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "25-ea"', 25),
    ],
)
def test_17_and_newer_are_accepted(fake_java, text, version):
    fake_java(text)
    assert check_java() == version


@pytest.mark.parametrize(
    ("text", "code", "got"),
    [
        ('java version "1.8.0_392"', 0, "got version 8"),
        ('openjdk version "11.0.2" 2019-01-15', 0, "got version 11"),
        ("Unable to locate a Java Runtime.", 1, "got one that does not run"),
        ('openjdk version "17.0.15"', 1, "got one that does not run"),
    ],
)
def test_older_or_broken_ones_are_refused_in_one_line(fake_java, text, code, got):
    fake_java(text, code)
    with pytest.raises(ConfigurationError, match=f"expected version 17 or newer, {got}. Install Java 17") as refused:
        check_java()
    assert "\n" not in str(refused.value)


def test_none_at_all_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="Java in PATH: .* got none. Install Java 17"):
        check_java()


def test_java_home_goes_before_path(fake_java, tmp_path, monkeypatch):
    fake_java('openjdk version "17.0.15"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(ConfigurationError, match="Java in JAVA_HOME: .* got none"):
        check_java()
