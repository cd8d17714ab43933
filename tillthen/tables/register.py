"""A small text that several drivers change without losing each other's changes: compare-and-swap."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from tillthen.define.faults.errors import ConfigurationError, sentence
from tillthen.runtime.config import is_local
from tillthen.runtime.disk import unwritten
from tillthen.tables.credentials import arguments


class Register(Protocol):
    """A text with a tag that tells one writing of it from every other."""

    name: str

    def read(self) -> tuple[str, str | None]:
        """The text and its tag; "" and None where nothing was written."""

    def swap(self, text: str, tag: str | None) -> str | None:
        """Write where the tag is still the current one, and give the new tag; None where it is not.

        Raises
        ------
        ConfigurationError
            The disk is full or not writable; the text is as it was.
        """


class FileRegister:
    """In a file of this machine; a lock on a neighbour file makes reading and writing one step."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    def read(self) -> tuple[str, str | None]:
        """See `Register`."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return "", None
        return text, _tag(text)

    def swap(self, text: str, tag: str | None) -> str | None:
        """See `Register`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self.read()[1] != tag:
                    return None
                unfinished = self._path.with_suffix(".new")
                unfinished.write_text(text, encoding="utf-8")
                unfinished.replace(self._path)
        except OSError as error:
            raise unwritten(self.name, error.strerror) from None
        return _tag(text)


class S3Register:
    """In an object of S3, by conditional puts: If-None-Match for the first writing, If-Match for the others."""

    def __init__(self, url: str, client: Any) -> None:
        self.name = url
        self._client = client
        self._bucket, _, self._key = url.partition("://")[2].partition("/")

    def read(self) -> tuple[str, str | None]:
        """See `Register`."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._key)
        except self._client.exceptions.NoSuchKey:
            return "", None
        return found["Body"].read().decode(), found["ETag"]

    def swap(self, text: str, tag: str | None) -> str | None:
        """See `Register`."""
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            done = self._client.put_object(Bucket=self._bucket, Key=self._key, Body=text.encode(), **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return None
            raise
        return str(done["ETag"])


def open_register(warehouse: str, name: str, settings: Mapping[str, str]) -> Register:
    """The register of that name in a warehouse; ``settings`` are Spark's, for a store of one's own."""
    if is_local(warehouse):
        return FileRegister(Path(warehouse) / name)
    try:
        import boto3
    except ImportError:
        raise ConfigurationError(sentence(f"Warehouse {warehouse}: the lease needs boto3",
                                          fix="Install tillthen[s3].")) from None  # fmt: skip
    return S3Register(f"{warehouse}/{name}", boto3.client("s3", **arguments(warehouse, settings)))


def _tag(text: str) -> str:
    return sha256(text.encode()).hexdigest()
