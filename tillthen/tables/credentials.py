"""Credentials of an S3 store: what Spark's settings give its own client, for the clients beside it.

delta-rs and its Arrow reader take them as options, boto3 as arguments. Settings of one bucket
(``fs.s3a.bucket.NAME.session.token``) stand over those of all, as in Hadoop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tillthen.define.faults.errors import ConfigurationError, sentence

S3A = "spark.hadoop.fs.s3a."
NAMES = {
    "endpoint": "AWS_ENDPOINT_URL",
    "access.key": "AWS_ACCESS_KEY_ID",
    "secret.key": "AWS_SECRET_ACCESS_KEY",
    "session.token": "AWS_SESSION_TOKEN",
    "endpoint.region": "AWS_REGION",
}
"""Hadoop's names, below fs.s3a, and delta-rs' own."""

ARGUMENTS = {
    "endpoint_url": "AWS_ENDPOINT_URL",
    "region_name": "AWS_REGION",
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
}
"""boto3's names."""

_ROLE = re.compile(rf"{re.escape(S3A)}(?:bucket\..+\.)?assumed\.role\.arn")


def storage_options(settings: Mapping[str, str]) -> dict[str, str]:
    """What readers of logs need of Spark's settings to find the same store; without any the machine's own.

    Settings of one bucket stay under its name until `of_path`.

    Raises
    ------
    ConfigurationError
        Spark is to assume a role, which the other clients would not: they would read as somebody else.
    """
    role = next((name for name in settings if _ROLE.fullmatch(name)), None)
    if role is not None:
        raise ConfigurationError(
            sentence(f"Setting '{role}': only Spark's own client would assume the role",
                     fix="Let the environment assume it (AWS_PROFILE with role_arn, or AWS_ROLE_ARN), for all clients.")
        )  # fmt: skip
    found: dict[str, str] = {}
    for name, value in settings.items():
        if name.startswith(f"{S3A}bucket."):
            bucket, ours = _of_bucket(name.removeprefix(f"{S3A}bucket."))
            found |= {f"{bucket}/{NAMES[ours]}": value} if ours in NAMES else {}
        elif name.startswith(S3A) and name.removeprefix(S3A) in NAMES:
            found[NAMES[name.removeprefix(S3A)]] = value
    return found


def of_path(path: str, options: Mapping[str, str]) -> dict[str, str]:
    """The options that hold for a path: those of its bucket over those of all."""
    bucket = path.partition("://")[2].partition("/")[0]
    found = {name: value for name, value in options.items() if "/" not in name}
    own = {name.partition("/")[2]: value for name, value in options.items() if name.startswith(f"{bucket}/") and bucket}
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    if keys & set(own):  # a token belongs to its key
        found = {name: value for name, value in found.items() if name not in keys}
    found |= own
    plain = found.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return found | ({"AWS_ALLOW_HTTP": "true"} if plain else {})


def arguments(path: str, settings: Mapping[str, str]) -> dict[str, str | None]:
    """The same for boto3's client of the bucket of a path."""
    options = of_path(path, storage_options(settings))
    return {ours: options.get(theirs) for ours, theirs in ARGUMENTS.items()}


def _of_bucket(rest: str) -> tuple[str, str]:
    """The bucket, whose name may hold dots, and the setting's own name."""
    for ours in sorted(NAMES, key=len, reverse=True):
        if rest.endswith(f".{ours}"):
            return rest.removesuffix(f".{ours}"), ours
    return rest, ""
