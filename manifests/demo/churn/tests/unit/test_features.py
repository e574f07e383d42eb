import pytest

from churn.features import features
from churn.service import SOMEBODY


def test_numbers_come_first_and_the_contract_last():
    assert features(SOMEBODY) == [3.0, 80.0, 1.0, 2.0, 0.0]


def test_a_contract_of_a_year_counts():
    assert features({**SOMEBODY, "contract": "yearly"})[-1] == 1.0


@pytest.mark.parametrize("wrong", [{"tenure_months": -1}, {"monthly_charge": ""}, {"contract": "daily"}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        features({**SOMEBODY, **wrong})
