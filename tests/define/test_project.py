import pytest

from tillthen.define.errors import DefinitionErrors
from tillthen.define.project import load

GOOD = """
from tillthen import FeatureTable, Source, Spine, count, days, feature_set

transactions = Source("transactions", id="id", event_time="at")

@feature_set(source=transactions, entity="card_id")
def cards(transactions):
    return transactions.select("card_id")

cards.features(count().over(days(7)))
table = FeatureTable("card_features", Spine(transactions, as_of="at", known=["card_id"]), [cards])
"""
BAD = """
from tillthen import Source, months
source = Source("tx", event_time="at", versions=True)
other = Source("ty", event_time="at", date_is="noon")
window = months(1)
"""


def write(root, **files):
    for name, text in files.items():
        path = root / "features" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return [f"features/{name}.py" for name in files]


def test_a_file_imports_another_relatively(tmp_path):
    files = write(tmp_path, cards=GOOD, more="from ..features.cards import table as again\n")
    project = load(tmp_path, files)
    assert list(project.tables) == ["card_features"]
    assert project.table("card_features").features == ("cards__count_7d",)


def test_all_faults_of_all_files_come_together(tmp_path):
    files = [*write(tmp_path, bad=BAD, worse="def f(:\n", again=BAD.replace("tx", "tz")), "features/none.py"]
    with pytest.raises(DefinitionErrors) as caught:
        load(tmp_path, files)
    text = str(caught.value)
    for part in ("bad.py: Source 'tx' has versions but no id", "Source 'ty' 'date_is'", "A window of 1 months",
                 "worse.py: line 1", "again.py: Source 'tz'", "none.py: no such file"):  # fmt: skip
        assert part in text


def test_two_things_of_one_name_are_refused(tmp_path):
    with pytest.raises(DefinitionErrors, match="Two FeatureTable are named 'card_features'"):
        load(tmp_path, write(tmp_path, a=GOOD, b=GOOD))


def test_a_changed_file_is_loaded_anew_and_changes_the_hash(tmp_path):
    before = load(tmp_path, write(tmp_path, cards=GOOD))
    after = load(tmp_path, write(tmp_path, cards=GOOD.replace("days(7)", "days(30)")))
    assert after.table("card_features").features == ("cards__count_30d",)
    assert before.code_hash != after.code_hash
