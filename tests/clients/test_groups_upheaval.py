"""What may happen to a live group of Java clients: a rolling restart of its static members, the
broker killed and started again, a migration to the new protocol and back."""

import time

import pytest

from clients import JAVA_39, JAVA_NEW, JAVA_OLD
from hosted import Host, QUICK
from members import Group, Writer, create_topic, partitions_of

MEMBERS = 10


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    return start_module_broker(**QUICK)


@pytest.fixture(name="host_of")
def _host_of(request):
    """Starts JVMs: host_of(client, broker)."""
    started = []

    def start(client, broker):
        started.append(Host(client, broker))
        return started[-1]

    yield start
    for host in started:
        host.close()


def described(broker, group):
    return JAVA_NEW.run("groups", broker.bootstrap, "describe", group)[0]


def generation(member):
    """The generation in which the client was last handed partitions."""
    return [one["generation"] for one in member.events if one.get("event") == "assigned"][-1]


def handovers(member):
    return [one for one in member.events if one.get("event") in ("assigned", "revoked", "lost")]


@pytest.mark.parametrize("client, protocol", [
    (JAVA_OLD, "classic"), (JAVA_NEW, "classic"), (JAVA_NEW, "consumer")],
    ids=["java-old-classic", "java-new-classic", "java-new-consumer"])
def test_ten_static_members_restart_one_by_one_without_a_rebalance(broker, host_of, topic, client,
                                                                   protocol):
    create_topic(broker, topic, MEMBERS)
    wanted = partitions_of(topic, MEMBERS)
    host = host_of(client, broker)
    group = Group(broker, topic, topic, protocol=protocol, session=30000)
    members = {}

    def start(number, life):
        return host.add(group, f"m{number}-{life}", instance=f"seat-{number}", id=f"c{number}")

    with Writer(broker, topic, MEMBERS, every_ms=50) as writer:
        for number in range(MEMBERS):
            members[number] = start(number, 1)
        group.converged(wanted)
        before = settled(broker, group, members)
        owned = {number: set(member.owned) for number, member in members.items()}
        for number in range(MEMBERS):
            quiet = {other: len(handovers(member)) for other, member in members.items()
                     if other != number}
            members[number].leave()
            members[number] = start(number, 2)
            members[number].wait_for(owned=owned[number])
            members[number].wait_for(records=1)
            for other, count in quiet.items():
                assert len(handovers(members[other])) == count, \
                    f"seat {number} came back and seat {other} was disturbed\n{group.story()}"
        assert settled(broker, group, members) == before
        produced = writer.stop()
        group.wait_read(produced)
        for member in members.values():
            member.leave()
        group.check(produced)
    # They kept their seats when they went, until an administrator took them away.
    assert len(described(broker, group.name)["members"]) == MEMBERS
    JAVA_NEW.run("groups", broker.bootstrap, "remove-members", group.name,
                 *(f"seat-{number}" for number in range(MEMBERS)))
    assert described(broker, group.name)["state"] == "Empty"


def settled(broker, group, members):
    """What must be the same before and after: the epoch or generation, and who has which seat."""
    found = described(broker, group.name)
    assert found["state"] == "Stable", found
    seats = {one["instance"]: one["partitions"] for one in found["members"]}
    if found["type"] == "Consumer":  # its members need not be handed anything when an epoch comes
        return found["epoch"], found["target-epoch"], seats
    return seats, {generation(member) for member in members.values()}


def seats_kept(groups):
    """Who owns what, and how often partitions were taken from anybody; a rebalance that moves
    nothing does not count."""
    return [(frozenset(member.owned), sum(one["event"] != "assigned" for one in handovers(member)))
            for _, group in groups for member in group.members]


def test_the_broker_is_killed_under_live_groups(start_broker, host_of):
    """They go on where they were: what was told them is in the log. The newest Java client, left
    without a broker, would forget its metadata and give up its partitions for it (KIP-899): that
    is turned off."""
    broker = start_broker(**{**QUICK, "group_consumer_session_timeout_ms": 30000})
    if not broker.can_restart:
        pytest.skip("somebody else's broker")
    create_topic(broker, "orders", 6)
    wanted = partitions_of("orders", 6)
    groups = []
    for client, protocol, assignor in ((JAVA_OLD, "classic", "range"),
                                       (JAVA_NEW, "classic", "cooperative-sticky"),
                                       (JAVA_NEW, "consumer", "uniform")):
        group = Group(broker, f"{client}-{protocol}", "orders", protocol=protocol,
                      assignor=assignor, session=30000, recovery="none")
        groups.append((host_of(client, broker), group))
    with Writer(broker, "orders", 6, every_ms=50) as writer:
        for host, group in groups:
            for number in range(2):
                host.add(group, str(number))
        for _, group in groups:
            group.converged(wanted, least=3)
            for member in group.members:
                member.wait_for(records=10)
        kept = seats_kept(groups)
        for _ in range(2):
            broker.kill()
            time.sleep(0.5)
            broker.start()
            read = len(writer.values)
            deadline = time.monotonic() + 30
            while len(writer.values) == read:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        time.sleep(1)
        produced = writer.stop()
        for _, group in groups:
            group.wait_read(produced)
            group.check(produced)
            assert described(broker, group.name)["state"] == "Stable"
        assert seats_kept(groups) == kept, "members lost partitions over a restart"


@pytest.mark.parametrize("client, assignor", [(JAVA_NEW, "cooperative-sticky"),
                                              (JAVA_39, "range")], ids=str)
def test_a_live_group_migrates_and_comes_back(broker, host_of, topic, client, assignor):
    """Members change their protocol one after the other, and the group with the first of them;
    the last member of the new protocol to leave takes it back."""
    create_topic(broker, topic, 6)
    wanted = partitions_of(topic, 6)
    host = host_of(client, broker)
    group = Group(broker, topic, topic, session=6000)
    classic = {"protocol": "classic", "assignor": assignor}
    consumer = {"protocol": "consumer"}
    with Writer(broker, topic, 6, every_ms=50) as writer:
        members = [host.add(group, f"first-{number}", **classic) for number in range(3)]
        group.converged(wanted, least=2)
        assert described(broker, topic)["type"] == "Classic"
        for life, options in (("second", consumer), ("third", classic)):
            for number in range(3):
                members[number].leave()
                group.converged(wanted, least=3)
                members[number] = host.add(group, f"{life}-{number}", **options)
                group.converged(wanted, least=2)
                found = described(broker, topic)
                last = life == "third" and number == 2
                assert found["type"] == ("Classic" if last else "Consumer"), found
                if not last:
                    upgraded = sorted(one["upgraded"] for one in found["members"])
                    modern = number + 1 if life == "second" else 2 - number
                    assert upgraded == [False] * (3 - modern) + [True] * modern
        produced = writer.stop()
        group.wait_read(produced)
        for member in members:
            member.leave()
        group.check(produced)
