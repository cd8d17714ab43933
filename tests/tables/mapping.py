"""Delta tables whose columns have other names in their files, as Spark leaves them after columns were renamed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def rewrite(table: Path, **changes: Callable[[Entry], Entry]) -> None:
    """Change the first version's entries by kind, such as ``add``."""
    log = table / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    changed = [{kind: changes.get(kind, lambda same: same)(entry) for kind, entry in line.items()} for line in lines]
    log.write_text("\n".join(map(json.dumps, changed)))


def map_columns(table: Path, renamed: Mapping[str, str]) -> None:
    """Map all columns of a table by name, and call some of them otherwise than its files do."""

    def mapped(entry: Entry) -> Entry:
        schema = json.loads(entry["schemaString"])
        for number, field in enumerate(schema["fields"], 1):
            field["metadata"] = {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": field["name"]}
            field["name"] = renamed.get(field["name"], field["name"])
        names = [renamed.get(name, name) for name in entry["partitionColumns"]]
        told = {"schemaString": json.dumps(schema), "partitionColumns": names}
        return entry | told | {"configuration": {"delta.columnMapping.mode": "name"}}

    rewrite(table, metaData=mapped, protocol=lambda _: {"minReaderVersion": 2, "minWriterVersion": 5})
