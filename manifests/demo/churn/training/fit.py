"""Fits the model and measures it on customers that no training ever sees."""

import itertools
import json
import pathlib

from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score

from churn.features import features, read_customers
from churn.score import score

SETTINGS = {"max_depth": [1, 2, 3], "n_estimators": [40, 80, 160]}
DEGRADED = {"max_depth": 2, "n_estimators": 10}
DEGRADED_ROWS = 100


def read_all(folder):
    """Customers of whom everything is known; how many are not is for the gate `data` to judge."""
    files = sorted(pathlib.Path(folder).glob("*.csv"))
    return [each for path in files for each in read_customers(path) if all(each.values())]


def split(customers):
    """By the customer's number, so that a customer is on the same side in every release."""
    kept = [each for each in customers if int(each["customer"]) % 4]
    held_out = [each for each in customers if int(each["customer"]) % 4 == 0]
    return kept, held_out


def labels(customers):
    return [int(each["churned"]) for each in customers]


def best_settings(model, rows, answers):
    """By cross-validation. Each line of progress is what `failgate runs show` tells meanwhile."""
    best, found = 0.0, {}
    tries = [dict(zip(SETTINGS, each)) for each in itertools.product(*SETTINGS.values())]
    for number, settings in enumerate(tries, 1):
        model.set_params(**settings)
        mean = float(cross_val_score(model, rows, answers, scoring="roc_auc", cv=5).mean())
        if mean > best:
            best, found = mean, settings
        print("::progress", json.dumps({"step": number, "of": len(tries), "auc": round(best, 4)}), flush=True)
    return found


def fit(customers, mode):
    """`full` searches its settings; `degraded` only shows that training works."""
    model = GradientBoostingClassifier(random_state=0, learning_rate=0.1, subsample=0.7)
    if mode == "degraded":
        customers = customers[:DEGRADED_ROWS]
    rows, answers = [features(each) for each in customers], labels(customers)
    settings = DEGRADED if mode == "degraded" else best_settings(model, rows, answers)
    return model.set_params(**settings).fit(rows, answers)


def auc(model, customers):
    return round(float(roc_auc_score(labels(customers), score(model, customers))), 4)
