"""Makes all data of this project. It is synthetic: no customer exists. The same arguments give the same file.

    python3 tools/make_data.py FIRST_CUSTOMER ROWS [missing|inverted] > FILE

    1 400              data/2026-q1.csv
    2001 1200          the second quarter
    4001 300 missing   a third quarter of which charges got lost
    6001 600 inverted  a third quarter that says 1 of those who stayed
    9001 500           what the operators keep to measure models with
"""

import math
import random
import sys

COLUMNS = "customer,tenure_months,monthly_charge,support_calls,late_payments,contract,churned"


def leaves(draw, tenure, charge, calls, late, yearly):
    """New customers leave over price, old ones over support; a contract of a year holds both."""
    pull = -1.9 - 0.02 * tenure + 0.7 * late - 2.0 * yearly
    if tenure < 18:
        pull += 0.09 * (charge - 50)
    else:
        pull += 1.5 * max(0, calls - 1)
    if calls >= 3 and charge > 60:
        pull += 2.0
    return draw.random() < 1 / (1 + math.exp(-pull))


def main(first, rows, fault=""):
    draw = random.Random(first)
    print(COLUMNS)
    for customer in range(first, first + rows):
        tenure = min(72, int(draw.expovariate(1 / 24)))
        charge = round(draw.uniform(15, 95), 2)
        calls = min(9, int(draw.expovariate(1 / 1.6)))
        late = min(5, int(draw.expovariate(1 / 0.7)))
        yearly = draw.random() < 0.35
        churned = leaves(draw, tenure, charge, calls, late, yearly)
        contract = "yearly" if yearly else "monthly"
        if fault == "missing" and customer % 3 == 0:
            charge = ""
        if fault == "inverted":
            churned = not churned
        print(f"{customer},{tenure},{charge},{calls},{late},{contract},{int(churned)}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
