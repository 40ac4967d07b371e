"""Fixtures: a broker for a whole file of tests, one for a single test, and the clients' end."""

import itertools
import os
import sys

import pytest

import broker as broker_under_test
import clients
from kafka_tools import Tools


@pytest.fixture(scope="module")
def broker():
    """One broker for all the tests of a file."""
    yield from _running()


@pytest.fixture
def fresh_broker():
    """A broker of the test's own, to kill and restart."""
    yield from _running()


@pytest.fixture
def start_broker():
    """Starts brokers with settings: start_broker(message_max_bytes=1000)."""
    started = []

    def start(port=None, **overrides):
        one = broker_under_test.make(port, **overrides)
        started.append(one)
        return one.start()

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="module")
def start_module_broker():
    """The same for all the tests of a file."""
    started = []

    def start(port=None, **overrides):
        one = broker_under_test.make(port, **overrides)
        started.append(one)
        _running.current = one.start()
        return one

    yield start
    _running.current = None
    for one in started:
        one.close()


def _running():
    one = broker_under_test.make()
    try:
        _running.current = one.start()
        yield one
    finally:
        _running.current = None
        if getattr(one, "process", None) is not None and one.process.poll() is None:
            print(f"resident at the end: {one.rss_kib() / 1024:.1f} MiB", file=sys.stderr)
        one.close()


_running.current = None
# A broker that somebody else runs may have seen these tests before.
_numbers = itertools.count(1000 * os.getpid() if "MOLDAU_TEST_BOOTSTRAP" in os.environ else 0)


@pytest.fixture
def topic(request):
    """A name that no other test uses."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"{name}-{next(_numbers)}"


MOLDAU = broker_under_test.KIND == "moldau"


@pytest.fixture
def tools(broker):
    """The command-line tools that belong to the broker under test."""
    return Tools("ours" if MOLDAU else "apache", broker)


@pytest.fixture(params=["ours", "apache"] if MOLDAU else ["apache"])
def either(request, broker):
    """The same, and then Apache's against our broker."""
    return Tools(request.param, broker)


@pytest.fixture(scope="session", autouse=True)
def _close_clients():
    yield
    for client in clients.KEPT:
        client.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A test that fails says what the broker logged."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and _running.current is not None and hasattr(_running.current, "log_text"):
        report.sections.append(("what the broker logged", _running.current.log_text()))
