from __future__ import annotations

import pytest

from tillthen.define.faults.errors import ConfigurationError, DefinitionErrors
from tillthen.runtime.config import load_config
from tillthen.runtime.database_config import DatabaseConfig

URL = "jdbc:postgresql://db/payments"


def test_a_source_reads_what_has_landed(tmp_path):
    conf = tmp_path / "conf" / "test.yaml"
    conf.parent.mkdir()
    conf.write_text(f"{{warehouse: wh, databases: {{payments: {{url: '{URL}', table: public.payments}}}}}}")
    config = load_config(conf)
    assert (config.table("payments").path, config.table("payments").format) == (
        str(tmp_path / "wh" / "_landed" / "payments"), "delta"
    )  # fmt: skip
    elsewhere = load_config(conf, ["tables.payments.path=s3a://lake/payments"])
    assert elsewhere.table("payments").path == "s3a://lake/payments"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (f"{{url: '{URL}'}}", "'databases.p': expected one of table and query."),
        (f"{{url: '{URL}', table: a, query: b}}", "expected one of table and query."),
        ("{url: 'postgresql://db', table: a}", "expected a url that begins with jdbc:."),
        (f"{{url: '{URL}?user=a&password=hush', table: a}}", "expected no password in it; name the variable"),
        ("{url: 'jdbc:mysql://me:hush@db/x', table: a}", "expected no password in it; name the variable"),
        (f"{{url: '{URL}', table: a, options: {{Password: hush}}}}", "expected no password in it; name the variable"),
        ("{url: 'jdbc:oracle:thin:scott/hush@db:1521/x', table: a}", "expected no password in it; name the variable"),
        ("{url: 'jdbc:sqlserver://db;user=me;pwd=hush', table: a}", "expected no password in it; name the variable"),
        ("{url: 'jdbc:sqlserver://db;password={hush};x=y', table: a}", "expected no password in it; name the variable"),
        ("{url: 'jdbc:mysql://me:h/u@sh:hush@db/x', table: a}", "expected no password in it; name the variable"),
        (f"{{url: '{URL}', table: a, options: {{PWD: hush}}}}", "expected no password in it; name the variable"),
        (f"{{url: '{URL}', table: a, options: {{x: 'a;password=hush'}}}}", "expected no password in it; name the"),
        (
            f"{{url: '{URL}', table: a, watermrk: b}}",
            "'databases.p.watermrk' is not a setting. Did you mean 'watermark'?",
        ),
        (f"{{url: '{URL}', table: a, partitions: 0}}", "'databases.p.partitions': expected greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_named_and_no_password_shown(tmp_path, entry, fault):
    conf = tmp_path / "test.yaml"
    conf.write_text(f"databases: {{p: {entry}}}")
    with pytest.raises(DefinitionErrors) as refused:
        load_config(conf)
    assert fault in str(refused.value)
    assert "hush" not in str(refused.value)


def test_the_login_comes_from_the_environment(monkeypatch):
    database = DatabaseConfig(url=URL, table="a", user="WHO", password="WHAT")
    monkeypatch.setenv("WHO", "me")
    monkeypatch.delenv("WHAT", raising=False)
    with pytest.raises(ConfigurationError, match="Database: its password: expected in the variable WHAT, got none"):
        database.login("Database")
    monkeypatch.setenv("WHAT", "hush")
    assert database.login("Database") == {"user": "me", "password": "hush"}
    assert DatabaseConfig(url=URL, table="a").login("Database") == {}
