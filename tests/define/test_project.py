import pytest

from tillthen.define.faults.errors import DefinitionErrors
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
    for part in (
        "features/bad.py:3: Source 'tx' has versions but no id",
        "features/bad.py:4: Source 'ty' 'date_is'",
        "features/bad.py:5: A window of 1 months",
        "features/worse.py:1:",
        "features/again.py:3: Source 'tz'",
        "none.py: no such file",
    ):
        assert part in text


def test_two_things_of_one_name_are_refused(tmp_path):
    with pytest.raises(DefinitionErrors, match="Two FeatureTable are named 'card_features'"):
        load(tmp_path, write(tmp_path, a=GOOD, b=GOOD))


def test_a_changed_file_is_loaded_anew_and_changes_the_hash(tmp_path):
    before = load(tmp_path, write(tmp_path, cards=GOOD))
    after = load(tmp_path, write(tmp_path, cards=GOOD.replace("days(7)", "days(30)")))
    assert after.table("card_features").features == ("cards__count_30d",)
    assert before.code_hash != after.code_hash


def faults_of(tmp_path, **files):
    with pytest.raises(DefinitionErrors) as caught:
        load(tmp_path, write(tmp_path, **files))
    return list(caught.value.faults)


USES = "from tillthen import FeatureTable\nfrom .cards import transactions\n"


@pytest.mark.parametrize(
    ("cards", "fault"),
    [
        ("from tillthen import days\ndef f(:\n", "features/cards.py:2: invalid syntax."),
        ("x = 1\n\nname = unknown\n", "features/cards.py:3: NameError: name 'unknown' is not defined."),
        ("x = {}['a']\n", "features/cards.py:1: KeyError: 'a'."),
        (
            "from tillthen import Source, days\n\n\nx = Source(\n    5,\n    event_time='at')\n",
            "features/cards.py:4: Source",
        ),
        (
            "from tillthen import days\nx = days('7')\n",
            "features/cards.py:2: days 'number': expected a number, got '7'.",
        ),
        ("from cards_of_others import x\n", "features/cards.py:1: No module named 'cards_of_others'."),
        ("from tillthen import Sorce\n", "features/cards.py:1: cannot import name 'Sorce' from 'tillthen'"),
    ],
)
@pytest.mark.parametrize("order", [("cards", "uses"), ("uses", "cards")])
def test_a_fault_is_told_once_of_the_file_and_line_where_it_is(tmp_path, cards, fault, order):
    texts = {"cards": cards, "uses": USES}
    (told,) = faults_of(tmp_path, **{name: texts[name] for name in order})
    assert told.startswith(fault)


def test_faults_of_wrong_values_do_not_hide_those_that_come_after(tmp_path):
    text = GOOD.replace('event_time="at")', 'event_time="at", versions=1, timezone="US", embrago=1)').replace(
        "days(7)", "7"
    )
    assert [fault.split(" expected")[0] for fault in faults_of(tmp_path, cards=text)] == [
        "features/cards.py:4: Source 'transactions' takes no 'embrago'. Did you mean 'embargo'? That is of Folds.",
        "features/cards.py:4: Source 'transactions' 'versions':",
        "features/cards.py:4: Source 'transactions' 'timezone':",
        "features/cards.py:10: count over:",
    ]
