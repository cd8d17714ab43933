from __future__ import annotations

import pyspark
import pytest
from click.testing import CliRunner

from tillthen.cli import commands
from tillthen.define.faults.errors import ConfigurationError
from tillthen.runtime import jars

JAR = "delta-spark.jar"


@pytest.fixture
def java(tmp_path, monkeypatch):
    """Put a java on PATH that stands for Ivy: it makes one jar, or fails as Ivy does, and notes how often it ran."""

    def install(*, fails: bool = False):
        ending = f'echo ":::: UNRESOLVED DEPENDENCIES: {JAR}"; exit 1' if fails else "exit 0"
        file = tmp_path / "bin" / "java"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            f"""#!/bin/bash
            [ "$1" = -version ] && {{ echo 'openjdk version "17.0.15"' >&2; exit 0; }}
            echo "$@" >> {tmp_path}/ran
            touch "$(dirname "${{@: -1}}")/{JAR}"
            {ending}
            """
        )
        file.chmod(0o755)

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return install


def test_jars_are_fetched_once(java, tmp_path):
    java()
    folder = tmp_path / "jars"
    assert jars.fetch(folder)
    assert not jars.fetch(folder)
    assert {path.name for path in folder.iterdir()} == {JAR, ".fetched"}
    assert len((tmp_path / "ran").read_text().splitlines()) == 1


def test_another_descriptor_replaces_what_is_there(java, tmp_path):
    java()
    folder = tmp_path / "jars"
    folder.mkdir()
    (folder / "old.jar").touch()
    (folder / ".fetched").write_text("by another descriptor")
    assert jars.fetch(folder)
    assert not (folder / "old.jar").exists()


def test_what_fails_leaves_the_folder_as_it_was_and_tells_ivys_reason(java, tmp_path):
    java(fails=True)
    folder = tmp_path / "jars"
    folder.mkdir()
    (folder / "old.jar").touch()
    with pytest.raises(ConfigurationError, match=r"cannot be fetched: .*UNRESOLVED.*--ivy-settings") as refused:
        jars.fetch(folder)
    assert "\n" not in str(refused.value)
    assert [path.name for path in folder.iterdir()] == ["old.jar"]
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "ran", "jars"}


def test_a_spark_of_another_line_is_named(java, tmp_path, monkeypatch):
    java()
    monkeypatch.setattr(pyspark, "__version__", "4.0.2")
    with pytest.raises(ConfigurationError, match=r"expected 3.5 or 4.1, got 4.0. Install"):
        jars.fetch(tmp_path / "jars")


def test_a_mirror_is_handed_to_ivy(java, tmp_path):
    java()
    mirror = tmp_path / "ivysettings.xml"
    mirror.touch()
    arguments = ["setup", "--jars", str(tmp_path / "jars"), "--ivy-settings", str(mirror)]
    assert "fetched" in CliRunner().invoke(commands, arguments).output
    assert f"-settings {mirror}" in (tmp_path / "ran").read_text()
