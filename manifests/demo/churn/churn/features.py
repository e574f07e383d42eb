"""What the model sees of a customer. Training and service use this same code, so that they cannot differ."""

import csv

NUMBERS = ["tenure_months", "monthly_charge", "support_calls", "late_payments"]
CONTRACTS = {"monthly": 0.0, "yearly": 1.0}


def features(customer):
    """A row of numbers; ValueError says what is wrong with the customer."""
    row = []
    for name in NUMBERS:
        number = float(customer[name])
        if not 0 <= number < 1000:
            raise ValueError(f"{name} cannot be {number}")
        row.append(number)
    if customer["contract"] not in CONTRACTS:
        raise ValueError(f"no contract is called {customer['contract']}")
    row.append(CONTRACTS[customer["contract"]])
    return row


def read_customers(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
