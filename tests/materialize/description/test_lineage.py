from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tillthen import FeatureTable, Label, Source, Spine, count, days, feature_set, mean, rate
from tillthen.define.faults.errors import ConfigurationError
from tillthen.materialize.description.lineage import FILE, Output, RunFacts, append_event
from tillthen.materialize.description.origins import Origin, origins

PAYMENTS = Source("payments", id="payment", event_time="at", known_time="seen")
DISPUTES = Source("disputes", table="claims", event_time="disputed", known_time="arrived")
FRAUD = Label("fraud", source=DISPUTES, decision="payment", maturity=days(45), positive="reason = '10'")


@feature_set(source=PAYMENTS, entity="card")
def habits(payments):
    """Habits."""
    return payments.where("ok").select("card", euros="cents / rate")


habits.features(mean("euros").over(days(7)), count(where="euros > 9").over(days(7)))
habits.derive(more="habits__mean_euros_7d - amount")


@feature_set(source=FRAUD.as_events(PAYMENTS), entity="card")
def risk(payments):
    """Risk."""
    return payments.select("card", "fraud")


risk.features(rate("fraud").over(days(30)))
TABLE = FeatureTable("cards", Spine(PAYMENTS, "at", ["card", "amount"]), [habits, risk], derived={"x2": "more * 2"})
INPUTS = {"payments": {"path": "/lake/payments", "format": "delta", "version": 7},
          "claims": {"path": "s3a://lake/claims", "format": "csv", "fingerprint": "ab"}}  # fmt: skip
AT = datetime(2026, 3, 10, 1, tzinfo=UTC)
FACTS = RunFacts("run-1", "build cards", "COMPLETE", AT, INPUTS, Output("/wh/cards", 3, {"card": "string"}), TABLE,
                 nominal=(datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)))  # fmt: skip


def written(facts: RunFacts, folder: Path) -> dict:
    return json.loads(append_event(facts, "/wh", folder).read_text().splitlines()[-1])


def uses(found: list[Origin], how: str) -> set[str]:
    return {f"{one.table}.{one.column}" for one in found if one.how == how}


def test_where_columns_come_from():
    found = origins(TABLE)
    assert found["amount"] == [Origin("payments", "amount", "IDENTITY")]
    average = found["habits__mean_euros_7d"]
    assert uses(average, "AGGREGATION") == {"payments.cents", "payments.rate"}
    assert (uses(average, "JOIN"), uses(average, "FILTER")) == ({"payments.card"}, {"payments.ok"})
    assert uses(average, "WINDOW") == {"payments.payment", "payments.at", "payments.seen"}
    assert uses(found["habits__count_where_euros_gt_9_7d"], "FILTER") == {
        "payments.ok",
        "payments.cents",
        "payments.rate",
    }
    assert uses(found["more"], "TRANSFORMATION") == {"payments.amount"}
    assert set(average) < set(found["more"])
    assert found["x2"] == found["more"]


def test_a_label_comes_of_the_decisions_and_their_outcomes():
    found = uses(origins(TABLE)["risk__rate_fraud_30d"], "AGGREGATION")
    assert found == {"payments.at", "claims.disputed", "claims.arrived", "claims.payment", "claims.reason"}


def test_an_event_has_versions_schema_and_columns(tmp_path: Path):
    event = written(FACTS, tmp_path)
    assert [(one["namespace"], one["name"], one["facets"]["version"]["datasetVersion"]) for one in event["inputs"]] == [
        ("file", "/lake/payments", "7"),
        ("s3://lake", "claims", "ab"),
    ]
    output = event["outputs"][0]
    assert (output["namespace"], output["name"], output["facets"]["version"]["datasetVersion"]) == (
        "file",
        "/wh/cards",
        "3",
    )
    schema = {one["name"]: one for one in output["facets"]["schema"]["fields"]}
    assert set(schema) == {*TABLE.spine.columns, *TABLE.features}
    assert schema["card"]["type"] == "string"
    assert schema["habits__mean_euros_7d"]["description"].startswith("mean of euros, event_time in [as_of - 7d, as_of)")
    lineage = output["facets"]["columnLineage"]["fields"]["habits__mean_euros_7d"]["inputFields"]
    cents = next(one for one in lineage if one["field"] == "cents")
    assert (cents["namespace"], cents["name"]) == ("file", "/lake/payments")
    assert cents["transformations"] == [{"type": "DIRECT", "subtype": "AGGREGATION"}]
    assert event["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-03-09T00:00:00+00:00"


def test_a_run_keeps_its_id_from_start_to_end(tmp_path: Path):
    start = written(replace(FACTS, state="START", inputs={}, output=Output("/wh/cards")), tmp_path)
    failed = written(replace(FACTS, state="FAIL", error="Source 'payments' is late."), tmp_path)
    other = written(replace(FACTS, job="build others"), tmp_path)
    assert (start["eventType"], failed["eventType"]) == ("START", "FAIL")
    assert UUID(start["run"]["runId"]) == UUID(failed["run"]["runId"]) != UUID(other["run"]["runId"])
    assert failed["run"]["facets"]["errorMessage"]["message"] == "Source 'payments' is late."
    assert start["inputs"] == []


def test_lines_of_runs_at_once_do_not_mix(tmp_path: Path):
    runs = [replace(FACTS, run_id=f"run-{n}") for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda facts: append_event(facts, "/wh", tmp_path), runs))
    events = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert len({event["run"]["runId"] for event in events}) == 100


def test_a_line_that_the_disk_cut_is_taken_back(tmp_path: Path, monkeypatch):
    written(FACTS, tmp_path)
    before, write = (tmp_path / FILE).read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:100]))
    with pytest.raises(ConfigurationError, match="100 of .* bytes were"):
        append_event(FACTS, "/wh", tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_no_secret_is_told(tmp_path: Path):
    lost = replace(FACTS, state="FAIL", error="no answer from mysql://me:hush@db/x",
                   inputs={"payments": {"path": "s3a://KEY:hush@lake/payments", "version": 7}})  # fmt: skip
    event = written(lost, tmp_path)
    assert "hush" not in json.dumps(event)
    assert "mysql://me:***@db/x" in json.dumps(event)
