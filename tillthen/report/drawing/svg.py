"""A matplotlib figure as SVG within the page: themed, named, the same bytes for the same figure.

The page's security policy forbids ``style`` attributes, so every style becomes a presentation attribute; neutral
colours become the style sheet's variables, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

PANEL = (450, 320)
"""Width and height in the page's pixels of a drawing that shares its row with another."""

INK, MUTED, FAINT, SURFACE = "#010101", "#020202", "#030303", "#040404"
WORDS = ("#050500", "#050501", "#050502", "#050503")
"""Stand-ins for the style sheet's variables: neutrals, and the models' colours as readable text."""

VARIABLES = {INK: "ink", MUTED: "muted", FAINT: "faint", SURFACE: "surface"} | {
    word: f"m{number}-word" for number, word in enumerate(WORDS)
}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tillthen",
    "text.parse_math": False,
    "text.color": INK,
    "font.size": 11,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.dpi": 72,
    "figure.facecolor": "none",
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "legend.handlelength": 2.4,
    "legend.borderaxespad": 0,
    "lines.solid_capstyle": "round",
    "xtick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": 11,
    "xtick.minor.size": 0,
    "ytick.color": FAINT,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": 11,
    "ytick.left": False,
    "ytick.major.pad": 6,
    "ytick.minor.left": False,
}
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
LONG_DECIMAL = re.compile(r"-?\d+\.\d{3,}")
REFERENCE = re.compile(r"url\(#([^)]+)\)")


def draw(
    slug: str, title: str, description: str, paint: Callable[[Figure], None], size: tuple[int, int] = PANEL
) -> Markup:
    """Let ``paint`` draw on an empty figure of so many pixels, and give it as inline SVG.

    Parameters
    ----------
    slug
        Unique within the page; the drawing's ids begin with it.
    title, description
        What a screen reader says.
    """
    with matplotlib.rc_context(), warnings.catch_warnings():
        # Browsers have glyphs that matplotlib's own font lacks; it only measures with that font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support .* natively")
        matplotlib.rcdefaults()
        for name, value in STYLE.items():
            matplotlib.rcParams[name] = value
        figure = Figure(figsize=(size[0] / 72, size[1] / 72))
        paint(figure)
        buffer = BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return Markup(_inline(buffer.getvalue(), slug, title, description))


def _inline(svg: bytes, slug: str, title: str, description: str) -> str:
    root = ElementTree.fromstring(svg)
    for child in list(root):
        if child.tag.endswith("metadata") or child.find(f"{SVG}style") is not None:
            root.remove(child)
    names = _names(root, slug)
    for element in root.iter():
        _tidy(element, names)
    _flatten(root)
    head = {"id": slug, "class": "drawing", "viewBox": root.attrib["viewBox"], "role": "img"}
    head["aria-labelledby"] = f"{slug}-title {slug}-desc"
    root.attrib = head | {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        words = ElementTree.Element(tag, {"id": f"{slug}-{tag}"})
        words.text = text
        root.insert(position, words)
    return ElementTree.tostring(root, encoding="unicode")


def _names(root: ElementTree.Element, slug: str) -> dict[str, str]:
    """The ids that something refers to, by order of appearance."""
    wanted = {element.attrib[HREF][1:] for element in root.iter() if HREF in element.attrib}
    for element in root.iter():
        for value in element.attrib.values():
            wanted.update(REFERENCE.findall(value))
    found = [element.attrib["id"] for element in root.iter() if element.attrib.get("id") in wanted]
    return {old: f"{slug}-{number}" for number, old in enumerate(dict.fromkeys(found))}


def _tidy(element: ElementTree.Element, names: dict[str, str]) -> None:
    attributes = dict(element.attrib)
    identity = names.get(attributes.pop("id", ""))
    for rule in attributes.pop("style", "").split(";"):
        key, _, value = rule.partition(":")
        attributes[key.strip()] = value.strip()
    target = attributes.pop(HREF, None)
    size = attributes.pop("font-size", None)
    for dropped in ("", "font-family", "font"):
        attributes.pop(dropped, None)
    if attributes.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del attributes["transform"]
    element.attrib = {key: _value(key, value, names) for key, value in attributes.items()}
    extra = {
        "id": identity,
        "href": target and f"#{names[target[1:]]}",
        "class": size and f"t{size.removesuffix('px')}",
    }
    element.attrib |= {key: value for key, value in extra.items() if value}
    element.tag = element.tag.removeprefix(SVG)
    element.tail = None
    if element.tag != "text":
        element.text = None


def _value(key: str, value: str, names: dict[str, str]) -> str:
    if key in ("fill", "stroke") and value in VARIABLES:
        return f"var(--{VARIABLES[value]})"
    value = REFERENCE.sub(lambda found: f"url(#{names[found[1]]})", value)
    return LONG_DECIMAL.sub(lambda found: f"{float(found[0]):.2f}", " ".join(value.split()))


def _flatten(element: ElementTree.Element) -> None:
    """Lift the children of groups that say nothing."""
    children: list[ElementTree.Element] = []
    for child in list(element):
        _flatten(child)
        children.extend(list(child) if child.tag == "g" and not child.attrib else [child])
        element.remove(child)
    element.extend(children)
