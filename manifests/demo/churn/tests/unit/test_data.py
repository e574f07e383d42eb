"""The data that would be trained on: enough of it, complete, and possible."""

import pathlib

import pytest

from churn.features import features, read_customers

FILES = sorted(pathlib.Path("data").glob("*.csv"))


@pytest.fixture(params=FILES, ids=[path.name for path in FILES])
def customers(request):
    return read_customers(request.param)


def test_there_are_enough_rows():
    assert sum(len(read_customers(path)) for path in FILES) >= 300


def test_nothing_is_missing(customers):
    missing = sum(value in ("", None) for each in customers for value in each.values())
    assert missing == 0, f"{missing} values are missing"


def test_every_customer_is_possible(customers):
    assert all(len(features(each)) == 5 and each["churned"] in ("0", "1") for each in customers)


def test_both_kinds_of_customers_are_there(customers):
    left = sum(each["churned"] == "1" for each in customers) / len(customers)
    assert 0.05 < left < 0.95
