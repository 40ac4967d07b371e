"""The broker is killed under living groups, and started again: the members go on."""

import functools

import pytest

import broker as broker_under_test
import members
from clients import (CONFLUENT, FRANZ_GO, JAVA_NEW, KAFKA_NODE, KAFKA_PYTHON, KAFKAJS, PLATFORMATIC,
                     RDKAFKA_JS)
from members import Group, Writer, create_topic, partitions_of

SESSION_MS = 6000
PARTITIONS = 4

# (client, options)
GROUPS = [
    (KAFKA_NODE, {"assignor": "range"}),
    (KAFKAJS, {"assignor": "range"}),
    (RDKAFKA_JS, {"assignor": "range"}),
    (PLATFORMATIC, {"assignor": "roundrobin"}),
    (CONFLUENT, {"assignor": "cooperative-sticky"}),
    (CONFLUENT, {"protocol": "consumer"}),
    (KAFKA_PYTHON, {"assignor": "range"}),
    (JAVA_NEW, {"protocol": "consumer"}),
    (FRANZ_GO, {"assignor": "cooperative-sticky"}),
]


def _name(one):
    client, options = one
    return "-".join([str(client), *options.values()])


def _is_served(one):
    return broker_under_test.KIND != "apache-new" or one[0] is not KAFKA_NODE


class Interrupted:
    """One group of two members, in the three steps that all take together."""

    def __init__(self, broker, client, options):
        self.client = client
        self.resumed_at = None
        self.topic = "interrupted-" + _name((client, options))
        self.partitions = partitions_of(self.topic, PARTITIONS)
        create_topic(broker, self.topic, PARTITIONS)
        self.group = Group(broker, "group-" + self.topic, self.topic, session=SESSION_MS, **options)
        self.writer = Writer(broker, self.topic, PARTITIONS, 50)
        for _ in range(2):
            self.group.add(client)
        self.group.converged(self.partitions)
        self.group.wait_read([f"{self.topic}-{partition}-0" for partition in range(PARTITIONS)])

    def goes_on(self):
        """What is written from now on is read by members that own each partition once."""
        self.resumed_at = members.now_ms()
        before = len(self.writer.values)
        self.group.wait_until(lambda: len(self.writer.values) > before + 20, "written again")
        produced = set(self.writer.stop())
        if self.client is KAFKA_NODE:
            self.end_the_silent(produced)
        self.group.wait_read(produced)
        self.group.converged(self.partitions)
        for member in self.group.active:
            member.commit()

    def end_the_silent(self, produced, seconds=15):
        """kafka-node may go on with its heartbeats and fetch no more when its connections break at
        the wrong moment. Whoever runs it has to end such a process; the others take over."""
        with self.group.changed:
            if self.group.changed.wait_for(lambda: produced <= self.group.read_values(), seconds):
                return
            silent = [one for one in self.group.members if one.records[-1][3] < self.resumed_at]
        for member in silent:
            member.kill()

    def close(self):
        self.group.close()
        self.writer.__exit__()


@pytest.fixture(scope="module")
def groups():
    """{name: future}, after the broker has been killed and has come back."""
    broker = broker_under_test.make(**members.SHORT_TIMEOUTS)
    if not broker.can_restart:
        pytest.skip("needs a broker to kill")
    broker.start()
    made = {}
    try:
        members.wait_for_coordinator(broker)
        made = members.together({_name(one): functools.partial(Interrupted, broker, *one)
                                 for one in GROUPS if _is_served(one)})
        broker.kill()
        broker.start()
        gone_on = members.together({name: lambda one=one: one.result().goes_on()
                                    for name, one in made.items()})
        yield {name: (made[name], gone_on[name]) for name in made}
    finally:
        for one in made.values():
            if one.exception() is None:
                one.result().close()
        broker.close()


@pytest.mark.parametrize("which", GROUPS, ids=_name)
def test_a_group_goes_on_when_the_broker_comes_back(groups, which):
    if not _is_served(which):
        pytest.skip("Apache Kafka 4 dropped these versions")
    made, gone_on = groups[_name(which)]
    interrupted = made.result()
    gone_on.result()
    interrupted.group.check(interrupted.writer)
