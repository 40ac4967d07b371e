"""Groups of Apache's own Java clients: 2.8, 3.9 and 4.4, both protocols, every assignor."""

import pytest

from clients import JAVA_39, JAVA_NEW, JAVA_OLD
from hosted import Host, QUICK
from members import Group, Writer, create_topic, partitions_of

CLASSIC = ("range", "roundrobin", "sticky", "cooperative-sticky")
CONSUMER = ("uniform", "range")
PARTITIONS = 6


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    return start_module_broker(**QUICK)


@pytest.fixture(scope="module", name="hosts")
def _hosts(broker):
    """A JVM of each version, for members that need none of their own."""
    found = {client: Host(client, broker) for client in (JAVA_OLD, JAVA_39, JAVA_NEW)}
    yield found
    for host in found.values():
        host.close()


def described(broker, group):
    return JAVA_NEW.run("groups", broker.bootstrap, "describe", group)[0]


@pytest.mark.parametrize("client, protocol, assignors", [
    (JAVA_OLD, "classic", CLASSIC),
    (JAVA_39, "classic", CLASSIC),
    (JAVA_NEW, "classic", CLASSIC),
    (JAVA_39, "consumer", CONSUMER),
    (JAVA_NEW, "consumer", CONSUMER)], ids=lambda one: one if isinstance(one, str) else None)
def test_members_come_and_go(broker, hosts, topic, client, protocol, assignors):
    """A group for each assignor, all at once: two members, one more, one less, none."""
    create_topic(broker, topic, PARTITIONS)
    wanted = partitions_of(topic, PARTITIONS)
    host = hosts[client]
    groups = [Group(broker, f"{topic}-{assignor}", topic, protocol=protocol, assignor=assignor,
                    session=3000) for assignor in assignors]
    with Writer(broker, topic, PARTITIONS, every_ms=50) as writer:
        for group in groups:
            for number in range(2):
                host.add(group, f"{group.name}-{number}")
        for group in groups:
            group.converged(wanted, least=3)
        for group in groups:
            host.add(group, f"{group.name}-2")
        for group in groups:
            group.converged(wanted, least=2)
            found = described(broker, group.name)
            assert (found["state"], found["assignor"], found["type"].lower()) == (
                "Stable", group.options["assignor"], protocol)
            assert sorted(f"{name}-{number}" for member in found["members"]
                          for name, numbers in member["partitions"].items()
                          for number in numbers) == sorted(wanted)
        for group in groups:
            group.members[0].leave()
        for group in groups:
            group.converged(wanted, least=3)
        produced = writer.stop()
        for group in groups:
            group.wait_read(produced)
            group.members[1].leave()
            group.members[2].leave()
            group.check(produced)
            assert described(broker, group.name)["state"] == "Empty"


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_killed_member_is_missed_after_its_session(broker, hosts, topic, protocol):
    create_topic(broker, topic, PARTITIONS)
    wanted = partitions_of(topic, PARTITIONS)
    group = Group(broker, topic, topic, protocol=protocol, session=3000)
    doomed = Host(JAVA_NEW, broker)
    try:
        with Writer(broker, topic, PARTITIONS) as writer:
            hosts[JAVA_NEW].add(group, f"{topic}-stays")
            doomed.add(group, "goes")
            group.converged(wanted, least=3)
            killed = doomed.kill()
            taken = group.converged(wanted, least=6)
            assert 1000 < taken - killed < 12000
            produced = writer.stop()
            group.wait_read(produced)
            group.check(produced)
    finally:
        doomed.close()


def test_topics_that_match_an_expression(broker, hosts, topic):
    """The client resolves it with the classic protocol, the broker with the new one."""
    for name in ("red", "blue"):
        create_topic(broker, f"{topic}-{name}", 2)
    create_topic(broker, f"other-{topic}", 2)
    groups = [Group(broker, f"{topic}-{protocol}", None, protocol=protocol,
                    pattern=f"{topic}-.*") for protocol in ("classic", "consumer")]
    wanted = partitions_of(f"{topic}-red", 2) | partitions_of(f"{topic}-blue", 2)
    # One after the other: while it looks up the names of what it was given, this client reports
    # that it owns nothing, and whoever comes meanwhile is given the same.
    for number in range(2):
        for group in groups:
            hosts[JAVA_NEW].add(group, f"{group.name}-{number}")
        for group in groups:
            group.converged(wanted)
    create_topic(broker, f"{topic}-green", 2)
    for group in groups:
        group.converged(wanted | partitions_of(f"{topic}-green", 2))
        group.check()
        for member in group.members:
            member.leave()
