from shop.pricing import total
from shop.service import application, check


def call(body):
    answer = {}

    def start(status, headers):
        answer["status"] = status

    import io

    environ = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    answer["body"] = b"".join(application(environ, start))
    return answer


def test_an_empty_basket_costs_nothing():
    assert total([]) == 0


def test_quantities_multiply():
    assert total([{"price": 250, "quantity": 3}]) == 750


def test_large_baskets_are_cheaper():
    assert total([{"price": 10_000, "quantity": 1}]) == 5_000


def test_the_service_answers_a_total():
    assert call(b'[{"price": 5, "quantity": 2}]')["body"] == b'{"total": 10}'


def test_the_service_refuses_what_is_no_basket():
    assert call(b"[1]")["status"].startswith("400")


def test_the_check_computes():
    assert check() == 0
