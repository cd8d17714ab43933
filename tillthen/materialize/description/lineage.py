"""Lineage as OpenLineage events, from a run's own facts: one JSON event a line.

Written by the build itself, since a listener of Spark's plans knows neither which version was pinned nor which column
of a source a feature was made of. See https://openlineage.io/spec.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from openlineage.client import event_v2 as ol
from openlineage.client import facet_v2 as facets
from openlineage.client.serde import Serde

from tillthen import __version__
from tillthen.define.faults.secrets import hidden_in
from tillthen.define.tables.table import FeatureTable
from tillthen.materialize.description.describe import comments
from tillthen.materialize.description.origins import DIRECT, Origin, origins
from tillthen.runtime.disk import unwritten

State = Literal["START", "COMPLETE", "FAIL"]
PRODUCER = f"urn:tillthen:{__version__}"
FILE = "lineage.jsonl"

_URI = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<place>[^/]*)/?(?P<path>.*)")


@dataclass(frozen=True)
class Output:
    """The table that a run writes: its folder, its version once written, and its columns' types, as Spark says them."""

    path: str
    version: int | None = None
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFacts:
    """One step of a run's life.

    Parameters
    ----------
    run_id, job
        The run and what it does, "build card_features"; the two together are one run of OpenLineage.
    state, at
        What happened, and when, with a zone.
    inputs
        Pins by the name of the table, as a commit holds them: ``path``, and ``version`` or ``fingerprint``.
    output, table
        What is written, and its definition.
    nominal
        The span of ``as_of`` that is built, [start, end).
    error
        Why it failed, in one line.
    """

    run_id: str
    job: str
    state: State
    at: datetime
    inputs: Mapping[str, Mapping[str, object]]
    output: Output
    table: FeatureTable | None = None
    nominal: tuple[datetime, datetime] | None = None
    error: str | None = None


def append_event(facts: RunFacts, warehouse: str, folder: Path) -> Path:
    """Add the event to ``lineage.jsonl`` in ``folder``, in one write at the file's end, and give the file's path.

    Runs that write at once do not mix their lines.

    Raises
    ------
    ConfigurationError
        The disk is full or not writable.
    """
    told = hidden_in(json.loads(Serde.to_json(event(facts, warehouse), ensure_ascii=False)))
    line = f"{json.dumps(told, ensure_ascii=False)}\n".encode()
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            written = os.write(file, line)
            if written != len(line):
                _take_back(file, written)
        finally:
            os.close(file)
    except OSError as error:
        raise unwritten(path, error.strerror) from None
    if written != len(line):
        raise unwritten(path, f"{written} of {len(line)} bytes were")
    return path


def _take_back(file: int, written: int) -> None:
    """Cut what was just written from the end of a file, unless another run has added to it since."""
    end = os.lseek(file, 0, os.SEEK_CUR)
    if os.fstat(file).st_size == end:
        os.ftruncate(file, end - written)


def event(facts: RunFacts, warehouse: str) -> ol.RunEvent:
    """The event; the job is named in the namespace of the warehouse."""
    return ol.RunEvent(
        eventTime=_instant(facts.at),
        producer=PRODUCER,
        run=ol.Run(str(uuid5(NAMESPACE_URL, f"{warehouse}#{facts.run_id}#{facts.job}")), _run_facets(facts)),
        job=ol.Job(f"tillthen:{warehouse}", facts.job),
        eventType=ol.RunState[facts.state],
        inputs=[_input(pin) for pin in _distinct(facts.inputs)],
        outputs=[_output(facts)],
    )


def dataset(path: str) -> tuple[str, str]:
    """Namespace and name of a folder, by OpenLineage's naming.

    >>> dataset("/data/cards"), dataset("s3a://lake/silver/cards")
    (('file', '/data/cards'), ('s3://lake', 'silver/cards'))
    """
    found = _URI.fullmatch(path)
    if found is None:
        return "file", path
    scheme = "s3" if found["scheme"] in ("s3a", "s3n") else found["scheme"]
    return (f"{scheme}://{found['place']}", found["path"] or "/") if found["place"] else (scheme, f"/{found['path']}")


def _run_facets(facts: RunFacts) -> dict[str, facets.RunFacet]:
    found: dict[str, facets.RunFacet] = {}
    if facts.nominal:
        start, end = map(_instant, facts.nominal)
        found["nominalTime"] = facets.nominal_time_run.NominalTimeRunFacet(start, end, producer=PRODUCER)
    if facts.error:
        error = facets.error_message_run.ErrorMessageRunFacet(facts.error, "PYTHON", producer=PRODUCER)
        found["errorMessage"] = error
    return found


def _input(pin: Mapping[str, object]) -> ol.InputDataset:
    namespace, name = dataset(str(pin["path"]))
    return ol.InputDataset(namespace, name, facets=_version(pin.get("version", pin.get("fingerprint"))))


def _output(facts: RunFacts) -> ol.OutputDataset:
    namespace, name = dataset(facts.output.path)
    found = _version(facts.output.version)
    if facts.table is not None:
        found["schema"] = _schema(facts.table, facts.output.types)
        found["columnLineage"] = _columns(facts.table, facts.inputs)
    return ol.OutputDataset(namespace, name, facets=found)


def _version(version: object) -> dict[str, facets.DatasetFacet]:
    if version is None:
        return {}
    return {"version": facets.dataset_version_dataset.DatasetVersionDatasetFacet(str(version), producer=PRODUCER)}


def _schema(table: FeatureTable, types: Mapping[str, str]) -> facets.DatasetFacet:
    said = comments(table)
    names = dict.fromkeys((*types, *table.spine.columns, *table.features))
    made = facets.schema_dataset
    fields = [made.SchemaDatasetFacetFields(name, types.get(name), said.get(name)) for name in names]
    return made.SchemaDatasetFacet(fields=fields, producer=PRODUCER)


def _columns(table: FeatureTable, inputs: Mapping[str, Mapping[str, object]]) -> facets.DatasetFacet:
    made = facets.column_lineage_dataset
    fields = {name: made.Fields(_fields(found, inputs)) for name, found in origins(table).items()}
    return made.ColumnLineageDatasetFacet(fields, producer=PRODUCER)


def _fields(
    found: Sequence[Origin], inputs: Mapping[str, Mapping[str, object]]
) -> list[facets.column_lineage_dataset.InputField]:
    """Each source column once, with every use that is made of it; tables that are not pinned yet stay out."""
    made = facets.column_lineage_dataset
    uses: dict[tuple[str, str], list[facets.column_lineage_dataset.Transformation]] = {}
    for one in found:
        kind = "DIRECT" if one.how in DIRECT else "INDIRECT"
        uses.setdefault((one.table, one.column), []).append(made.Transformation(kind, one.how))
    return [
        made.InputField(*dataset(str(inputs[table]["path"])), column, transformations)
        for (table, column), transformations in uses.items()
        if table in inputs
    ]


def _distinct(inputs: Mapping[str, Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Each folder once; two names may stand for one."""
    return list({str(pin["path"]): pin for pin in inputs.values()}.values())


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
