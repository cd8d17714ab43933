"""Whether a value is what an annotation says, strictly: True is no number, a path no text, a set no list.

What is meant all the same is taken: numpy's scalars are Python's, one thing where a list is meant is a list of one.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Annotated, Literal, TypeGuard, Union, get_args, get_origin

from tillthen.define.arguments.annotations import SCALARS, Like, got


class Unfit(Exception):
    """A value is not what it should be; ``at`` says which part of it, ``said`` what is wrong where that is told.

    ``typed`` where the type is right and only the value is not.
    """

    def __init__(
        self, hint: object, got: object, at: str = "", said: tuple[str, ...] = (), typed: bool = False
    ) -> None:
        super().__init__()
        self.hint, self.got, self.at, self.said, self.typed = hint, got, at, said, typed

    def within(self, part: str) -> Unfit:
        """The same of a whole that has the value as a part."""
        return Unfit(self.hint, self.got, f"{part}{self.at}", self.said)


def fit(value: object, hint: object) -> object:
    """The value as the annotation has it.

    Raises
    ------
    Unfit
        It is something else.
    """
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is Annotated:
        return _liked(value, hint, *parts)
    if origin in (Union, types.UnionType):
        return _either(value, hint, parts)
    if origin is Literal:
        if isinstance(value, str) and value not in parts:
            raise Unfit(hint, value, typed=True)
        return _check(value, hint, isinstance(value, str))
    if hint in SCALARS:
        read = SCALARS[hint].read(value)
        return _check(read, hint, read is not None, value)
    if not isinstance(origin, type) or origin is object:
        return value
    if issubclass(origin, Mapping):
        return _mapping(value, hint, parts)
    if issubclass(origin, Iterable) and parts:
        made = tuple(_items(value, hint, parts[0]))
        return list(made) if origin is list else made
    return _check(value, hint, isinstance(value, origin))


def _check(value: object, hint: object, right: bool, got: object = None) -> object:
    if not right:
        raise Unfit(hint, value if got is None else got)
    return value


def _liked(value: object, hint: object, base: object, like: Like) -> object:
    try:
        fitted = fit(value, base)
    except Unfit as unfit:
        raise unfit if unfit.at else Unfit(hint, value) from None
    said = tuple(like.faults(fitted))
    if said or not like.fits(fitted):
        raise Unfit(hint, value, said=said, typed=True)
    return fitted


def _either(value: object, hint: object, kinds: tuple[object, ...]) -> object:
    if value is None and types.NoneType in kinds:
        return None
    some = [kind for kind in kinds if kind is not types.NoneType]
    told = Unfit(hint, value)
    for kind in some:
        try:
            return fit(value, kind)
        except Unfit as unfit:
            # Of the kinds that it is not, the one that it nearly is says most.
            told = unfit if unfit.at or unfit.typed or len(some) == 1 else told
    raise told


def _items(value: object, hint: object, kind: object) -> Iterator[object]:
    if isinstance(value, str) or not _in_order(value):
        try:
            yield fit(value, kind)
        except Unfit as unfit:
            raise unfit.within("") if unfit.typed else Unfit(hint, value) from None
        return
    for number, item in enumerate(value, 1):
        try:
            yield fit(item, kind)
        except Unfit as unfit:
            raise unfit.within(f", item {number}") from None


def _in_order(value: object) -> TypeGuard[Iterable[object]]:
    """Whether it is a list of things: a set has no order, bytes are no list, and a frame is more than its columns."""
    kinds = (Sequence, Iterator, KeysView, ValuesView)
    return (isinstance(value, kinds) and not isinstance(value, bytes)) or isinstance(
        getattr(value, "tolist", str)(), list
    )


def _mapping(value: object, hint: object, parts: tuple[object, ...]) -> dict[object, object]:
    if not isinstance(value, Mapping):
        raise Unfit(hint, value)
    of_keys, of_values = parts or (object, object)
    made = {}
    for key, item in value.items():
        try:
            made[fit(key, of_keys)] = fit(item, of_values)
        except Unfit as unfit:
            raise unfit.within(f" of {got(key)}") from None
    return made
