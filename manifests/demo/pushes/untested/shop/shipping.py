"""What it costs to bring a basket home, in cents."""

FREE_FROM = 5_000
COUNTRIES = {"FR": 490, "BE": 590, "DE": 690}
HEAVY_GRAMS = 10_000
HEAVY_CENTS = 1_500


def shipping(total, country, grams):
    """Free from fifty euros on, unless it is heavy."""
    if country not in COUNTRIES:
        raise ValueError(f"no parcels to {country}")
    if grams < 0:
        raise ValueError("nothing weighs less than nothing")
    cents = COUNTRIES[country]
    if total >= FREE_FROM:
        cents = 0
    if grams >= HEAVY_GRAMS:
        cents += HEAVY_CENTS
    return cents
