"""The data that would be trained on: customers that can be."""

import pathlib

import pytest

from churn.features import features, read_customers

FILES = sorted(pathlib.Path("data").glob("*.csv"))


@pytest.fixture(params=FILES, ids=[path.name for path in FILES])
def customers(request):
    return [each for each in read_customers(request.param) if all(each.values())]


def test_every_customer_is_possible(customers):
    assert all(len(features(each)) == 5 and each["churned"] in ("0", "1") for each in customers)


def test_both_kinds_of_customers_are_there(customers):
    left = sum(each["churned"] == "1" for each in customers) / len(customers)
    assert 0.05 < left < 0.95
