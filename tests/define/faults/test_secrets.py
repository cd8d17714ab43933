"""Secrets are hidden wherever a text leaves the process."""

from __future__ import annotations

import json

import pytest

from tillthen.cli import commands, main
from tillthen.define.faults import secrets
from tillthen.define.faults.errors import DataContractError, DefinitionErrors, ReportError
from tillthen.define.faults.secrets import hidden, holds_secret, remember
from tillthen.learn.tracking import store
from tillthen.runtime.config import Config, load_config
from tillthen.runtime.status import recorded, write_status

ADDRESSES = [
    "mysql://me:hush@db/x",
    "https://mlflow:hush@mlflow.example.com/ml",
    "postgresql+psycopg2://me:h@u/sh:hush@db:5432/ml",
    "redis://:hush@cache:6379",
    "jdbc:oracle:thin:scott/hush@//db:1521/payments",
    "jdbc:oracle:oci:scott/hush@payments",
    "scott/hush@payments",
    "jdbc:sqlserver://db:1433;user=me;password=hush;encrypt=true",
    "jdbc:sqlserver://db:1433;user=me;password={hu;sh hush};encrypt=true",
    "jdbc:x://db/payments;PWD=hush",
    "jdbc:postgresql://db/payments?user=me&password=hush&ssl=true",
    "jdbc:postgresql://db/payments?sslpassword=hush",
    "jdbc:snowflake://x.example.com/?private_key=hush&db=p",
    "jdbc:databricks://x;AuthMech=3;UID=token;AccessKey=hush",
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=hush&X-Amz-Signature=hush&X-Amz-Security-Token=hush",
    "https://acc.blob.core.windows.net/c?sv=1&sig=hush",
    "fs.s3a.session.token=hush",
    "{'password': 'hush', 'url': 'x'}",
    '{"apiKey": "hush"}',
    "Authorization: Bearer hush-hush-hush1",
]


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(secrets, "_remembered", set())


@pytest.mark.parametrize("text", ADDRESSES)
def test_what_stands_where_secrets_stand_is_hidden(text):
    assert "hush" not in hidden(text)
    assert holds_secret(text)
    assert "hush" not in str(DataContractError(f"it is said at {text}."))
    assert "hush" not in str(DefinitionErrors([text]))
    assert "hush" not in DefinitionErrors([text]).faults[0]


@pytest.mark.parametrize(
    "token",
    ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "dapi0123456789abcdef0123456789abcdef"],
)  # fmt: skip
def test_tokens_are_hidden_wherever_they_stand(token):
    assert hidden(f"with {token}.") == "with ***."


@pytest.mark.parametrize(
    "text",
    [
        "http://host:5000/path",
        "s3a://lake/cards@2/x",
        "abfss://container@account.dfs.core.windows.net/x",
        "jdbc:oracle:thin:@//db:1521/x",
        "its password: expected in the variable WHAT, got none. Set WHAT in the environment.",
        "'card_token = 7' is not a row expression",
        "features/cards.py: card_spend reads 'merchnt_id'",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "/Users/Payments2024/fraud/tables/warehou",
        "bypass=7, compass=9, basic authentication",
    ],
)
def test_what_is_no_secret_stays(text):
    assert hidden(text) == text


def test_values_that_were_read_as_secrets_and_those_of_the_environment_are_hidden(monkeypatch):
    remember("tiger-77")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "a lion of nine")
    assert hidden("user tiger-77, then a lion of nine") == "user ***, then ***"


def test_keys_among_sparks_settings_are_hidden(tmp_path):
    (tmp_path / "c.yaml").write_text("{spark: {spark.hadoop.fs.s3a.bucket.lake.secret.key: zebra, spark.app.name: ox}}")
    load_config(tmp_path / "c.yaml")
    assert hidden("the ox and the zebra") == "the ox and the ***"


@pytest.mark.parametrize("entry", ["warehouse: 's3a://KEY:hush@lake'", "tables: {t: {path: 's3a://KEY:hush@lake/t'}}"])
def test_a_secret_in_a_path_is_refused(tmp_path, entry):
    (tmp_path / "c.yaml").write_text(f"{{{entry}}}")
    with pytest.raises(DefinitionErrors, match="expected no secret in a path") as refused:
        load_config(tmp_path / "c.yaml")
    assert "hush" not in str(refused.value)


def test_status_and_facts_hold_none(tmp_path):
    with pytest.raises(ValueError, match="x"), recorded(tmp_path / "status.json", "build"):
        raise ValueError("x mysql://me:hush@db/x")
    write_status(tmp_path / "facts.json", {"pins": [{"path": "s3a://KEY:hush@lake/t"}]})
    assert "hush" not in "".join((tmp_path / name).read_text() for name in ("status.json", "facts.json"))
    assert json.loads((tmp_path / "facts.json").read_text())["pins"] == [{"path": "s3a://KEY:***@lake/t"}]


def test_the_traceback_of_a_bug_holds_none(monkeypatch, capsys):
    def fail(**_: object) -> None:
        raise RuntimeError("lost mysql://me:hush@db/x")

    monkeypatch.setattr(commands, "main", fail)
    assert main(["build"]) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "RuntimeError: lost mysql://me:***@db/x" in told


def test_an_mlflow_that_does_not_answer_is_told_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    config = Config(root=tmp_path, warehouse=str(tmp_path), tracking="http://me:hush@127.0.0.1:1")
    with pytest.raises(ReportError) as told, store(config) as client:
        client.get_experiment_by_name("x")
    assert "hush" not in str(told.value)
    assert "me:***@127.0.0.1:1" in str(told.value)
    assert told.value.__suppress_context__
