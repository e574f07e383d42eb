import json
import threading
import urllib.error
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from shop.service import application


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:
        return json.load(answer)


def test_a_basket_goes_over_http(url):
    assert post(url, b'[{"price": 100, "quantity": 7}]') == {"total": 700}


def test_garbage_is_refused_over_http(url):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        post(url, b"garbage")
    assert refusal.value.code == 400
