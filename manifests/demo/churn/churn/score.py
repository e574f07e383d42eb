"""python3 -m churn.score MODEL CSV: how likely each customer of a file is to leave, a line each."""

import sys

import joblib

from churn.features import features, read_customers


def score(model, customers):
    return [float(row[1]) for row in model.predict_proba([features(each) for each in customers])]


def main(model, path):
    for probability in score(joblib.load(model), read_customers(path)):
        print(f"{probability:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
