"""Groups of franz-go: cooperative rebalancing, and the new protocol, under all that can happen."""

import pytest

from clients import FRANZ_GO
from hosted import QUICK
from members import Group, Writer, create_topic, partitions_of

PARTITIONS = 12
KINDS = pytest.mark.parametrize("protocol, assignor", [
    ("classic", "cooperative-sticky"), ("classic", "range"), ("consumer", "uniform"),
    ("consumer", "range")])


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    return start_module_broker(**QUICK)


@KINDS
def test_members_join_leave_and_are_killed(broker, topic, protocol, assignor):
    create_topic(broker, topic, PARTITIONS)
    wanted = partitions_of(topic, PARTITIONS)
    with Group(broker, topic, topic, protocol=protocol, assignor=assignor, session=3000) as group, \
            Writer(broker, topic, PARTITIONS) as writer:
        first = group.add(FRANZ_GO)
        group.converged(wanted)
        second = group.add(FRANZ_GO)
        group.converged(wanted, least=6)
        third = group.add(FRANZ_GO)
        group.converged(wanted, least=4)
        second.leave()
        group.converged(wanted, least=6)
        killed = third.kill()
        taken = group.converged(wanted, least=12)
        assert taken - killed > 1500, "nobody told the broker, so it had to wait for the session"
        fourth = group.add(FRANZ_GO)
        group.converged(wanted, least=6)
        produced = writer.stop()
        group.wait_read(produced)
        first.leave()
        fourth.leave()
        group.check(produced)


@pytest.mark.parametrize("protocol, assignor", [("classic", "cooperative-sticky"),
                                                ("consumer", "uniform")])
def test_what_stays_with_a_member_is_never_taken_from_it(broker, topic, protocol, assignor):
    """Two members, then a third, then two: only what moves is revoked."""
    create_topic(broker, topic, PARTITIONS)
    wanted = partitions_of(topic, PARTITIONS)
    with Group(broker, topic, topic, protocol=protocol, assignor=assignor) as group:
        members = [group.add(FRANZ_GO) for _ in range(2)]
        group.converged(wanted, least=6)
        before = [set(member.owned) for member in members]
        third = group.add(FRANZ_GO)
        group.converged(wanted, least=4)
        for member, had in zip(members, before):
            taken = [one for event in member.events if event.get("event") in ("revoked", "lost")
                     for one in event["partitions"]]
            assert set(taken) & member.owned == set() and member.owned < had, member.story()
        third.leave()
        group.converged(wanted, least=6)
        for member, had in zip(members, before):
            assert not any(event.get("event") == "lost" for event in member.events)
            assert len(member.owned & had) >= 4, member.story()
        group.check()


@KINDS
def test_the_broker_is_killed_under_a_live_group(start_broker, protocol, assignor):
    """Members that were assigned before the broker went are still assigned when it is back."""
    broker = start_broker(**{**QUICK, "group_consumer_session_timeout_ms": 30000})
    if not broker.can_restart:
        pytest.skip("somebody else's broker")
    create_topic(broker, "kept", PARTITIONS)
    wanted = partitions_of("kept", PARTITIONS)
    with Group(broker, "kept", "kept", protocol=protocol, assignor=assignor,
               session=30000) as group, Writer(broker, "kept", PARTITIONS) as writer:
        for _ in range(3):
            group.add(FRANZ_GO)
        group.converged(wanted, least=4)
        for member in group.members:
            member.wait_for(records=10)
        before = [set(member.owned) for member in group.members]
        broker.kill()
        broker.start()
        read = [len(member.records) for member in group.members]
        for member, count in zip(group.members, read):
            member.wait_for(records=count + 20)
        produced = writer.stop()
        group.wait_read(produced)
        assert [set(member.owned) for member in group.members] == before
        group.check(produced)


def handovers(member):
    return [one for one in member.events if one.get("event") in ("assigned", "revoked", "lost")]


def test_static_members_come_back_to_their_partitions(start_broker):
    """Killed, without a word, and started again within their session: nobody else is disturbed.

    With the new protocol a seat is another's only once its member has said so, which franz-go does
    not do.
    """
    broker = start_broker(**QUICK)
    create_topic(broker, "seats", PARTITIONS)
    wanted = partitions_of("seats", PARTITIONS)
    with Group(broker, "seats", "seats", assignor="cooperative-sticky",
               session=20000) as group, Writer(broker, "seats", PARTITIONS) as writer:
        members = []
        for number in range(3):  # the first leads: a leader that comes back may want a rebalance
            members.append(group.add(FRANZ_GO, instance=f"seat-{number}"))
            group.converged(wanted, least=PARTITIONS // (number + 1))
        # It may still rebalance to find that nothing is left to move.
        group.wait_until(lambda: len({handovers(one)[-1].get("generation") for one in members})
                         == 1, "one generation")
        owned = [set(member.owned) for member in members]
        seen = [len(handovers(member)) for member in members]
        members[1].kill()
        again = group.add(FRANZ_GO, instance="seat-1")
        again.wait_for(owned=owned[1], records=10)
        for number in (0, 2):
            assert seen[number] == len(handovers(members[number])), group.story()
        produced = writer.stop()
        group.wait_read(produced)
        group.check(produced)
