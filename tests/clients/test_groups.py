"""The life of a member, with every client that has groups: alone, joined, left, killed, paused.

All the lives of this file run at once, each in a group of its own on one broker, as most of a life
is waiting for a session to end; the tests then look at how each went.
"""

import functools

import pytest

import broker as broker_under_test
import members
from clients import (CONFLUENT, KAFKA_NODE, KAFKA_PYTHON, KAFKA_PYTHON_OLD, KAFKAJS, NO_KAFKA,
                     PLATFORMATIC, RDKAFKA_JS)
from members import Group, Writer, create_topic, partitions_of

SESSION_MS = 3000
PARTITIONS = 4
MOLDAU = broker_under_test.KIND == "moldau"
# What Apache Kafka 4 does not serve any more.
OLDEST = {KAFKA_NODE, NO_KAFKA}

# Once it has been thrown out, @platformatic/kafka does not find its way back in these: it goes on
# sending the epoch that is refused, or joins again and again, with Apache Kafka too. kafka-python
# then claims what it had as if it still had it, and is believed by its like.
NOT_PAUSED = {"platformatic-cooperative-sticky-auto", "platformatic-consumer-range",
              "kafka-python-cooperative-sticky-auto"}

# (client, options)
LIVES = [
    (KAFKA_NODE, {"assignor": "range"}),
    (KAFKA_NODE, {"assignor": "roundrobin,range"}),
    (NO_KAFKA, {"assignor": "roundrobin"}),
    (KAFKAJS, {"assignor": "range"}),
    (KAFKAJS, {"assignor": "roundrobin"}),
    (RDKAFKA_JS, {"assignor": "roundrobin"}),
    (PLATFORMATIC, {"assignor": "roundrobin"}),
    # A commit that meets a rebalance makes it forget what it owns, unless it commits by itself.
    (PLATFORMATIC, {"assignor": "cooperative-sticky", "commit": "auto"}),
    (PLATFORMATIC, {"protocol": "consumer", "assignor": "range"}),
    (CONFLUENT, {"assignor": "range"}),
    (CONFLUENT, {"assignor": "cooperative-sticky"}),
    (CONFLUENT, {"protocol": "consumer", "assignor": "uniform"}),
    (KAFKA_PYTHON, {"assignor": "sticky"}),
    (KAFKA_PYTHON, {"assignor": "cooperative-sticky", "commit": "auto"}),
    (KAFKA_PYTHON_OLD, {"assignor": "range"}),
]


def _name(life):
    client, options = life
    return "-".join([str(client), *(value.replace(",", "-") for value in options.values())])


def _is_served(life):
    return broker_under_test.KIND != "apache-new" or life[0] not in OLDEST


class Life:
    """One life, step after step; what took how long in ms is noted for the tests."""

    def __init__(self, broker, client, options):
        self.client = client
        self.options = options
        self.name = _name((client, options))
        self.topic = "life-" + self.name
        self.partitions = partitions_of(self.topic, PARTITIONS)
        create_topic(broker, self.topic, PARTITIONS)
        self.is_incremental = (options.get("protocol") == "consumer"
                               or options["assignor"] == "cooperative-sticky")
        with Group(broker, "group-" + self.topic, self.topic, session=SESSION_MS,
                   **options) as self.group, \
                Writer(broker, self.topic, PARTITIONS, 50) as writer:
            self.first = self._join()
            self._another_joins()
            self._it_leaves()
            self._one_is_killed()
            self.other = self._join()
            self.pausing_ms = None
            if self.name not in NOT_PAUSED:
                self._that_is_paused()
            self.produced = writer.stop()
            self.group.wait_read(self.produced)
            self._ends()

    def _join(self):
        member = self.group.add(self.client)
        self.group.converged(self.partitions)
        return member

    def _another_joins(self):
        before = len(self.first.events)
        self.second = self._join()
        events = [one for one in self.first.events[before:] if one["event"] == "revoked"]
        self.revoked = [set(one["partitions"]) for one in events]
        self.given = set(self.second.owned)

    def _it_leaves(self):
        left = self.second.leave()
        self.leaving_ms = self.group.converged(self.partitions) - left

    def _one_is_killed(self):
        killed = self._join().kill()
        self.killing_ms = self.group.converged(self.partitions) - killed

    def _that_is_paused(self):
        stopped = self.other.pause()
        self.pausing_ms = self.group.converged(self.partitions) - stopped
        self.other.resume()
        self.group.wait_until(lambda: self.other.fenced_spans()[-1][1] != float("inf"),
                              "told that it was thrown out")
        self.group.converged(self.partitions)

    def _ends(self):
        """One leaves with all committed; the other then begins where that one was."""
        self.first.commit()
        self.first.leave()
        self.group.converged(self.partitions)
        self.other.commit()
        self.other.leave()


@pytest.fixture(scope="module")
def lives():
    """{name: future of a Life}."""
    broker = broker_under_test.make(**members.SHORT_TIMEOUTS).start()
    try:
        members.wait_for_coordinator(broker)
        yield members.together({_name(one): functools.partial(Life, broker, *one)
                                for one in LIVES if _is_served(one)}, workers=8)
    finally:
        broker.close()


@pytest.fixture(params=LIVES, ids=_name)
def life(lives, request):
    if not _is_served(request.param):
        pytest.skip("Apache Kafka 4 dropped these versions")
    return lives[_name(request.param)].result()


def test_a_life_in_a_group(life):
    group = life.group
    group.check_one_owner()
    group.check_nothing_lost(life.produced)
    group.check_commits_hold()
    # A member that leaves says so: nobody waits for its session.
    assert life.leaving_ms < SESSION_MS, group.story()
    # One that says nothing keeps its partitions until its session is over.
    assert life.killing_ms > SESSION_MS * 0.6, group.story()
    assert life.pausing_ms is None or life.pausing_ms > SESSION_MS * 0.6, group.story()
    if life.is_incremental:
        # What the first keeps is never taken from it.
        assert life.revoked == [life.given], group.story()
