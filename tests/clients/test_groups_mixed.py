"""Groups of different clients: many languages in one, both protocols in one, topics by pattern.

All of them run at once, each in a group of its own on one broker; the tests then look at how each
went.
"""

import contextlib
import functools

import pytest

import broker as broker_under_test
import members
from clients import (CONFLUENT, FRANZ_GO, JAVA_NEW, JAVA_OLD, KAFKA_NODE, KAFKA_PYTHON, KAFKAJS,
                     PLATFORMATIC)
from members import Group, Writer, create_topic, partitions_of

SESSION_MS = 6000


@contextlib.contextmanager
def a_group(broker, topic, partitions, **options):
    """A group on a topic of its own that is being written to; all is checked in the end."""
    create_topic(broker, topic, partitions)
    with Group(broker, "of-" + topic, topic, session=SESSION_MS, **options) as group, \
            Writer(broker, topic, partitions, 50) as writer:
        yield group
        group.wait_read(writer.stop())
        group.check(writer)


def seven_languages_in_one_group(broker, topic):
    """They agree on range. The first assigns for all; then the next, when that has left."""
    clients = [KAFKAJS, CONFLUENT, KAFKA_PYTHON, JAVA_OLD, FRANZ_GO, PLATFORMATIC]
    if broker_under_test.KIND != "apache-new":
        clients[0:0] = [KAFKA_NODE]
    wanted = partitions_of(topic, 14)
    with a_group(broker, topic, 14, assignor="range") as group:
        for client in clients:
            group.add(client)
        group.converged(wanted)
        for member in group.members[:-1]:
            member.leave()
            group.converged(wanted)
        group.add(clients[0])
        group.converged(wanted)


def there_and_back(broker, topic, client):
    """A live group changes to the new protocol member by member, and back."""
    wanted = partitions_of(topic, 6)
    with a_group(broker, topic, 6) as group:
        old = [group.add(client, assignor="range"), group.add(client, assignor="range")]
        group.converged(wanted)
        new = [group.add(client, protocol="consumer")]
        group.converged(wanted)
        old[0].leave()
        group.converged(wanted)
        new.append(group.add(client, protocol="consumer"))
        group.converged(wanted)
        old[1].leave()
        group.converged(wanted)
        group.add(client, assignor="range")
        group.converged(wanted)
        new[0].leave()
        group.converged(wanted)
        new[1].leave()
        group.converged(wanted)
        group.add(client, assignor="range")
        group.converged(wanted)


def killed_of_either_protocol(broker, topic):
    """In a group of both protocols members are missed after their sessions, as in any other."""
    wanted = partitions_of(topic, 6)
    with a_group(broker, topic, 6) as group:
        old = [group.add(CONFLUENT, assignor="range") for _ in range(2)]
        group.converged(wanted)
        new = [group.add(CONFLUENT, protocol="consumer") for _ in range(2)]
        group.converged(wanted)
        old[0].kill()
        new[0].kill()
        group.converged(wanted)


def by_pattern(broker, topic, client, protocol):
    """Topics that match are read, those that come later too; others are not."""
    create_topic(broker, topic + "-one", 2)
    create_topic(broker, "not-" + topic + "-one", 2)
    wanted = partitions_of(topic + "-one", 2)
    with Group(broker, "of-" + topic, None, session=SESSION_MS, protocol=protocol,
               pattern=f"^{topic}-(one|two)") as group:
        for _ in range(2):
            group.add(client)
            group.converged(wanted)
        create_topic(broker, topic + "-two", 2)
        create_topic(broker, topic + "-three", 2)
        # In the new protocol the broker looks again by itself, every ten seconds.
        group.converged(wanted | partitions_of(topic + "-two", 2))
        group.check_one_owner()


SCENARIOS = {
    "seven-languages": seven_languages_in_one_group,
    "there-and-back-librdkafka": functools.partial(there_and_back, client=CONFLUENT),
    "there-and-back-java": functools.partial(there_and_back, client=JAVA_NEW),
    "killed-of-either-protocol": killed_of_either_protocol,
    **{f"by-pattern-{client}-{protocol}": functools.partial(by_pattern, client=client,
                                                            protocol=protocol)
       for client in (CONFLUENT, JAVA_NEW) for protocol in ("classic", "consumer")},
}


@pytest.fixture(scope="module")
def outcomes():
    """{name: future}"""
    broker = broker_under_test.make(**members.SHORT_TIMEOUTS).start()
    try:
        members.wait_for_coordinator(broker)
        yield members.together({name: functools.partial(act, broker, topic=name)
                                for name, act in SCENARIOS.items()}, workers=4)
    finally:
        broker.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_mixed_group(outcomes, name):
    outcomes[name].result()
