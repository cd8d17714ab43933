"""Delta's jars for a local Spark, fetched once by the Ivy that comes with PySpark.

A cluster brings its own; a session that has ``spark.jars.packages`` fetches them itself, at every start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pyspark

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime.java import find_java

DESCRIPTORS = Path(__file__).with_name("ivy")
STAMP = ".fetched"
"""Holds the hash of the descriptor that a folder's jars were fetched by."""


def fetch(folder: Path, *, s3: bool = False, settings: Path | None = None) -> bool:
    """Put the jars that the installed Spark needs into ``folder``, in place of what was there; False if they are there.

    Parameters
    ----------
    folder
        Its jars are found by `tillthen.runtime.session.spark_session` where it is ``.jars`` of the working folder, or
        TILLTHEN_JARS names it.
    s3
        Hadoop's client for S3 too (640 MB), for sessions outside a cluster.
    settings
        An ivysettings.xml, for those who reach a mirror only.

    Raises
    ------
    ConfigurationError
        There is no Java, no descriptor for this Spark, or a jar cannot be had.
    """
    descriptor = _descriptor(s3)
    wanted = sha256(descriptor.read_bytes()).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    java = find_java()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as made:
        jars = Path(made, "jars")
        _retrieve(java, descriptor, jars, Path(made, "cache"), settings)
        (jars / STAMP).write_text(wanted)
        shutil.rmtree(folder, ignore_errors=True)
        jars.rename(folder)
    return True


def _descriptor(s3: bool) -> Path:
    line, ending = ".".join(pyspark.__version__.split(".")[:2]), "-s3" if s3 else ""
    found = DESCRIPTORS / f"spark-{line}{ending}.xml"
    if not found.is_file():
        lines = [path.stem.removeprefix("spark-") for path in sorted(DESCRIPTORS.glob("*.xml"))]
        known = [name.removesuffix("-s3") for name in lines if name.endswith("-s3") == s3]
        raise ConfigurationError(
            sentence(
                f"PySpark, whose jars are to be fetched{' with S3' if s3 else ''}",
                expected=" or ".join(known),
                got=line,
                fix="Install one of these, or name Delta's coordinates in spark.jars.packages.",
            )
        )
    return found


def _retrieve(java: str, descriptor: Path, into: Path, cache: Path, settings: Path | None) -> None:
    into.mkdir()
    (ivy,) = Path(pyspark.__path__[0], "jars").glob("ivy-*.jar")
    given = [] if settings is None else ["-settings", str(settings)]
    command = [java, "-jar", str(ivy), "-warn", *given, "-ivy", str(descriptor), "-cache", str(cache),
               "-retrieve", f"{into}{os.sep}[artifact]-[revision].[ext]"]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        told = [line.strip() for line in (ran.stdout + ran.stderr).splitlines() if line.strip(" :\t")]
        raise ConfigurationError(
            sentence(
                f"Delta's jars cannot be fetched: {' '.join(told[-3:])}",
                fix="Is Maven Central reached from here? Name a mirror with --ivy-settings ivysettings.xml.",
            )
        )
