"""The configuration: one YAML an environment, with overrides from the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tillthen.define.faults.errors import ConfigurationError, DefinitionErrors, did_you_mean, sentence
from tillthen.define.faults.secrets import is_secret, remember
from tillthen.define.project import Project, load
from tillthen.runtime.database_config import DatabaseConfig
from tillthen.runtime.table_config import TableConfig, of_delta, without_secret

__all__ = ["Config", "TableConfig", "is_local", "load_config"]

LANDED = "_landed"


class Config(BaseModel):
    """One environment. Paths are absolute or URIs once loaded.

    Parameters
    ----------
    root
        The project's folder; the parent of the configuration's folder where not given.
    features, backtests
        Files with declarations, relative to ``root``.
    warehouse
        The folder that everything is written to.
    tables
        Where the sources' tables are, by name; one that is missing here is looked for in the warehouse.
    databases
        Tables of databases that are landed in the warehouse, by name; sources read what has landed.
    spark
        Settings of the session, by Spark's own names.
    lease_seconds
        How long a run that dies keeps others from a table, at least; a living run renews its lease.
    tracking
        MLflow's tracking URI; an sqlite file in the warehouse where not given.
    simulate
        What the simulator makes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: Path
    features: list[str] = Field(default_factory=list)
    backtests: list[str] = Field(default_factory=list)
    warehouse: str
    tables: dict[str, TableConfig] = Field(default_factory=dict)
    databases: dict[str, DatabaseConfig] = Field(default_factory=dict)
    spark: dict[str, str] = Field(default_factory=dict)
    lease_seconds: float = Field(default=300.0, gt=0)
    tracking: str | None = None
    simulate: dict[str, Any] = Field(default_factory=dict)

    @field_validator("spark", mode="before")
    @classmethod
    def _texts(cls, value: object) -> object:
        """Spark takes texts; YAML's numbers and booleans are written as Spark reads them."""
        if not isinstance(value, Mapping):
            return value
        return {key: str(item).lower() if isinstance(item, bool) else str(item) for key, item in value.items()}

    @field_validator("warehouse")
    @classmethod
    def _open(cls, value: str) -> str:
        return of_delta(without_secret(value))

    @model_validator(mode="after")
    def _remembered(self) -> Self:
        for settings in (self.spark, *(table.options for table in self.tables.values())):
            for name, value in settings.items():
                remember(value if is_secret(name) else None)
        return self

    @property
    def records(self) -> Path:
        """The local folder of status and run facts: the warehouse, or the working folder where that is a URI."""
        return Path(self.warehouse) if is_local(self.warehouse) else Path.cwd()

    def project(self) -> Project:
        """Load the team's declarations; all faults are reported together."""
        return load(self.root, [*self.features, *self.backtests])

    def table(self, name: str) -> TableConfig:
        """The named table: declared, landed from a database, or in the warehouse."""
        folder = f"{LANDED}/{name}" if name in self.databases else name
        return self.tables.get(name, TableConfig(format="delta", path=f"{self.warehouse}/{folder}"))


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file and apply ``key=value`` overrides, in order.

    Keys are dotted (``tables.transactions.path=...``); a key that begins with ``spark.`` is a Spark setting. Values
    are YAML. Relative paths are relative to ``root`` in the file, to the working folder in an override.

    Raises
    ------
    ConfigurationError
        The file is missing, unreadable or no YAML, or an override has no key.
    DefinitionErrors
        Every unknown key and every wrong value.
    """
    file = Path(path)
    given = {"warehouse": "warehouse", **_read(file)}
    changes = [_parse(override) for override in overrides]
    roots = [Path.cwd() / str(value) for keys, value in changes if keys == ["root"]]
    root = roots[-1] if roots else file.resolve().parent / str(given.get("root", ".."))
    _resolve_paths(given, root)
    for keys, value in changes:
        change: dict[str, Any] = {}
        _place(change, keys, value)
        _resolve_paths(change, Path.cwd())
        _merge(given, change)
    given["root"] = root.resolve()
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        raise DefinitionErrors([_fault(file, dict(found)) for found in error.errors()]) from None


def is_local(path: str) -> bool:
    """Whether a resolved path is on this machine's file system rather than a URI."""
    return _URI.match(path) is None


_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class _Once(yaml.SafeLoader):
    """YAML in which a key is given once; YAML's own readers let the last one win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node."""
        seen: list[object] = []
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {name!r} is given twice", problem_mark=key.start_mark)
            seen.append(name)
        return super().construct_mapping(node, deep)


def _read(file: Path) -> dict[str, Any]:
    try:
        given = yaml.load(file.read_text(encoding="utf-8"), _Once)  # noqa: S506: a safe loader
    except FileNotFoundError:
        known = [str(other) for other in sorted(file.parent.glob("*.yaml"))]
        raise ConfigurationError(
            sentence(f"{file}: no such configuration", fix=f"Give --conf FILE. {did_you_mean(str(file), known)}")
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(sentence(f"{file}: cannot be read: {error}")) from None
    except yaml.YAMLError as error:
        raise ConfigurationError(sentence(f"{file}: is not YAML: {_one_line(error)}")) from None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ConfigurationError(sentence(f"{file}", expected="keys and values", got=type(given).__name__))
    return given


def _parse(override: str) -> tuple[list[str], object]:
    """The keys and the value of ``a.b=value``."""
    key, separator, text = override.partition("=")
    if not separator or not key.strip():
        raise ConfigurationError(sentence(f"--set {override}", expected="key=value", fix="Write --set warehouse=DIR."))
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(sentence(f"--set {override}: the value is not YAML: {_one_line(error)}")) from None
    keys = ["spark", key] if key.startswith("spark.") else key.split(".")
    return keys, value


def _place(into: dict[str, Any], keys: Sequence[str], value: object) -> None:
    for key in keys[:-1]:
        into = into.setdefault(key, {})
    into[keys[-1]] = value


def _merge(into: dict[str, Any], change: Mapping[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _resolve_paths(given: dict[str, Any], base: Path) -> None:
    """Make the warehouse's and the tables' paths absolute; what is no text is left for the validation to name."""
    tables = given.get("tables")
    places = [
        (given, "warehouse"),
        *((table, "path") for table in (tables.values() if isinstance(tables, dict) else ())),
    ]
    for holder, key in places:
        if isinstance(holder, dict) and isinstance(holder.get(key), str):
            holder[key] = _absolute(holder[key], base)


def _absolute(path: str, base: Path) -> str:
    path = path.removeprefix("file://")
    return path if not is_local(path) else str((base / Path(path).expanduser()).resolve())


_FIELDS: dict[str, type[BaseModel]] = {"tables": TableConfig, "databases": DatabaseConfig}


def _fault(file: Path, found: dict[str, Any]) -> str:
    """One of pydantic's findings in the project's own words."""
    *path, key = [str(part) for part in found["loc"]]
    where = f"{file}: '{'.'.join([*path, key])}'"
    if found["type"] == "missing":
        return sentence(f"{where} is missing")
    if found["type"] == "extra_forbidden":
        known = _FIELDS.get(path[0] if path else "", Config).model_fields
        return sentence(f"{where} is not a setting", fix=did_you_mean(key, known))
    if found["type"] == "value_error":
        return sentence(where, expected=str(found["ctx"]["error"]))
    expected = found["msg"].removeprefix("Input should be ").lower()
    expected = "a mapping" if found["type"] in ("dict_type", "model_type") else expected.replace("valid string", "text")
    return sentence(where, expected=expected, got=repr(found["input"]))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).replace('"<unicode string>", ', "").split())
