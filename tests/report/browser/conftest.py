"""Reports in a real browser. Skipped, with the reason, where there is none."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from tillthen.report.facts.schema import Facts
from tillthen.report.pages.render import render_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Nothing that looks for a network, nor for a screen.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    """One browser a module: Playwright's loop must not be running while other tests use theirs."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: make setup")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def until():
    """Wait for an expression of the page; Playwright's own waiting needs an eval that the page forbids."""

    def wait(page, expression, *arguments):
        deadline = time.monotonic() + 60
        while not page.evaluate(expression, *arguments):
            assert time.monotonic() < deadline, expression
            page.wait_for_timeout(30)

    return wait


@pytest.fixture(scope="session")
def report(tmp_path_factory, make_facts) -> Path:
    """Champion and challenger over three weeks."""
    path = tmp_path_factory.mktemp("browser") / "facts.json"
    path.write_text(json.dumps(make_facts(models=2, folds=2, rows=3000, rate=0.02, days=21)))
    return render_report(path)


@pytest.fixture(scope="session")
def facts(report) -> Facts:
    return Facts.model_validate_json(report.with_name("facts.json").read_text())


@pytest.fixture
def visit(chromium, report):
    """Open the report; what it says on the console and asks of the network fails the test."""
    contexts, faults = [], []

    def open_page(fragment="", path=report, **options):
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        own = (path.as_uri(), "data:", "blob:")
        page.on("request", lambda request: request.url.startswith(own) or faults.append(request.url))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
