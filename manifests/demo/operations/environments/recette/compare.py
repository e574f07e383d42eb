"""Measures the candidate and what runs here, on customers whom nobody who trains ever sees.

Each release scores them with its own code and is not shown who left. The gate `model` judges."""

import csv
import json
import os
import pathlib
import subprocess
import sys

QUESTIONS = pathlib.Path("questions.csv").resolve()


def ask():
    """Writes the customers without the answers; returns the answers."""
    with open("holdout.csv", newline="", encoding="utf-8") as file:
        customers = list(csv.DictReader(file))
    answers = [each.pop("churned") == "1" for each in customers]
    with open(QUESTIONS, "w", newline="", encoding="utf-8") as file:
        questions = csv.DictWriter(file, customers[0].keys())
        questions.writeheader()
        questions.writerows(customers)
    return answers


def scores(release):
    command = [sys.executable, "-m", "churn.score", f"{release}/model.joblib", QUESTIONS]
    lines = subprocess.run(command, cwd=f"{release}/service", stdout=subprocess.PIPE, text=True, check=True).stdout
    return [float(line) for line in lines.split()]


def auc(answers, probabilities):
    """How often somebody who left was thought likelier to leave than somebody who stayed."""
    if len(answers) != len(probabilities):
        sys.exit(f"{len(probabilities)} scores for {len(answers)} customers")
    left = [each for answer, each in zip(answers, probabilities) if answer]
    stayed = [each for answer, each in zip(answers, probabilities) if not answer]
    won = sum((one > other) + (one == other) / 2 for one in left for other in stayed)
    return round(won / (len(left) * len(stayed)), 4)


def main():
    answers = ask()
    metrics = {"auc": auc(answers, scores(os.environ["FAILGATE_CANDIDATE"]))}
    if "FAILGATE_CHAMPION" in os.environ:
        metrics["champion.auc"] = auc(answers, scores(os.environ["FAILGATE_CHAMPION"]))
    pathlib.Path("out").mkdir(exist_ok=True)
    pathlib.Path("out/metrics.json").write_text(json.dumps(metrics))
    print(json.dumps(metrics))


main()
