#!/usr/bin/env bash
# delta-rs: the history of a table that is open at an older version has wrong numbers.
#
# One would guess: DeltaTable(path, version=2).history() tells of the commits 2, 1 and 0, as version 2 knew them.
# What happens: it lists every commit in the folder, the newest first, and counts down from the version that is open. With
# commits 0 to 3 they are called 2, 1, 0 and -1: the commit called 2 is the one that made version 3. A handle that is merely
# older than another writer's last commit does the same, and its history(1) gives two commits.
# Why it matters: who finds the write that built a training table by its number, to pin it or to ask what it changed,
# gets a neighbour's operation, time and rows; and after a pin, commits that came later are taken for known ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet deltalake==1.6.6 pyarrow==26.0.1
cd "$folder"
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

for rows in (1, 2, 3, 4):  # version n adds n + 1 rows
    write_deltalake("payments", pa.table({"amount": range(rows)}), mode="append")


def history(table, limit=None):
    return [(at["version"], at["operationMetrics"]["num_added_rows"]) for at in table.history(limit)]


truth = history(DeltaTable("payments"))
pinned = history(DeltaTable("payments", version=2))
handle = DeltaTable("payments")
write_deltalake("payments", pa.table({"amount": range(5)}), mode="append")
older = history(handle, 1)
print("deltalake", version("deltalake"))
print("(version, rows added), opened at the newest:", truth)
print("(version, rows added), opened at version 2: ", pinned)
print("history(1) of version", str(handle.version()) + ", a commit came after it:", older)
assert truth == [(3, 4), (2, 3), (1, 2), (0, 1)], "the history of the newest version is not as expected"
assert pinned == [(2, 4), (1, 3), (0, 2), (-1, 1)], "the history of an older version has changed"
assert older == [(3, 5), (2, 4)], "the history of a handle that is behind has changed"
PYTHON
