"""Names that fit the room a drawing has for them, measured in the letters that they are made of."""

from __future__ import annotations

from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

SIZE = 14.0
"""The largest size of a drawing's words, on a phone, in the drawing's own pixels."""

PARTED = " _"
"""Where a name may go on in a second line."""


@cache
def width(text: str) -> float:
    """Pixels that a text takes at most."""
    # A dollar would begin a formula.
    found, _, _ = TextToPath().get_text_width_height_descent(text.replace("$", "S"), FontProperties(size=SIZE), False)
    return float(found)


def fitted(text: str, room: float) -> str:
    """The text, without its middle where it is too wide: names often differ at their ends.

    >>> fitted("CUSTOMER_ID_NB_TX_30DAY_WINDOW", 150), fitted("amount", 150)
    ('CUSTOM…_WINDOW', 'amount')
    """
    if width(text) <= room:
        return text
    for kept in range(min(len(text) - 1, 200), 1, -1):
        short = f"{text[: kept // 2]}…{text[len(text) - (kept - kept // 2) :]}"
        if width(short) <= room:
            return short
    return text[:1] + "…"


def in_lines(text: str, room: float) -> list[str]:
    """The same on two lines where one is too narrow, parted at a space or behind an underscore.

    >>> in_lines("Decline from the cheapest threshold", 170)
    ['Decline from the', 'cheapest threshold']
    >>> in_lines("CUSTOMER_ID_NB_TX_30DAY_WINDOW", 170)
    ['CUSTOMER_ID_NB_', 'TX_30DAY_WINDOW']
    """
    places = [place + 1 for place, letter in enumerate(text[:-1]) if letter in PARTED and place]
    if width(text) <= room or not places:
        return [fitted(text, room)]
    place = min(places, key=lambda at: max(width(text[:at].rstrip()), width(text[at:])))
    return [fitted(text[:place].rstrip(), room), fitted(text[place:], room)]
