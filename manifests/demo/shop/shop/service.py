"""The pricing service: POST a basket as JSON, get its total. `--check` answers whether it can start."""

import json
import sys
from wsgiref.simple_server import make_server

from shop.pricing import total


def application(environ, start_response):
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        basket = json.loads(environ["wsgi.input"].read(length))
        body = {"total": total(basket)}
        status = "200 OK"
    except (ValueError, KeyError, TypeError) as error:
        body = {"error": f"not a basket: {error}"}
        status = "400 Bad Request"
    payload = json.dumps(body).encode()
    start_response(
        status,
        [("Content-Type", "application/json"), ("Content-Length", str(len(payload)))],
    )
    return [payload]


def check():
    """What health asks: does the code that was deployed compute?"""
    return 0 if total([{"price": 250, "quantity": 2}]) == 500 else 1


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(check())
    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
