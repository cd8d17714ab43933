"""What is no facts file is refused in one line that names the place."""

import pytest

from tillthen.define.faults.errors import ReportError
from tillthen.report.facts.loading import read_facts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "expected format 'tillthen-facts/1', got None"),
        ('{"format": "tillthen-facts/9"}', "got 'tillthen-facts/9'. Run the backtest again."),
        ('{"format": "tillthen-facts/1", "models": [{"learner": "xgboost"}]}', r"at models\.0\.name: Field required"),
        (
            '{"format": "tillthen-facts/1", "verdict": {"rows": [{"metric": "m", "n": "many"}]}}',
            r"at verdict\.rows\.0\.n",
        ),
    ],
)
def test_refused(tmp_path, text, message):
    path = tmp_path / "facts.json"
    path.write_text(text)
    with pytest.raises(ReportError, match=message) as refused:
        read_facts(path)
    assert refused.value.exit_code == 6
    assert "\n" not in str(refused.value)


def test_no_file(tmp_path):
    with pytest.raises(ReportError, match="cannot be read: No such file or directory. Run the backtest first."):
        read_facts(tmp_path / "facts.json")


def test_nulls_and_numbers_without_end_are_missing(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(
        '{"format": "tillthen-facts/1", "published": null, "models": [{"name": "m", "importance": null, '
        '"metrics": {"brier": {"value": NaN}, "roc_auc": null, "savings": 0.5, '
        '"recall_at_fpr": {"0.01": {"value": 1e999}}}}]}'
    )
    facts, plain = read_facts(path)
    metrics = facts.models[0].metrics
    assert facts.published == facts.models[0].importance == ()
    assert {name: metric.value for name, metric in metrics.items()} == {
        "brier": None, "savings": 0.5, "recall_at_fpr@0.01": None,
    }  # fmt: skip
    assert plain["models"][0]["metrics"]["brier"]["value"] is None


def test_what_cannot_be_printed_is_replaced(tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(r'{"format": "tillthen-facts/1", "backtest": {"name": "a\u0000b\ud800c"}}')
    assert read_facts(path)[0].backtest.name == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(("written", "kind"), [('"sigmoid"', "sigmoid"), ('{"kind": "beta", "before": null}', "beta")])
def test_calibration_is_its_kind_or_its_measures(tmp_path, written, kind):
    path = tmp_path / "facts.json"
    path.write_text(f'{{"format": "tillthen-facts/1", "models": [{{"name": "m", "calibration": {written}}}]}}')
    assert read_facts(path)[0].models[0].calibration.kind == kind
