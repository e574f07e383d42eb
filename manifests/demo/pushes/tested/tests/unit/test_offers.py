import pytest

from churn.offers import offer
from churn.service import SOMEBODY


@pytest.mark.parametrize(
    "customer, offered",
    [
        ({"support_calls": 3}, "a technician this week"),
        ({"support_calls": 7}, "a technician tomorrow"),
        ({"monthly_charge": 70}, "10 percent for a year"),
        ({"monthly_charge": 90, "tenure_months": 30}, "20 percent for a year"),
        ({"monthly_charge": 20}, "another day of the month to pay"),
        ({"monthly_charge": 20, "late_payments": 0}, "a call"),
    ],
)
def test_what_fits_is_offered(customer, offered):
    assert offer({**SOMEBODY, **customer}, True) == offered


def test_who_is_not_called_gets_nothing():
    assert offer(SOMEBODY, False) == "nothing"
