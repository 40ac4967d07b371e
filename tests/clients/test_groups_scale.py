"""A group of 200 members on 2,000 partitions, all franz-go, fifty to a process.

They come at once, some leave, fifty die together, others come. Nobody polls for long: what counts
is who owns what, and when.
"""

import time

import pytest

from clients import FRANZ_GO
from hosted import Host, QUICK
from members import Group, Writer, create_topic, partitions_of

PARTITIONS = 2000
HOSTS = 4
EACH = 50
PATIENCE = 60


class BigGroup(Group):
    """Looks now and then, not at each of many thousand lines."""

    def wait_until(self, condition, what, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while True:
            with self.changed:
                if condition():
                    return time.clock_gettime(time.CLOCK_MONOTONIC) * 1000
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s\n{self.story()}"
            time.sleep(0.2)

    def story(self):
        """Two thousand names would say nothing."""
        counts = {}
        for member in self.active:
            for one in member.owned:
                counts[one] = counts.get(one, 0) + 1
        idle = sum(not member.owned for member in self.active)
        errors = {error for member in self.members for error in member.errors}
        return (f"{len(self.active)} members, {idle} without partitions; {len(counts)} partitions "
                f"owned, {sum(count > 1 for count in counts.values())} twice\n{errors}"
                + "".join(member.story(3) for member in self.members if member.end is not None
                          and not member.end["end"]))


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    started = start_module_broker(**{**QUICK, "group_initial_rebalance_delay_ms": 1000,
                                     "group_consumer_session_timeout_ms": 10000,
                                     "group_consumer_heartbeat_interval_ms": 1000})
    yield started
    if started.can_restart:
        started.kill()  # to close four thousand logs in order takes its time


@pytest.mark.parametrize("protocol, assignor", [("classic", "cooperative-sticky"),
                                                ("consumer", "uniform")])
def test_200_members_share_2000_partitions(broker, topic, protocol, assignor):
    create_topic(broker, topic, PARTITIONS)
    wanted = partitions_of(topic, PARTITIONS)
    hosts = []
    group = BigGroup(broker, topic, topic, protocol=protocol, assignor=assignor, session=10000,
                     rebalance=30000, calm="true")

    def add_host():
        host = Host(FRANZ_GO, broker)
        hosts.append(host)
        for number in range(EACH):
            host.add(group, f"{len(hosts)}-{number}")

    def settle(what):
        began = time.monotonic()
        least = PARTITIONS // len(group.active)
        group.converged(wanted, least=least, seconds=PATIENCE)
        print(f"{protocol}: {what}: {len(group.active)} members after "
              f"{time.monotonic() - began:.1f} s", flush=True)

    try:
        for _ in range(HOSTS):
            add_host()
        settle("200 join")
        with Writer(broker, topic, PARTITIONS, every_ms=60000) as writer:
            group.wait_until(lambda: len(writer.values) >= PARTITIONS, "written")
            produced = list(writer.values)
        group.wait_read(produced)
        for member in group.members[:10]:
            member.host.tell("leave", member.name)
        group.wait_until(lambda: all(one.end for one in group.members[:10]), "ten have left")
        settle("10 have left")
        hosts[1].kill()
        settle("50 were killed")
        add_host()
        settle("50 join")
        group.check_one_owner()
        group.check_nothing_lost(produced)
        assert not any(one["event"] == "lost" for member in group.active for one in member.events
                       if "event" in one), "a member was thrown out"
    finally:
        for host in hosts:
            host.close()
