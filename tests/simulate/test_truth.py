from __future__ import annotations

import numpy as np
import pytest

from tillthen.runtime.config import load_config
from tillthen.simulate.patterns import PATTERNS
from tillthen.simulate.run import TABLES, truth_path


def of_payments(written):
    return written["truth"].drop_duplicates("payment_id")


def within(outcomes, p):
    """How far the outcomes' sum is from the probabilities', in deviations."""
    return abs(outcomes.sum() - p.sum()) / (p * (1 - p)).sum() ** 0.5


def test_the_truth_is_about_every_authorization_once(written):
    truth = written.delivered["truth"]
    assert truth.authorization_id.is_unique
    assert set(truth.authorization_id) == set(written["authorizations"].authorization_id)
    assert truth.p_true.between(0, 1, inclusive="neither").all()


# A sum of independent Bernoulli draws is within 5 deviations of its expectation but for one seed in two million.
def test_frauds_are_as_many_as_their_probabilities_say(written):
    payments = of_payments(written)
    assert payments.is_fraud.sum() > 300
    assert within(payments.is_fraud, payments.p_true) < 5


@pytest.mark.parametrize("column", ["pattern", "channel", "mcc", "attempt", "response_code"])
def test_and_so_they_are_given_whatever_was_drawn_before(written, column):
    for _, part in written.attempts.drop_duplicates(["payment_id", column]).groupby(column):
        if part.p_true.sum() > 20:
            assert within(part.is_fraud, part.p_true) < 5


def test_and_in_every_band_of_the_probability(written):
    payments = of_payments(written)
    band = np.floor(np.log10(payments.p_true / (1 - payments.p_true)))
    for _, part in payments.groupby(band):
        if part.p_true.sum() > 5:
            assert within(part.is_fraud, part.p_true) < 5


def test_patterns_differ_as_they_should(written):
    payments = of_payments(written)
    share = payments.groupby("pattern").is_fraud.mean()
    assert set(share.index) == {pattern.name for pattern in PATTERNS}
    thieves = [pattern.name for pattern in PATTERNS if pattern.thief]
    assert (share[thieves] > 0.6).all()
    assert (share.drop(thieves) < 0.02).all()


def test_no_declared_table_is_the_truth(written):
    paths = {written.config.table(name).path for name in (*TABLES, "truth")}
    assert truth_path(written.config) not in paths


def test_the_demo_s_sources_do_not_reach_it(request):
    config = load_config(request.config.rootpath / "conf" / "local.yaml")
    sources = {source.table for table in config.project().tables.values() for source in table.sources}
    assert sources == {"authorizations", "disputes"}
    assert truth_path(config) not in {config.table(name).path for name in sources}
