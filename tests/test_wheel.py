"""The wheel holds what it needs, and works in an environment that has nothing but what it asks for."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: object, **where: object) -> str:
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **where)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from what git holds, so that a file that was forgotten is missing."""
    source = tmp_path_factory.mktemp("source")
    for name in run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    built = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", built, source)
    (found,) = built.glob("*.whl")
    return found


def test_it_holds_every_file_of_the_package_and_no_other(wheel):
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "tillthen", cwd=ROOT).splitlines()
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    assert held == {name for name in listed if (ROOT / name).is_file()}
    assert "License-Expression: Apache-2.0" in metadata
    assert "Description-Content-Type: text/markdown" in metadata


def test_alone_it_makes_a_project_and_says_what_is_missing(wheel, tmp_path):
    place = tmp_path / "alone"
    venv.create(place, with_pip=True)
    pip = [place / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, "-c", ROOT / "requirements.txt", wheel)
    run(place / "bin" / "python", "-m", "pip", "check")
    tillthen = place / "bin" / "tillthen"
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    assert "Commands:" in run(tillthen, "--help", cwd=tmp_path, env=clean)
    assert "a project" in run(tillthen, "init", "acme", cwd=tmp_path, env=clean)
    assert wheel.name in (tmp_path / "acme" / "requirements.txt").read_text()
    ran = subprocess.run([tillthen, "setup"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (3, 1)
    assert "tillthen[spark]" in ran.stderr


@pytest.mark.long
def test_with_its_extras_a_new_project_reaches_its_report(wheel, tmp_path):
    place = tmp_path / "full"
    venv.create(place, with_pip=True)
    pip = [place / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, "-c", ROOT / "requirements.txt", f"{wheel}[spark,learn,report]")
    clean = {"PATH": f"{place / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    run("tillthen", "init", "acme", cwd=tmp_path, env=clean)
    (tmp_path / "acme" / "constraints.txt").write_text((ROOT / "requirements.txt").read_text())
    told = run("make", "demo", cwd=tmp_path / "acme", env=clean)
    assert (tmp_path / "acme" / told.splitlines()[-1].strip()).is_file() or "report.html" in told
    run("make", "test", cwd=tmp_path / "acme", env=clean)
