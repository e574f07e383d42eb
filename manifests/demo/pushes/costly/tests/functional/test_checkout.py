import pathlib
import subprocess
import sys

ARTIFACT = pathlib.Path("out/service")


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ARTIFACT, capture_output=True, text=True, check=True
    ).stdout


def test_given_a_packaged_service_when_checked_then_it_can_start():
    subprocess.run([sys.executable, "-m", "shop.service", "--check"], cwd=ARTIFACT, check=True)


def test_given_a_basket_of_120_euros_when_paid_then_60_are_asked():
    code = "from shop.pricing import total; print(total([{'price': 6000, 'quantity': 2}]))"
    assert run(code) == "6000\n"


def test_given_the_package_when_listed_then_no_test_is_inside():
    assert not list(ARTIFACT.rglob("test_*"))
