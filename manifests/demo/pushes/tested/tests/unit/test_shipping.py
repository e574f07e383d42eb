import pytest

from shop.shipping import shipping


def test_a_small_parcel_costs_what_its_country_costs():
    assert shipping(1_000, "BE", 500) == 590


def test_from_fifty_euros_on_it_is_free():
    assert shipping(5_000, "FR", 500) == 0


def test_heavy_parcels_always_cost():
    assert shipping(5_000, "FR", 10_000) == 1_500


def test_unknown_countries_are_refused():
    with pytest.raises(ValueError):
        shipping(1_000, "XX", 500)


def test_negative_weights_are_refused():
    with pytest.raises(ValueError):
        shipping(1_000, "FR", -1)
