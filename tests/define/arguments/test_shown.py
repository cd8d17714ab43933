from tillthen import Costs, FeatureTable, Label, Source, Spine, Unobserved, count, days, feature_set

PAYMENTS = Source("payments", id="id", event_time="at", columns={"amount": "bigint"})


def cards():
    @feature_set(source=PAYMENTS, entity="card")
    def habits(rows):
        return rows.select("card", small="amount < 5")

    return habits.features(count(where="small", name="few").over(days(1), days(7)))


def test_a_declaration_shows_what_is_declared_and_no_default():
    html = PAYMENTS._repr_html_()
    assert "<caption>Source payments</caption>" in html
    assert "<tr><th>columns</th><td>amount: bigint</td></tr>" in html
    assert "delay" not in html


def test_text_is_no_html():
    label = Label("<b>", PAYMENTS, "id", days(1), positive="amount < 5")
    assert "<caption>Label &lt;b&gt;</caption>" in label._repr_html_()
    assert "<td>amount &lt; 5</td>" in label._repr_html_()


def test_a_declaration_without_a_name_is_shown_within_another():
    label = Label("fraud", PAYMENTS, "id", days(1), unobserved=Unobserved(PAYMENTS, where="amount = 0"))
    assert "<td>source payments, where amount = 0, decision id</td>" in label._repr_html_()
    assert "<th>margin</th><td>0.1</td>" in Costs("amount", unit="minor", currency="EUR", margin=0.1)._repr_html_()


def test_a_set_shows_its_features_and_a_table_its_columns():
    group = cards()
    assert repr(group) == "FeatureSet('habits')"
    assert "count where small, event_time in [as_of - 1d, as_of)" in group._repr_html_()
    table = FeatureTable("cards", Spine(PAYMENTS, "at", ["card"]), [group])
    assert repr(table) == "FeatureTable('cards', version=1, features=2)"
    assert "<th>features</th><td>2</td>" in table._repr_html_()


def test_a_long_one_is_cut():
    group = cards().features(count().over(*[days(n) for n in range(1, 60)]))
    assert "more</th>" in group._repr_html_()
    assert group._repr_html_().count("<tr>") == 41
