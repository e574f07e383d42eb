"""The service: POST a customer as JSON, get how likely they are to leave, and whether to call them."""

import json
import pathlib
import sys

from churn.features import features

CALL_FROM = 0.5
MODEL = pathlib.Path(__file__).parents[2] / "model.joblib"
SOMEBODY = {
    "tenure_months": 3,
    "monthly_charge": 80,
    "support_calls": 1,
    "late_payments": 2,
    "contract": "monthly",
}


def answer(probability):
    return {"churn": round(probability, 3), "call": probability >= CALL_FROM}


def application(model):
    """A WSGI application that asks `model`, which is loaded once."""

    def call(environ, start_response):
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            customer = json.loads(environ["wsgi.input"].read(length))
            body = answer(float(model.predict_proba([features(customer)])[0][1]))
            status = "200 OK"
        except (ValueError, KeyError, TypeError) as error:
            body = {"error": f"not a customer: {error}"}
            status = "400 Bad Request"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return call


def check(model=MODEL):
    """What health asks, often and cheaply: the code computes, and a model lies where it is read."""
    return 0 if len(features(SOMEBODY)) == 5 and model.stat().st_size > 0 else 1


def serve(port):  # pragma: no cover
    from wsgiref.simple_server import make_server

    import joblib

    make_server("127.0.0.1", port, application(joblib.load(MODEL))).serve_forever()


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(check())
    serve(int(sys.argv[1]))
