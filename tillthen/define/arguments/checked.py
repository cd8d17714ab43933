"""``@checked``: a declaration's arguments are what its annotations say, or each mistake is one line with its fix.

Above a dataclass or a function it is all that a new declaration needs: types, ranges
(`tillthen.define.arguments.kinds`), unknown and missing arguments are read off the annotations. What fields have to do
with one another stays with the declaration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from inspect import Parameter
from typing import Any, TypeVar, get_type_hints

from tillthen.define.arguments.annotations import example, got, meant, words
from tillthen.define.arguments.fitting import Unfit, fit
from tillthen.define.faults.collecting import collecting, report
from tillthen.define.faults.errors import DefinitionError, did_you_mean, sentence

Declared = TypeVar("Declared", bound=Callable[..., Any])

_MANY = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_CLASSES: dict[str, type] = {}
"""The checked classes by name, which annotations may name where they are not imported."""


def checked(declared: Declared) -> Declared:
    """Check the arguments of a dataclass, a function or a method before it runs.

    While a project is being loaded, a declaration is made all the same where it can be, so that the faults of the files
    come together: with a value out of its range, or with the default in place of a value of another type.

    Raises
    ------
    DefinitionError
        Each fault as a sentence; where a project is being loaded, once all of its files are.
    """
    if not isinstance(declared, type):
        return _guarded(declared, _Arguments(declared, declared))  # type: ignore[return-value]
    _CLASSES[declared.__name__] = declared
    made = vars(declared)["__init__"]
    setattr(declared, "__init__", _guarded(made, _Arguments(made, declared)))  # noqa: B010
    return declared


def _guarded(run: Callable[..., Any], arguments: _Arguments) -> Callable[..., Any]:
    @wraps(run)
    def guarded(*given: object, **named: object) -> Any:
        read = arguments.read(given, named)
        if read.wanting:
            raise DefinitionError(" ".join(read.faults))
        with collecting() as inner:
            try:
                result = run(*read.bound.args, **read.bound.kwargs)
            except DefinitionError as error:
                raise DefinitionError(" ".join([*read.faults, *inner, str(error)])) from None
        # What is said of a default that stands in for a wrong value would be said of nothing that was declared.
        report(*read.faults, *(() if read.replaced else inner))
        return result

    return guarded


@dataclass
class _Read:
    """Arguments as annotated, what is wrong with them, and whether some are replaced by their defaults or lack one."""

    bound: inspect.BoundArguments
    faults: list[str] = field(default_factory=list)
    replaced: bool = False
    wanting: bool = False


class _Arguments:
    """The arguments that a declaration takes."""

    def __init__(self, run: Callable[..., Any], declared: Callable[..., Any]) -> None:
        self.run, self.declared = run, declared
        self.signature = inspect.signature(run)
        self.parameters = self.signature.parameters
        self.own = "self" if "self" in self.parameters else ""

    @cached_property
    def hints(self) -> Mapping[str, object]:
        """The annotations, resolved when first asked for: by then all declarations can be named."""
        return get_type_hints(self.run, localns=_CLASSES, include_extras=True)

    def read(self, given: tuple[object, ...], named: Mapping[str, object]) -> _Read:
        """Put a call's arguments into their annotated forms."""
        known = {name: value for name, value in named.items() if self._takes(name)}
        try:
            read = _Read(self.signature.bind_partial(*given, **known))
        except TypeError:
            raise DefinitionError(self._too_many(given, known)) from None
        place = self._place(read.bound.arguments)
        read.faults += [self._unknown(place, name) for name in named if name not in known]
        lacking = [name for name, one in self.parameters.items() if _needed(one) and name not in read.bound.arguments]
        if lacking:
            read.wanting = True
            read.faults.append(self._missing(place, lacking))
        for name in list(read.bound.arguments):
            self._fit(read, place, name)
        return read

    def _fit(self, read: _Read, place: str, name: str) -> None:
        one, value = self.parameters[name], read.bound.arguments[name]
        if name not in self.hints or value is one.default:
            return
        try:
            read.bound.arguments[name] = _fitted(one, value, self.hints[name])
        except Unfit as unfit:
            read.faults += self._told(place, one, unfit)
            if not unfit.typed:
                del read.bound.arguments[name]
                read.replaced, read.wanting = True, read.wanting or _needed(one) or one.kind in _MANY

    def _told(self, place: str, one: Parameter, unfit: Unfit) -> Iterator[str]:
        what = place if one.kind in _MANY else f"{place} '{one.name}'"
        if unfit.said:
            yield from (f"{what}{unfit.at}: {said}" for said in unfit.said)
            return
        hint, sign = self.hints[one.name], "" if one.kind in _MANY else f"{one.name}="
        likely = None if unfit.at else meant(unfit.got, hint)
        fix = f"Write {sign}{likely}." if likely else f"Write for example {sign}{example(hint)}."
        if unfit.got is Ellipsis:  # left open on purpose: an example would only be copied
            fix = "Fill it in: nothing is taken for it."
        yield sentence(f"{what}{unfit.at}", expected=words(unfit.hint), got=got(unfit.got), fix=fix)

    def _takes(self, name: str) -> bool:
        named = {one.kind for one in self.parameters.values()}
        return Parameter.VAR_KEYWORD in named or (name in self.parameters and name != self.own)

    def _place(self, given: Mapping[str, Any]) -> str:
        """What is being declared: ``Source 'payments'``, ``Feature set 'cards' derive``, ``last_n``."""
        if isinstance(self.declared, type):
            name = given.get("name")
            return title(self.declared) + (f" '{name}'" if isinstance(name, str) else "")
        holder = getattr(given.get(self.own), "place", "")
        return f"{holder} {self.declared.__name__}".strip()

    def _missing(self, place: str, names: list[str]) -> str:
        *most, last = [f"'{name}'" for name in names]
        listed = f"{', '.join(most)} and {last} are" if most else f"{last} is"
        each = ", ".join(f"{name}={example(self.hints.get(name, object))}" for name in names)
        return sentence(f"{place}: {listed} missing", fix=f"Add for example {each}.")

    def _unknown(self, place: str, name: str) -> str:
        own = [known for known in self.parameters if known != self.own]
        fix = did_you_mean(name, own)
        if fix.startswith("Known"):
            others = {field: kind for kind in _CLASSES.values() for field in inspect.signature(kind).parameters}
            other = did_you_mean(name, others)
            fix = f"{other} That is of {others[other.split(chr(39))[1]].__name__}." if other.startswith("Did") else fix
        return sentence(f"{place} takes no '{name}'", fix=fix)

    def _too_many(self, given: tuple[object, ...], named: Mapping[str, object]) -> str:
        plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        taken = [name for name, one in self.parameters.items() if one.kind in plain]
        place, shift = self._place(dict(zip(taken, given, strict=False))), len([self.own]) if self.own else 0
        for name in taken[: len(given)]:
            if name in named:
                return sentence(f"{place}: '{name}' is given twice", fix="Give it once.")
        names = ", ".join(f"{name}=" for name in self.parameters if name != self.own)
        most = len(taken) - shift
        return sentence(place, expected=f"at most {most} values without a name" if most else "values by name alone",
                        got=f"{len(given) - shift} without", fix=f"Name them: {names}.")  # fmt: skip


def _needed(one: Parameter) -> bool:
    return one.default is Parameter.empty and one.kind not in _MANY


def _fitted(one: Parameter, value: Any, hint: object) -> object:
    if one.kind is Parameter.VAR_POSITIONAL:
        return tuple(fit(item, hint) for item in value)
    if one.kind is not Parameter.VAR_KEYWORD:
        return fit(value, hint)
    made = {}
    for key, item in value.items():
        try:
            made[key] = fit(item, hint)
        except Unfit as unfit:
            raise unfit.within(f" '{key}'") from None
    return made


def title(declared: type) -> str:
    """A class as messages name it.

    >>> title(type("FeatureTable", (), {}))
    'Feature table'
    """
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in declared.__name__)
    return text.strip().capitalize()
