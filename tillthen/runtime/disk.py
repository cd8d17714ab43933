"""What is said of a file that the disk did not take."""

from __future__ import annotations

from tillthen.define.faults.errors import ConfigurationError, sentence


def unwritten(path: object, reason: str | None) -> ConfigurationError:
    """The error of a file that could not be written; whoever raises it has left the file as it was."""
    return ConfigurationError(sentence(f"{path} could not be written: {reason}", fix="Free some space, and run again."))
