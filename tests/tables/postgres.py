"""A PostgreSQL server of the test's own: in a folder that goes away, on loopback, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "not-for-messages"


@dataclass(frozen=True)
class Postgres:
    """A running server; ``url`` is JDBC's."""

    binaries: Path
    port: int

    @property
    def url(self) -> str:
        return f"jdbc:postgresql://127.0.0.1:{self.port}/postgres"

    def run(self, *statements: str) -> None:
        """Run SQL, each statement committed on its own."""
        given = [argument for statement in statements for argument in ("-c", statement)]
        at = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", "postgres"]
        command = [str(self.binaries / "psql"), *at, "-q", "-v", "ON_ERROR_STOP=1", *given]
        subprocess.run(
            command, check=True, capture_output=True, env={"PGPASSWORD": PASSWORD, "PATH": os.environ["PATH"]}
        )


def binaries() -> Path | None:
    """The newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres(binaries: Path) -> Iterator[Postgres]:
    """Start a server, and stop it and remove everything at the end."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    (folder / "password").write_text(PASSWORD)
    for path in (folder, folder / "password"):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def program(name: str, *arguments: str) -> None:
        as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        log = folder / f"{name}.log"
        with log.open("w") as out:
            command = [str(binaries / name), "-D", str(folder / "data"), *arguments]
            done = subprocess.run(command, stdout=out, stderr=out, cwd="/", check=False, **as_owner)  # type: ignore[call-overload]
        assert done.returncode == 0, log.read_text()

    try:
        program("initdb", "-U", "owner", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync",
                "-E", "UTF8", "--locale=C")  # fmt: skip
        settings = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c timezone=Asia/Tokyo"
        program("pg_ctl", "start", "-w", "-o", settings, "-l", str(folder / "server.log"))
        try:
            yield Postgres(binaries, port)
        finally:
            program("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)
