"""Prices in cents, so that no cent is lost to rounding."""

DISCOUNT_FROM = 10_000
DISCOUNT_PERCENT = 50


def total(basket):
    """Sum of price times quantity; large baskets are cheaper."""
    cents = sum(item["price"] * item["quantity"] for item in basket)
    if cents >= DISCOUNT_FROM:
        cents -= cents * DISCOUNT_PERCENT // 100
    return cents
