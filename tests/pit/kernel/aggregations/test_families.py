from tillthen.define.features.aggregation import KINDS
from tillthen.pit.kernel.aggregations import AGGREGATIONS, FAMILIES


def test_each_declared_kind_is_one_family_s():
    named = [kind for family in FAMILIES for kind in family.AGGREGATIONS]
    assert sorted(named) == sorted(AGGREGATIONS) == sorted(KINDS)
