"""The Java that Spark would start, checked before it does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tillthen.define.faults.errors import ConfigurationError, sentence

LEAST = 17
_FIX = (
    f"Install Java {LEAST} (Debian: apt-get install openjdk-{LEAST}-jre-headless, macOS: brew install openjdk@{LEAST}) "
    "and let JAVA_HOME or PATH lead to it."
)


def find_java() -> str:
    """The Java in JAVA_HOME, else on PATH."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(Path(home) / "bin" / "java" if home else "java")
    if java is None:
        where = "JAVA_HOME" if home else "PATH"
        raise ConfigurationError(
            sentence(f"Java in {where}", expected=f"version {LEAST} or newer", got="none", fix=_FIX)
        )
    return java


def check_java() -> int:
    """The major version of that Java; anything older than `LEAST` is refused."""
    java = find_java()
    where = "JAVA_HOME" if os.environ.get("JAVA_HOME") else "PATH"
    version = _version(java)
    if version is None or version < LEAST:
        got = "one that does not run" if version is None else f"version {version}"
        raise ConfigurationError(
            sentence(f"Java in {where} ({java})", expected=f"version {LEAST} or newer", got=got, fix=_FIX)
        )
    return version


def _version(java: str) -> int | None:
    """Its major version; before 9 they were written 1.8."""
    try:
        ran = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', ran.stderr + ran.stdout)
    return int(found[1]) if found and ran.returncode == 0 else None
