"""What an amount is worth in another currency, in slow, obvious Python: section by section of `tillthen.Rates`."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

EXACT = Context(prec=60)


def worth(amount: Decimal, digits: int, rate: Decimal | None, base_digits: int) -> int | None:
    """An amount in major units of a currency with so many digits as minor units of the base; None without a rate.

    The amount is taken for the whole number of its minor units that it is next to.

    >>> worth(Decimal("44.16"), 2, Decimal("0.925"), 2), worth(Decimal(100), 0, Decimal("0.00615"), 2)
    (4085, 62)
    """
    if rate is None:
        return None
    minor = amount.scaleb(digits, EXACT).to_integral_value(ROUND_HALF_EVEN)
    product = EXACT.multiply(minor, rate).scaleb(base_digits - digits, EXACT)
    return int(product.to_integral_value(ROUND_HALF_EVEN))
