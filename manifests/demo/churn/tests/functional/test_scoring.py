"""What was built, asked over HTTP as its users ask it: the packaged service with the trained model."""

import json
import pathlib
import sys
import threading
import urllib.error
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import joblib
import pytest

OUT = pathlib.Path("out").resolve()
NEW_AND_DEAR = {"tenure_months": 2, "monthly_charge": 93, "support_calls": 5, "late_payments": 4, "contract": "monthly"}
OLD_AND_CALM = {"tenure_months": 40, "monthly_charge": 20, "support_calls": 0, "late_payments": 0, "contract": "yearly"}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def url():
    sys.path.insert(0, str(OUT / "service"))
    from churn.service import application

    model = joblib.load(OUT / "model.joblib")
    server = make_server("127.0.0.1", 0, application(model), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def post(url, customer):
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(customer).encode())) as answer:
        return json.load(answer)


@pytest.fixture
def real(record_property):
    """These cases call the real service and the real model, nothing stands in."""
    record_property("real_calls", "true")


def test_given_a_customer_when_scored_then_a_probability(url, real):
    assert 0 <= post(url, OLD_AND_CALM)["churn"] <= 1


def test_given_two_customers_when_scored_then_the_unhappy_one_is_likelier_to_leave(url, real):
    assert post(url, NEW_AND_DEAR)["churn"] > post(url, OLD_AND_CALM)["churn"]


def test_given_garbage_when_scored_then_it_is_refused(url, real):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        post(url, {"tenure_months": "long"})
    assert refusal.value.code == 400


def test_given_the_package_when_listed_then_no_test_and_no_training_is_inside():
    assert not list((OUT / "service").rglob("test_*")) + list((OUT / "service").rglob("train*"))
