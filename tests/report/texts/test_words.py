"""Every term that a table's head explains is in the glossary; every metric of the facts has a title."""

import ast
from pathlib import Path

import tillthen.report.sections
from tillthen.report.parts import outcomes
from tillthen.report.sections import explorer
from tillthen.report.texts.words import GLOSSARY, term_slug

FOLDER = Path(tillthen.report.sections.__file__).parent


def test_terms_are_in_the_glossary_in_order_and_have_anchors_of_their_own():
    terms = [term for term, _ in GLOSSARY]
    assert terms == sorted(terms, key=str.lower)
    assert len({term_slug(term) for term in terms}) == len(terms)


def test_terms_that_sections_name_are_explained():
    named = {
        keyword.value.value
        for path in FOLDER.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "term" and isinstance(keyword.value, ast.Constant)
    }
    named |= {term for _, _, term in outcomes.SHARES}
    named |= {measure.term for _, measures in explorer.GROUPS for measure in measures if measure.term}
    assert len(named) > 10
    assert named <= {term for term, _ in GLOSSARY}
