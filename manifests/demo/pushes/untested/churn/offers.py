"""What somebody who may leave is offered."""

DEAR_FROM = 60
LOYAL_FROM = 24
NOTHING = "nothing"


def offer(customer, call):
    """The first of our offers that fits; "nothing" to whom we do not call."""
    if not call:
        return NOTHING
    if float(customer["support_calls"]) >= 3:
        return support(float(customer["support_calls"]))
    if float(customer["monthly_charge"]) >= DEAR_FROM:
        return discount(float(customer["monthly_charge"]), float(customer["tenure_months"]))
    if float(customer["late_payments"]) >= 1:
        return "another day of the month to pay"
    return "a call"


def support(calls):
    if calls >= 6:
        return "a technician tomorrow"
    return "a technician this week"


def discount(charge, tenure):
    percent = 10
    if tenure >= LOYAL_FROM:
        percent += 5
    if charge >= DEAR_FROM * 1.5:
        percent += 5
    return f"{percent} percent for a year"
