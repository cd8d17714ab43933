"""Early stopping across workers: the same round for any number of them, though one holds no positive to look at."""

import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def told():
    """What a Spark of its own with four cores says."""
    ran = subprocess.run([sys.executable, "-m", "tests.learn.spread"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


def test_the_best_round_is_that_of_one_node_for_1_2_and_4_workers(told):
    assert told["held"] == [0, 2, 1, 5]
    for weight in (1, 50):
        assert len({told[f"{workers} workers, weight {weight}"][0] for workers in (1, 2, 4)}) == 1
    assert told["4 workers, weight 1"][0] == told["one node"] > 10


def test_the_probabilities_add_up_to_the_positives_of_all_workers(told):
    for workers in (1, 2, 4):
        for weight in (1, 50):
            assert told[f"{workers} workers, weight {weight}"][1] == pytest.approx(told["positives"], rel=1e-6)


def test_rows_of_one_class_are_refused_as_on_one_node(told):
    assert "Model 'm': its validation part: expected positives and negatives, got 0" in told["no positives late"]
    assert "Model 'm': the training window before its validation part: expected" in told["no positives early"]
