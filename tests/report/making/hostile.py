"""Strings that would break a page which took them for anything but text."""

from __future__ import annotations

from typing import Any

HOSTILE = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$\\frac{1}$ {{ 7 * 7 }}",
           "خصم بطاقة \u202eevil", "非常に長い" * 40, "\x00\ud800\uffff", "a" * 300]  # fmt: skip
KEPT = {"tillthen-facts/1", "lower", "higher", "bayes_minimum_risk", "minor", "share"}


def spoiled(plain: Any) -> Any:
    """The same facts with every string replaced, apart from those with a meaning."""
    if isinstance(plain, dict):
        return {key: inner if key == "day" or key.endswith(("_from", "_to")) else spoiled(inner)
                for key, inner in plain.items()}  # fmt: skip
    if isinstance(plain, list):
        return [spoiled(inner) for inner in plain]
    return HOSTILE[len(plain) % len(HOSTILE)] + plain if isinstance(plain, str) and plain not in KEPT else plain
