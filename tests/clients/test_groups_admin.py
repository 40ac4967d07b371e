"""Groups as Java's Admin client sees and changes them."""

import pytest

import broker as broker_under_test
from clients import ClientError, FRANZ_GO, JAVA_39, JAVA_NEW, JAVA_OLD
from hosted import Host, QUICK
from members import Group, Writer, create_topic, partitions_of

VERSIONS = pytest.mark.parametrize("client", [JAVA_OLD, JAVA_39, JAVA_NEW], ids=str)


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    return start_module_broker(**QUICK)


@pytest.fixture(scope="module", name="host")
def _host(broker):
    """A JVM for all the members."""
    started = Host(JAVA_NEW, broker)
    yield started
    started.close()


@pytest.fixture(scope="module", name="live")
def _live(broker, host):
    """A classic group, a consumer group, an empty one, and one that only keeps offsets."""
    create_topic(broker, "live", 4)
    wanted = partitions_of("live", 4)
    with Writer(broker, "live", 4, every_ms=50):
        groups = {protocol: Group(broker, f"live-{protocol}", "live", protocol=protocol)
                  for protocol in ("classic", "consumer")}
        groups["empty"] = Group(broker, "live-empty", "live")
        for name, group in groups.items():
            for number in range(2):
                host.add(group, f"{name}-{number}", id=f"{name}-client-{number}")
        for group in groups.values():
            group.converged(wanted, least=2)
            for member in group.members:
                member.wait_for(until=lambda self: self.commits)
        for member in groups["empty"].members:
            member.leave()
        JAVA_NEW.run("commit", broker.bootstrap, "live-simple", "live", 0, 1)
        yield groups


def run(broker, *words, client=JAVA_NEW):
    return client.run("groups", broker.bootstrap, *words)


def listed(broker, *words, client=JAVA_NEW):
    return {one["group"]: one for one in run(broker, "list", *words, client=client)
            if one["group"].startswith("live-")}


def offsets(broker, *groups, client=JAVA_NEW):
    return {one["group"]: one["offsets"] for one in run(broker, "offsets", *groups, client=client)}


def test_groups_are_listed_with_filters(broker, live):  # pylint: disable=unused-argument
    found = listed(broker)
    assert {name: (one["type"], one["state"], one["protocol"], one["simple"])
            for name, one in found.items()} == {
        "live-classic": ("Classic", "Stable", "consumer", False),
        "live-consumer": ("Consumer", "Stable", "consumer", False),
        "live-empty": ("Classic", "Empty", "consumer", False),
        "live-simple": ("Classic", "Empty", "", True)}
    assert set(listed(broker, "states=Stable")) == {"live-classic", "live-consumer"}
    assert set(listed(broker, "states=Empty")) == {"live-empty", "live-simple"}
    assert set(listed(broker, "states=Empty,Stable", "types=Consumer")) == {"live-consumer"}
    assert set(listed(broker, "types=Classic")) == {"live-classic", "live-empty", "live-simple"}
    assert set(listed(broker, "types=Classic", "states=Stable")) == {"live-classic"}
    assert not listed(broker, "states=Dead")


@VERSIONS
def test_old_clients_list_them(broker, live, client):  # pylint: disable=unused-argument
    assert set(listed(broker, client=client)) >= {"live-classic", "live-consumer", "live-empty",
                                                  "live-simple"}
    assert set(listed(broker, "states=Stable", client=client)) == {"live-classic",
                                                                   "live-consumer"}


@VERSIONS
def test_groups_are_described(broker, live, client):
    found = {one["group"]: one for one in run(broker, "describe", "live-classic", "live-empty",
                                              client=client)}
    assert (found["live-empty"]["state"], found["live-empty"]["members"]) == ("Empty", [])
    check_described(found["live-classic"], live["classic"], "range")
    if client is JAVA_OLD:
        return  # it cannot ask for the new kind
    consumer, = run(broker, "describe", "live-consumer", client=client)
    check_described(consumer, live["consumer"], "uniform")
    if client is JAVA_NEW:
        assert (consumer["type"], consumer["epoch"], consumer["target-epoch"]) == (
            "Consumer", 2, 2)
        for member in consumer["members"]:
            assert (member["epoch"], member["upgraded"]) == (2, True)
            assert member["target"] == member["partitions"]


def check_described(found, group, assignor):
    assert (found["state"], found["assignor"], found["simple"]) == ("Stable", assignor, False)
    assert {(one["client"], one["host"], one["instance"]) for one in found["members"]} == {
        (f"{group.options['protocol']}-client-{number}", "/127.0.0.1", None)
        for number in range(2)}
    assert sorted(sorted(f"live-{one}" for one in member["partitions"]["live"])
                  for member in found["members"]) == sorted(
                      sorted(member.owned) for member in group.members)


def test_a_group_of_any_protocol_is_described_as_classic(broker, live):  # pylint: disable=unused-argument
    found, = run(broker, "describe-classic", "live-classic")
    assert found == {"group": "live-classic", "protocol": "consumer", "data": "range",
                     "state": "Stable", "members": 2}


def test_a_group_that_is_not_there(broker):
    with pytest.raises(ClientError, match="GroupIdNotFoundException"):
        run(broker, "describe", "nobody")
    with pytest.raises(ClientError, match="GroupIdNotFoundException"):
        run(broker, "delete", "nobody")
    assert offsets(broker, "nobody") == {"nobody": {}}


@VERSIONS
def test_offsets_are_altered_deleted_and_read(broker, topic, client):
    create_topic(broker, topic, 3)
    names = [f"{topic}-one", f"{topic}-two"]
    for at, name in enumerate(names):
        run(broker, "alter-offsets", name, f"{topic}:0={at}", f"{topic}:1=5", client=client)
    assert offsets(broker, *names, client=client) == {
        name: {f"{topic}:0": at, f"{topic}:1": 5} for at, name in enumerate(names)}
    run(broker, "delete-offsets", names[0], f"{topic}:1", client=client)
    assert offsets(broker, names[0], client=client) == {names[0]: {f"{topic}:0": 0}}
    run(broker, "delete", *names, client=client)
    assert offsets(broker, *names, client=client) == {name: {} for name in names}
    assert not [one for one in run(broker, "list", client=client) if one["group"] in names]


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_what_members_use_is_kept_from_administrators(broker, live, topic, protocol):
    name = f"live-{protocol}"
    before = len(live[protocol].members[0].events)
    with pytest.raises(ClientError, match="GroupNotEmptyException"):
        run(broker, "delete", name)
    with pytest.raises(ClientError, match="GroupSubscribedToTopicException"):
        run(broker, "delete-offsets", name, "live:0")
    with pytest.raises(ClientError, match="UnknownMemberIdException"):
        run(broker, "alter-offsets", name, "live:0=0")
    # Of topics that nobody there reads, offsets may go; there are none.
    create_topic(broker, topic, 1)
    run(broker, "delete-offsets", name, f"{topic}:0")
    live[protocol].members[0].wait_for(until=lambda self: len(self.events) > before)
    assert all(member.end is None for member in live[protocol].members)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_members_are_removed(broker, host, topic, protocol):
    """One by its instance id, then all: whoever is thrown out hears of it and joins again."""
    create_topic(broker, topic, 4)
    group = Group(broker, topic, topic, protocol=protocol, session=6000, commit="none")
    static = host.add(group, f"{topic}-static", instance="seat")
    dynamic = host.add(group, f"{topic}-dynamic")

    def settle():
        """Both have their share and read it: a client that is thrown out while it still asks where
        to begin gives up."""
        group.converged(partitions_of(topic, 4), least=2)
        read = [len(member.records) for member in group.members]
        for partition in range(4):
            FRANZ_GO.produce(broker, topic, partition, "none", 1, "more")
        for member, count in zip(group.members, read):
            member.wait_for(until=lambda self, count=count: len(self.records) >= count + 2)

    def wait_lost(member, times):
        member.wait_for(until=lambda self: times == sum(one.get("event") == "lost"
                                                        for one in self.events))

    settle()
    run(broker, "remove-members", topic, "seat")
    wait_lost(static, 1)
    settle()
    with pytest.raises(ClientError, match="UnknownMemberIdException"):
        run(broker, "remove-members", topic, "nobody")
    run(broker, "remove-members", topic)
    wait_lost(dynamic, 1)
    wait_lost(static, 2)
    settle()
    for member in group.members:
        member.leave()


def test_an_offset_of_a_deleted_topic_is_gone(broker, topic):
    if broker_under_test.KIND == "apache-old":
        pytest.skip("it waits for a cleaning of its own")
    create_topic(broker, topic, 1)
    run(broker, "alter-offsets", topic, f"{topic}:0=3")
    JAVA_NEW.run("admin", broker.bootstrap, "delete", topic)
    assert offsets(broker, topic) == {topic: {}}
