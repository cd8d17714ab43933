"""The pins of requirements.txt fit each other and the wheel with its extras; asked of what is installed, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
WHEEL = "tillthen[s3,learn,report,spark]"
Needs = dict[str, list[str]]


@pytest.fixture(scope="module")
def pins() -> dict[str, Version]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    named = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in named}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Needs:
    """What setup.py asks for, by extra; "" is what the wheel always needs."""
    given: dict[str, dict[str, object]] = {}
    text = (ROOT / "setup.py").read_text()
    names = {"__file__": str(ROOT / "setup.py"), "__name__": "setup"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("setuptools.setup", lambda **options: given.update(options=options))
        exec(compile(text, "setup.py", "exec"), names)
    options = given["options"]
    return {"": options["install_requires"], **options["extras_require"]}  # type: ignore[dict-item]


def needed(name: str, extras: frozenset[str], declared: Needs) -> Iterator[Requirement]:
    """What a distribution needs here, with these extras."""
    if name == "tillthen":
        texts = [text for extra in ("", *extras) for text in declared[extra]]
    else:
        texts = distribution(name).requires or []
    for text in texts:
        found = Requirement(text)
        if found.marker is None or any(found.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield found


def unmet(wheel: str, declared: Needs, pins: dict[str, Version]) -> list[str]:
    """Every requirement, of whatever depth, that the pins do not meet."""
    faults, seen, left = [], set(), [Requirement(wheel)]
    while left:
        one = left.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for need in needed(name, extras, declared):
            pinned = pins.get(canonicalize_name(need.name))
            if pinned is None or not need.specifier.contains(pinned, prereleases=True):
                faults.append(f"{name} needs {need}, the pin is {pinned}")
            else:
                left.append(need)
    return faults


def installed(pins: dict[str, Version]) -> list[str]:
    """Pins that are not what is installed here."""
    found = []
    for name, pinned in pins.items():
        try:
            version = Version(distribution(name).version)
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
            continue
        found += [f"{name} is {version}, the pin is {pinned}"] if version != pinned else []
    return found


def test_the_wheel_with_its_extras_can_be_installed_with_the_pins(declared, pins):
    if wrong := installed(pins):
        pytest.skip(f"these pins are not installed, so that their needs are unknown: {', '.join(wrong[:5])}")
    assert unmet(WHEEL, declared, pins) == []


def test_the_pins_fit_each_other(declared, pins):
    if wrong := installed(pins):
        pytest.skip(f"these pins are not installed, so that their needs are unknown: {', '.join(wrong[:5])}")
    assert sorted({fault for name in pins for fault in unmet(name, declared, pins)}) == []


def test_a_pin_that_does_not_fit_is_named(declared, pins):
    wrong = pins | {"python-dateutil": Version("4.0.0")}
    if "botocore" not in wrong:
        pytest.fail("boto3, which the extra s3 needs, has no pin")
    assert any(re.match(r"botocore needs python-dateutil.*the pin is 4\.0\.0", one)
               for one in unmet(WHEEL, declared, wrong))  # fmt: skip
