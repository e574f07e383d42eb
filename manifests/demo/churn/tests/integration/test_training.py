import json

import joblib
import pytest

from churn.features import read_customers
from churn.score import main as score_file
from churn.score import score
from training.fit import read_all, split
from training.train import main as train


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    train(f"--data data --mode degraded --out {folder}/model.joblib --metrics {folder}/m.json".split())
    return folder


def test_a_training_gives_a_model_that_scores(trained):
    scores = score(joblib.load(trained / "model.joblib"), read_customers("data/2026-q1.csv")[:20])
    assert len(scores) == 20 and all(0 <= each <= 1 for each in scores)


def test_a_training_measures_what_it_made(trained):
    assert json.loads((trained / "m.json").read_text())["auc"] > 0.5


def test_a_champion_is_measured_on_the_same_customers(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("FAILGATE_CHAMPION", str(trained))
    train(f"--data data --mode degraded --out {tmp_path}/again --metrics {tmp_path}/m.json".split())
    metrics = json.loads((tmp_path / "m.json").read_text())
    assert metrics["champion.auc"] == metrics["auc"]


def test_nobody_who_is_measured_was_trained_on():
    kept, held_out = split(read_all("data"))
    assert not {each["customer"] for each in kept} & {each["customer"] for each in held_out}


def test_a_file_is_scored_line_by_line(trained, capsys):
    score_file(trained / "model.joblib", "data/2026-q1.csv")
    assert len(capsys.readouterr().out.splitlines()) == len(read_customers("data/2026-q1.csv"))
