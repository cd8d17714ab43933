"""Secrets in texts: the one place that knows what they look like, and hides them wherever a text leaves the process.

Errors, facts, status and lineage go through here. Hidden are values that were `remember`-ed (passwords that were read
from the environment, keys among Spark's settings), values of environment variables that are named as secrets are, and
what stands where addresses and parameters hold secrets.
"""

from __future__ import annotations

import os
import re
from typing import Any

HIDDEN = "***"
LEAST = 8
"""Letters of an environment's secret: shorter values may be words of any text."""

_WORDS = r"pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|signature"
_NAME = rf"(?:{_WORDS}|(?:access|api|private|account|shared)[._-]?key)"
_NAMED = rf"[\w.\-]*{_NAME}[\w.\-]*|\bsig"
_VALUE = r"(?:\{[^}]*\}|'[^']*'|\"[^\"]*\"|[^;&\s'\"]+)"

_PLACES = (
    # scheme://user:password@host, with whatever the password holds
    (re.compile(r"(//[^\s/:@'\"]*:)[^\s'\"]+@"), rf"\g<1>{HIDDEN}@"),
    # Oracle's user/password@host
    (re.compile(r"((?:\bjdbc:[\w:]+:|(?<![\w/.:@]))[\w$#]+/)[^\s/@'\"]+@(?=\S)"), rf"\g<1>{HIDDEN}@"),
    # ;password=value and ?token=value
    (re.compile(rf"((?:{_NAMED})=){_VALUE}", re.IGNORECASE), rf"\g<1>{HIDDEN}"),
    # {'password': 'value'}
    (re.compile(rf"((['\"])(?:{_NAMED})\2\s*:\s*)(?:'[^']*'|\"[^\"]*\")", re.IGNORECASE), rf"\g<1>'{HIDDEN}'"),
    (re.compile(r"\b(bearer|basic)\s+(?=\S*[\d=])[\w.~+/=-]{8,}", re.IGNORECASE), rf"\g<1> {HIDDEN}"),
)
_TOKENS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bgh[pousr]_\w{20,}|\bdapi[0-9a-f]{32}\b"
    # AWS's secret keys: 40 letters of base 64, which hashes in hexadecimals are not
    r"|(?<![\w/+=])(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*\d)[A-Za-z0-9+][A-Za-z0-9/+]{39}(?![\w/+=])"
)
_SECRET_NAME = re.compile(_NAMED, re.IGNORECASE)
_remembered: set[str] = set()


def remember(secret: str | None) -> None:
    """Hide this value from now on, in whatever text it stands."""
    if secret:
        _remembered.add(secret)


def is_secret(name: str) -> bool:
    """Whether a setting of this name holds a secret.

    >>> is_secret("spark.hadoop.fs.s3a.session.token"), is_secret("sslmode")
    (True, False)
    """
    return _SECRET_NAME.search(name) is not None


def hidden(text: str) -> str:
    """The text without secrets.

    >>> hidden("mysql://me:hush@db/x and jdbc:oracle:thin:scott/tiger@db:1521/x and jdbc:x;pwd=hush;user=me")
    'mysql://me:***@db/x and jdbc:oracle:thin:scott/***@db:1521/x and jdbc:x;pwd=***;user=me'
    """
    return _without(_known(), text)


def holds_secret(text: str) -> bool:
    """Whether the text holds what would be hidden."""
    return hidden(text) != text


def hidden_in(value: Any) -> Any:
    """What JSON holds, its texts without secrets."""
    known = _known()  # once: lineage holds a thousand texts

    def hide(item: Any) -> Any:
        if isinstance(item, str):
            return _without(known, item)
        if isinstance(item, dict):
            return {key: hide(one) for key, one in item.items()}
        return [hide(one) for one in item] if isinstance(item, list | tuple) else item

    return hide(value)


def _without(known: list[str], text: str) -> str:
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for place, shown in _PLACES:
        text = place.sub(shown, text)
    return _TOKENS.sub(HIDDEN, text)


def _known() -> list[str]:
    """The longest first, so that none is cut by a shorter one that it holds."""
    named = {value for name, value in os.environ.items() if len(value) >= LEAST and _SECRET_NAME.search(name)}
    told = {value for value in named if not value.startswith(("/", "."))}  # others are files of secrets
    return sorted(told | _remembered, key=len, reverse=True)
