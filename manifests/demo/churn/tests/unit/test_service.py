import io
import json

from churn.service import SOMEBODY, answer, application, check


class Certain:
    """A model that always says the same: the unit is the service."""

    def predict_proba(self, rows):
        return [[0.2, 0.8] for _ in rows]


def call(body):
    seen = {}

    def start(status, headers):
        seen["status"] = status

    environ = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    seen["body"] = json.loads(b"".join(application(Certain())(environ, start)))
    return seen


def test_a_customer_gets_a_probability():
    seen = call(json.dumps(SOMEBODY).encode())
    assert seen["status"] == "200 OK"
    assert (seen["body"]["churn"], seen["body"]["call"]) == (0.8, True)


def test_who_is_no_customer_is_refused():
    assert call(b"[1]")["status"].startswith("400")


def test_customers_are_called_from_one_half_on():
    assert [answer(each)["call"] for each in (0.49, 0.5)] == [False, True]


def test_the_check_wants_a_model(tmp_path):
    model = tmp_path / "model.joblib"
    model.write_bytes(b"")
    assert check(model) == 1
    model.write_bytes(b"x")
    assert check(model) == 0
