"""Paths with Hadoop's wildcards, as Spark takes them: ``*``, ``?``, ``[a-z]`` and ``{this,that}``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import translate
from itertools import chain

from pyarrow import fs

HIDDEN = ("_", ".")
_WILD = re.compile(r"[*?\[\]{}\\]")
_EITHER = re.compile(r"\{([^{}]*)\}")


def matching(system: fs.FileSystem, path: str) -> list[fs.FileInfo]:
    """What is there of a path, or of all that its wildcards match: hidden folders, as Spark does, but no hidden files.

    Raises
    ------
    OSError
        Nothing is there, or the path holds a wildcard that is none of these.
    """
    if "\\" in path:
        raise OSError(f"{path} holds a backslash")
    found = [info for one in _alternatives(path) for info in _matching(system, one)]
    if not found:
        raise OSError(f"nothing matches {path}")
    return list({info.path: info for info in found}.values())


def hidden(path: str) -> bool:
    """Whether a name in a path below a table is one that Spark passes over."""
    return any(part.startswith(HIDDEN) and "=" not in part for part in path.split("/") if part)


def _alternatives(path: str) -> Iterator[str]:
    """A path without braces for each choice that it leaves.

    >>> list(_alternatives("a/{b,c}/d"))
    ['a/b/d', 'a/c/d']
    """
    either = _EITHER.search(path)
    if either is None:
        yield path
        return
    for choice in either[1].split(","):
        yield from _alternatives(path[: either.start()] + choice + path[either.end() :])


def _matching(system: fs.FileSystem, path: str) -> list[fs.FileInfo]:
    """What matches a path, one name of it after the other."""
    wild = _WILD.search(path)
    if wild is None:
        return [info for info in system.get_file_info([path]) if info.type != fs.FileType.NotFound]
    above, slash, begun = path[: wild.start()].rpartition("/")
    folders, found = [above or slash], []
    for name in (begun + path[wild.start() :]).strip("/").split("/"):
        pattern = re.compile(translate(name.replace("[^", "[!")))
        listed = chain.from_iterable(system.get_file_info(fs.FileSelector(folder)) for folder in folders)
        found = [one for one in listed if pattern.match(one.base_name)]
        folders = [one.path for one in found if one.type == fs.FileType.Directory]
    return [one for one in found if one.type == fs.FileType.Directory or not hidden(one.base_name)]
