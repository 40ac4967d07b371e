"""The group requests byte by byte, in the versions that old clients send (kafka-node, no-kafka: all
of version 0) and for what no client does on purpose."""

import time

import pytest

import broker as broker_under_test
import members
import wire
from wire import Connection, Writer

MOLDAU = broker_under_test.KIND == "moldau"
if broker_under_test.KIND == "apache-new":
    pytest.skip("Apache Kafka 4 dropped these versions", allow_module_level=True)

SESSION_MS = 6000


@pytest.fixture(scope="module")
def broker():
    one = broker_under_test.make(**members.SHORT_TIMEOUTS, group_max_size=4)
    try:
        members.wait_for_coordinator(one.start())
        yield one
    finally:
        one.close()


@pytest.fixture
def connection(broker):
    with Connection(broker) as one:
        yield one


@pytest.fixture
def group(topic):
    return "group-" + topic


@pytest.fixture
def made(broker, topic):
    members.create_topic(broker, topic, 2)
    return topic


# ---- Requests ----

class JoinAnswer:
    def __init__(self, reader, version):
        if version >= 2:
            reader.i32()
        self.error, self.generation, self.protocol = reader.i16(), reader.i32(), reader.string()
        self.leader, self.member = reader.string(), reader.string()
        self.members = {}
        for _ in range(reader.i32()):
            name = reader.string()
            if version >= 5:
                reader.string()
            self.members[name] = reader.bytes()
        reader.done()


def join_body(group, member="", version=0, session=SESSION_MS, rebalance=SESSION_MS, instance=None,
              kind="consumer", protocols=(("range", b"mine"),)):
    body = Writer().string(group).i32(session)
    if version >= 1:
        body.i32(rebalance)
    body.string(member)
    if version >= 5:
        body.string(instance)
    return body.string(kind).array(protocols, lambda w, one: w.string(one[0]).bytes(one[1]))


def join(connection, group, member="", version=0, **settings):
    """Joins, and asks again with the id that it was given where version 4 wants that."""
    while True:
        body = join_body(group, member, version, **settings)
        answer = JoinAnswer(connection.call(wire.JOIN_GROUP, version, body), version)
        if answer.error != wire.MEMBER_ID_REQUIRED:
            return answer
        member = answer.member


def sync_body(group, generation, member, assignments=(), version=0):
    body = Writer().string(group).i32(generation).string(member)
    if version >= 3:
        body.string(None)
    return body.array(list(assignments), lambda w, one: w.string(one[0]).bytes(one[1]))


def read_sync(reader, version=0):
    if version >= 1:
        reader.i32()
    found = reader.i16(), reader.bytes()
    reader.done()
    return found


def sync(connection, group, generation, member, assignments=(), version=0):
    """(error, assignment)"""
    body = sync_body(group, generation, member, assignments, version)
    return read_sync(connection.call(wire.SYNC_GROUP, version, body), version)


def heartbeat(connection, group, generation, member, version=0, instance=None):
    body = Writer().string(group).i32(generation).string(member)
    if version >= 3:
        body.string(instance)
    reader = connection.call(wire.HEARTBEAT, version, body)
    if version >= 1:
        reader.i32()
    error = reader.i16()
    reader.done()
    return error


def leave(connection, group, member):
    reader = connection.call(wire.LEAVE_GROUP, 0, Writer().string(group).string(member))
    error = reader.i16()
    reader.done()
    return error


def leave_3(connection, group, who):
    """who: [(member, instance)]. Returns (error, {(member, instance): error})."""
    body = Writer().string(group).array(who, lambda w, one: w.string(one[0]).string(one[1]))
    reader = connection.call(wire.LEAVE_GROUP, 3, body)
    reader.i32()
    error = reader.i16()
    found = {(name, instance): one for name, instance, one in
             reader.array(lambda r: (r.string(), r.string(), r.i16()))}
    reader.done()
    return error, found


def commit(connection, group, topic, offset, generation=-1, member="", metadata="m", version=2):
    body = Writer().string(group)
    if version >= 1:
        body.i32(generation).string(member)
    if version >= 2:
        body.i64(-1)
    body.array([topic], lambda w, name: w.string(name).array(
        [0], lambda v, one: v.i32(one).i64(offset).string(metadata)))
    reader = connection.call(wire.OFFSET_COMMIT, version, body)
    (_, ((_, error),)), = wire.read_partitions(reader, lambda r: (r.i32(), r.i16()))
    reader.done()
    return error


def committed(connection, group, topic, partition=0):
    """(offset, metadata, error) by version 1."""
    body = Writer().string(group).raw(wire.partitions_body(
        {topic: [partition]}, lambda w, one: w.i32(one)).data)
    reader = connection.call(wire.OFFSET_FETCH, 1, body)
    (_, (found,)), = wire.read_partitions(
        reader, lambda r: (r.i32(), r.i64(), r.string(), r.i16()))
    reader.done()
    return found[1:]


class Described:
    """A group as DescribeGroups v0 tells it; members: {id: (client, host, metadata, assignment)}."""

    def __init__(self, connection, group):
        reader = connection.call(wire.DESCRIBE_GROUPS, 0, Writer().array(
            [group], lambda w, one: w.string(one)))
        assert reader.i32() == 1
        self.error, self.group, self.state = reader.i16(), reader.string(), reader.string()
        self.kind, self.protocol = reader.string(), reader.string()
        self.members = {name: rest for name, *rest in reader.array(
            lambda r: (r.string(), r.string(), r.string(), r.bytes(), r.bytes()))}
        reader.done()


def list_groups(connection, version=0, states=(), types=()):
    """{group: (protocol type, state or None, type or None)}"""
    if version == 0:
        reader = connection.call(wire.LIST_GROUPS, 0)
        assert reader.i16() == wire.NONE
        found = {name: (kind, None, None) for name, kind in
                 reader.array(lambda r: (r.string(), r.string()))}
        reader.done()
        return found
    body = Writer().compact_array(states, lambda w, one: w.compact_string(one))
    if version >= 5:
        body.compact_array(types, lambda w, one: w.compact_string(one))
    reader = connection.call(wire.LIST_GROUPS, version, body.tags(), flexible=True)
    reader.tags()
    reader.i32()
    assert reader.i16() == wire.NONE

    def read(one):
        fields = one.compact_string(), one.compact_string(), one.compact_string(), \
            one.compact_string() if version >= 5 else None
        one.tags()
        return fields

    found = {name: tuple(rest) for name, *rest in reader.compact_array(read)}
    reader.tags()
    reader.done()
    return found


def delete_groups(connection, groups):
    reader = connection.call(wire.DELETE_GROUPS, 0, Writer().array(
        groups, lambda w, one: w.string(one)))
    reader.i32()
    found = dict(reader.array(lambda r: (r.string(), r.i16())))
    reader.done()
    return found


def delete_offsets(connection, group, topics):
    """topics: {name: [partition]}. (error, {(topic, partition): error})"""
    body = Writer().string(group).raw(wire.partitions_body(topics, lambda w, one: w.i32(one)).data)
    reader = connection.call(wire.OFFSET_DELETE, 0, body)
    error = reader.i16()
    reader.i32()
    found = wire.read_partitions(reader, lambda r: (r.i32(), r.i16()))
    reader.done()
    return error, {(topic, partition): one for topic, list_ in found for partition, one in list_}


def subscription(*topics):
    """What a member of the consumer type says of itself, in version 0."""
    return bytes(Writer().i16(0).array(topics, lambda w, one: w.string(one)).bytes(None).data)


# ---- The coordinator ----

def test_the_coordinator_of_a_group_is_this_broker(broker, connection, group):
    reader = connection.call(wire.FIND_COORDINATOR, 0, Writer().string(group))
    assert (reader.i16(), reader.i32(), reader.string(), reader.i32()) == \
        (wire.NONE, 1, "127.0.0.1", broker.port)
    reader.done()


def test_the_coordinators_of_many_groups_come_in_one_answer(broker, connection, group):
    groups = [group, group + "-2", ""]
    body = Writer().i8(0).compact_array(groups, lambda w, one: w.compact_string(one)).tags()
    reader = connection.call(wire.FIND_COORDINATOR, 4, body, flexible=True)
    reader.tags()
    reader.i32()

    def read(one):
        found = (one.compact_string(), one.i32(), one.compact_string(), one.i32(), one.i16())
        one.compact_string()
        one.tags()
        return found

    found = reader.compact_array(read)
    reader.tags()
    reader.done()
    here = (1, "127.0.0.1", broker.port, wire.NONE)
    assert found[:2] == [(group, *here), (group + "-2", *here)]
    assert found[2][0] == ""


# ---- A generation after the other ----

def test_a_member_of_version_0_joins_and_leads(connection, group):
    answer = join(connection, group)
    assert (answer.error, answer.generation, answer.protocol) == (wire.NONE, 1, "range")
    assert answer.leader == answer.member and answer.member.startswith("tests-")
    assert answer.members == {answer.member: b"mine"}
    assert sync(connection, group, 1, answer.member, [(answer.member, b"all")]) == (0, b"all")
    assert heartbeat(connection, group, 1, answer.member) == wire.NONE
    assert leave(connection, group, answer.member) == wire.NONE
    assert heartbeat(connection, group, 1, answer.member) == wire.UNKNOWN_MEMBER_ID


def two_members(broker, first, second, group, version=0, **settings):
    """Both have joined and none has synced: their answers."""
    alone = join(first, group, version=version, **settings)
    sync(first, group, alone.generation, alone.member, [(alone.member, b"")], min(version, 2))
    sent = second.send(wire.JOIN_GROUP, version, join_body(group, "", version, **settings))
    deadline = time.monotonic() + 5
    while heartbeat(first, group, alone.generation, alone.member) != wire.REBALANCE_IN_PROGRESS:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    leader = join(first, group, alone.member, version, **settings)
    correlation, reader = second.receive()
    assert correlation == sent
    return leader, JoinAnswer(reader, version)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_second_member_makes_a_generation_and_its_assignment_arrives(broker, group, version):
    with Connection(broker) as first, Connection(broker) as second:
        leader, other = two_members(broker, first, second, group, version)
        assert (leader.error, other.error) == (wire.NONE, wire.NONE)
        assert leader.generation == other.generation == 2
        assert leader.leader == other.leader == leader.member != other.member
        # The leader alone is told who is there.
        assert set(leader.members) == {leader.member, other.member} and other.members == {}
        # A follower that syncs first waits for the leader.
        second.send(wire.SYNC_GROUP, 0, sync_body(group, 2, other.member))
        with pytest.raises(TimeoutError):
            second.receive(0.2)
        given = [(leader.member, b"one"), (other.member, b"two")]
        assert sync(first, group, 2, leader.member, given) == (wire.NONE, b"one")
        assert read_sync(second.receive()[1]) == (wire.NONE, b"two")
        # Who syncs again is told again.
        assert sync(second, group, 2, other.member) == (wire.NONE, b"two")
        # Between two generations: who leaves makes the rest join again.
        assert leave(second, group, other.member) == wire.NONE
        assert heartbeat(first, group, 2, leader.member) == wire.REBALANCE_IN_PROGRESS
        again = join(first, group, leader.member, version)
        assert (again.generation, set(again.members)) == (3, {leader.member})


def test_a_member_that_does_not_join_again_in_time_is_out(broker, group):
    with Connection(broker) as first, Connection(broker) as second:
        alone = join(first, group, version=1, rebalance=1000)
        sync(first, group, 1, alone.member, [(alone.member, b"")])
        began = time.monotonic()
        answer = join(second, group, version=1, rebalance=1000)
        assert 0.8 < time.monotonic() - began < 5
        assert set(answer.members) == {answer.member}
        assert heartbeat(first, group, 1, alone.member) == wire.UNKNOWN_MEMBER_ID


def test_a_member_that_says_nothing_is_out_after_its_session(broker, connection, group):
    alone = join(connection, group, session=1000)
    sync(connection, group, 1, alone.member, [(alone.member, b"")])
    assert Described(connection, group).state == "Stable"
    deadline = time.monotonic() + 10
    while Described(connection, group).state != "Empty":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert heartbeat(connection, group, 1, alone.member) == wire.UNKNOWN_MEMBER_ID


def test_from_version_4_a_member_is_named_before_it_counts(connection, group):
    body = join_body(group, version=4)
    answer = JoinAnswer(connection.call(wire.JOIN_GROUP, 4, body), 4)
    assert (answer.error, answer.generation) == (wire.MEMBER_ID_REQUIRED, -1)
    assert answer.member.startswith("tests-") and answer.members == {}
    assert Described(connection, group).members == {}
    named = JoinAnswer(connection.call(
        wire.JOIN_GROUP, 4, join_body(group, answer.member, version=4)), 4)
    assert (named.error, named.member, named.generation) == (wire.NONE, answer.member, 1)


def test_the_protocol_that_all_have_wins_the_vote(broker, group):
    def protocols(*names):
        return tuple((name, subscription(name)) for name in names)
    with Connection(broker) as first, Connection(broker) as second:
        alone = join(first, group, protocols=protocols("sticky", "range", "roundrobin"))
        assert alone.protocol == "sticky"
        sync(first, group, 1, alone.member, [(alone.member, b"")])
        second.send(wire.JOIN_GROUP, 0, join_body(group,
                                                  protocols=protocols("roundrobin", "range")))
        while heartbeat(first, group, 1, alone.member) != wire.REBALANCE_IN_PROGRESS:
            time.sleep(0.02)
        leader = join(first, group, alone.member,
                      protocols=protocols("sticky", "range", "roundrobin"))
        other = JoinAnswer(second.receive()[1], 0)
        assert leader.protocol == other.protocol and leader.protocol in ("range", "roundrobin")
        assert set(leader.members.values()) == {subscription(leader.protocol)}
        # Nothing in common, or another type: no.
        with Connection(broker) as third:
            assert join(third, group, protocols=protocols("own")).error == \
                wire.INCONSISTENT_GROUP_PROTOCOL
            assert join(third, group, kind="connect").error == wire.INCONSISTENT_GROUP_PROTOCOL


def test_any_type_of_protocol_will_do(connection, group):
    answer = join(connection, group, kind="sr", protocols=(("v0", b"\0schema registry\xff"),))
    assert (answer.error, answer.protocol) == (wire.NONE, "v0")
    sync(connection, group, 1, answer.member, [(answer.member, b"\0\1\2")])
    described = Described(connection, group)
    assert (described.kind, described.protocol) == ("sr", "v0")
    assert described.members[answer.member][2:] == [b"\0schema registry\xff", b"\0\1\2"]


# ---- What is refused ----

def test_what_join_refuses(connection, group):
    assert join(connection, "").error == wire.INVALID_GROUP_ID
    assert join(connection, group, session=10).error == wire.INVALID_SESSION_TIMEOUT
    assert join(connection, group, session=1 << 30).error == wire.INVALID_SESSION_TIMEOUT
    assert join(connection, group, member="nobody").error == wire.UNKNOWN_MEMBER_ID
    assert join(connection, group, kind="").error == wire.INCONSISTENT_GROUP_PROTOCOL
    assert join(connection, group, protocols=()).error == wire.INCONSISTENT_GROUP_PROTOCOL
    if MOLDAU:  # Apache Kafka may keep a group that nobody is in.
        assert group not in list_groups(connection)


def test_a_member_of_another_generation_is_refused(connection, group, made):
    answer = join(connection, group)
    sync(connection, group, 1, answer.member, [(answer.member, b"")])
    member = answer.member
    assert heartbeat(connection, group, 2, member) == wire.ILLEGAL_GENERATION
    assert heartbeat(connection, group, 0, member) == wire.ILLEGAL_GENERATION
    assert sync(connection, group, 2, member)[0] == wire.ILLEGAL_GENERATION
    assert sync(connection, group, 1, "nobody")[0] == wire.UNKNOWN_MEMBER_ID
    assert leave(connection, group, "nobody") == wire.UNKNOWN_MEMBER_ID
    assert commit(connection, group, made, 5, 2, member) == wire.ILLEGAL_GENERATION
    assert commit(connection, group, made, 5, 1, "nobody") == wire.UNKNOWN_MEMBER_ID
    # Nobody commits past the members of a group that has some.
    assert commit(connection, group, made, 5) == wire.UNKNOWN_MEMBER_ID
    assert committed(connection, group, made) == (-1, "", wire.NONE)
    assert commit(connection, group, made, 5, 1, member, "kept") == wire.NONE
    assert committed(connection, group, made) == (5, "kept", wire.NONE)


def test_a_group_is_no_larger_than_it_may_be(broker, group):
    """group.max.size is 4 here; the first may be done before the others come, and not come back."""
    with Connection(broker) as leader:
        answers = []
        connections = [Connection(broker) for _ in range(6)]
        for one in connections:
            one.send(wire.JOIN_GROUP, 4, join_body(group, "", 4, rebalance=2000))
            answers.append(JoinAnswer(one.receive()[1], 4))
        names = [one.member for one in answers if one.error == wire.MEMBER_ID_REQUIRED]
        for one, name in zip(connections, names):
            one.send(wire.JOIN_GROUP, 4, join_body(group, name, 4, rebalance=2000))
        errors = [answer.error for answer in answers if answer.error != wire.MEMBER_ID_REQUIRED]
        assert Described(leader, group).error == wire.NONE
        for one in connections[:len(names)]:
            errors.append(JoinAnswer(one.receive(10)[1], 4).error)
        assert wire.GROUP_MAX_SIZE_REACHED in errors
        assert errors.count(wire.NONE) <= 5
        for one in connections:
            one.close()


# ---- Static members ----

def test_a_static_member_comes_back_without_a_generation(broker, group):
    with Connection(broker) as first, Connection(broker) as second:
        alone = join(first, group, version=5, instance="i")
        sync(first, group, 1, alone.member, [(alone.member, b"mine")], 3)
        back = join(second, group, version=5, instance="i")
        assert (back.error, back.generation) == (wire.NONE, 1)
        assert back.member != alone.member
        assert sync(second, group, 1, back.member, version=3) == (wire.NONE, b"mine")
        assert heartbeat(first, group, 1, alone.member, 3, "i") == wire.FENCED_INSTANCE_ID
        assert heartbeat(second, group, 1, back.member, 3, "i") == wire.NONE
        # An operator throws it out by its name.
        assert leave_3(second, group, [("", "i"), ("", "j")]) == \
            (wire.NONE, {("", "i"): wire.NONE, ("", "j"): wire.UNKNOWN_MEMBER_ID})
        assert Described(second, group).state == "Empty"


def test_many_leave_at_once(broker, group):
    with Connection(broker) as first, Connection(broker) as second:
        leader, other = two_members(broker, first, second, group)
        gone = [(leader.member, None), ("nobody", None), (other.member, None)]
        error, found = leave_3(first, group, gone)
        assert error == wire.NONE
        assert list(found.values()) == [wire.NONE, wire.UNKNOWN_MEMBER_ID, wire.NONE]
        assert Described(first, group).state == "Empty"


# ---- Administration ----

def test_describe_tells_the_members_of_a_group(connection, group):
    unknown = Described(connection, group)
    assert (unknown.error, unknown.state, unknown.members) == (wire.NONE, "Dead", {})
    answer = join(connection, group)
    # Apache Kafka may tell of a group only what is in its log.
    assert Described(connection, group).state in ("CompletingRebalance",
                                                  "" if MOLDAU else "Dead")
    sync(connection, group, 1, answer.member, [(answer.member, b"given")])
    found = Described(connection, group)
    assert (found.error, found.state, found.kind, found.protocol) == \
        (wire.NONE, "Stable", "consumer", "range")
    assert found.members == {answer.member: ["tests", "/127.0.0.1", b"mine", b"given"]}
    leave(connection, group, answer.member)
    found = Described(connection, group)
    assert (found.state, found.members) == ("Empty", {})


def test_groups_are_listed_by_state_and_type(connection, group, made):
    answer = join(connection, group)
    sync(connection, group, 1, answer.member, [(answer.member, b"")])
    simple = group + "-simple"
    assert commit(connection, simple, made, 1) == wire.NONE
    assert list_groups(connection)[group] == ("consumer", None, None)
    assert list_groups(connection)[simple] == ("", None, None)
    assert list_groups(connection, 4, ["Stable"])[group] == ("consumer", "Stable", None)
    assert simple not in list_groups(connection, 4, ["Stable"])
    assert simple in list_groups(connection, 4, ["stable", "EMPTY"])
    assert list_groups(connection, 5, (), ["classic"])[group] == ("consumer", "Stable", "classic")
    assert group not in list_groups(connection, 5, (), ["consumer"])
    assert group not in list_groups(connection, 5, ["Empty"], ["Classic"])
    assert list_groups(connection, 4, ["Nonsense"]) == {}


def test_a_group_with_members_is_not_deleted(connection, group, made):
    answer = join(connection, group)
    sync(connection, group, 1, answer.member, [(answer.member, b"")])
    commit(connection, group, made, 7, 1, answer.member)
    assert delete_groups(connection, [group, group + "-none"]) == {
        group: wire.NON_EMPTY_GROUP, group + "-none": wire.GROUP_ID_NOT_FOUND}
    leave(connection, group, answer.member)
    assert committed(connection, group, made)[0] == 7
    assert delete_groups(connection, [group]) == {group: wire.NONE}
    assert committed(connection, group, made) == (-1, "", wire.NONE)
    assert group not in list_groups(connection)
    assert delete_groups(connection, [group]) == {group: wire.GROUP_ID_NOT_FOUND}


def test_offsets_of_topics_that_a_group_reads_are_not_deleted(broker, connection, group, made):
    other = made + "-other"
    members.create_topic(broker, other, 1)
    answer = join(connection, group, protocols=(("range", subscription(made)),))
    sync(connection, group, 1, answer.member, [(answer.member, b"")])
    commit(connection, group, made, 7, 1, answer.member)
    commit(connection, group, other, 8, 1, answer.member)
    error, found = delete_offsets(connection, group, {made: [0], other: [0]})
    assert (error, found) == (wire.NONE, {(made, 0): wire.GROUP_SUBSCRIBED_TO_TOPIC,
                                          (other, 0): wire.NONE})
    assert committed(connection, group, made)[0] == 7
    assert committed(connection, group, other)[0] == -1
    leave(connection, group, answer.member)
    assert delete_offsets(connection, group, {made: [0]})[1] == {(made, 0): wire.NONE}
    assert committed(connection, group, made)[0] == -1
    assert delete_offsets(connection, group + "-none", {made: [0]})[0] == wire.GROUP_ID_NOT_FOUND


# ---- Offsets ----

def test_offsets_of_many_groups_come_in_one_answer(connection, group, made):
    for number, name in enumerate((group, group + "-2")):
        assert commit(connection, name, made, 10 + number, metadata=name) == wire.NONE

    def write_topic(writer, topic):
        writer.compact_string(topic)
        writer.compact_array([0, 1], lambda w, one: w.i32(one)).tags()

    def write_group(writer, one):
        name, topics = one
        writer.compact_string(name).compact_array(topics, write_topic).tags()

    asked = [(group, [made]), (group + "-2", None), (group + "-none", [made])]
    body = Writer().compact_array(asked, write_group).i8(0).tags()
    reader = connection.call(wire.OFFSET_FETCH, 8, body, flexible=True)
    reader.tags()
    reader.i32()

    def read_partition(one):
        found = one.i32(), one.i64(), one.i32(), one.compact_string(), one.i16()
        one.tags()
        return found

    def read_topic(one):
        found = one.compact_string(), one.compact_array(read_partition)
        one.tags()
        return found

    def read_group(one):
        found = one.compact_string(), one.compact_array(read_topic), one.i16()
        one.tags()
        return found

    found = reader.compact_array(read_group)
    reader.tags()
    reader.done()
    nothing = (-1, -1, "", wire.NONE)
    assert found == [
        (group, [(made, [(0, 10, -1, group, 0), (1, *nothing)])], wire.NONE),
        (group + "-2", [(made, [(0, 11, -1, group + "-2", 0)])], wire.NONE),
        (group + "-none", [(made, [(0, *nothing), (1, *nothing)])], wire.NONE)]


def test_commits_are_kept_over_generations_and_by_the_empty_group(broker, group, made):
    with Connection(broker) as first, Connection(broker) as second:
        alone = join(first, group)
        sync(first, group, 1, alone.member, [(alone.member, b"")])
        assert commit(first, group, made, 3, 1, alone.member) == wire.NONE
        second.send(wire.JOIN_GROUP, 0, join_body(group))
        while heartbeat(first, group, 1, alone.member) != wire.REBALANCE_IN_PROGRESS:
            time.sleep(0.02)
        # What was read before the others are told may still be committed.
        assert commit(first, group, made, 4, 1, alone.member) == wire.NONE
        leader = join(first, group, alone.member)
        other = JoinAnswer(second.receive()[1], 0)
        # Not so while the leader makes up its mind.
        assert commit(first, group, made, 9, 2, leader.member) == wire.REBALANCE_IN_PROGRESS
        sync(first, group, 2, leader.member, [(leader.member, b""), (other.member, b"")])
        assert committed(second, group, made) == (4, "m", wire.NONE)
        for member in (leader, other):
            leave(first, group, member.member)
        assert committed(second, group, made) == (4, "m", wire.NONE)
        # Without members whoever comes may move it, as tools do.
        assert commit(second, group, made, 1) == wire.NONE
        assert committed(second, group, made) == (1, "m", wire.NONE)


def test_version_0_of_the_offset_requests_is_for_consumers_without_a_group(connection, group, made):
    if not MOLDAU:
        pytest.skip("KRaft Kafka refuses version 0 of the offset requests")
    answer = join(connection, group)
    sync(connection, group, 1, answer.member, [(answer.member, b"")])
    assert commit(connection, group, made, 6, version=0) == wire.NONE
    assert committed(connection, group, made) == (6, "m", wire.NONE)
