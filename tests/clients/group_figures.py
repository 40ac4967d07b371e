#!/usr/bin/env python3
"""Prints figures of many groups on one broker: memory, restarts, heartbeats.

    group_figures.py [classic|consumer] [GROUPS [MEMBERS [OFFSETS]]]    classic 1000 5 100000

OFFSETS committed offsets, in all. The members are raw requests of one Go process on the same
machine, five to a connection, and share its cores with the broker. MOLDAU_TEST_BROKER=apache-new
gives the same figures of Apache Kafka.
"""

import shutil
import sys
import time

import broker as broker_under_test
from clients import FRANZ_GO
from members import create_topic

SETTINGS = {
    "group_initial_rebalance_delay_ms": 500,
    "group_consumer_session_timeout_ms": 300000,
    "group_consumer_max_session_timeout_ms": 300000,
}
BEAT_SECONDS = 30
BEAT_EVERY_MS = 3000
RESTARTS = 3


def main():
    protocol = sys.argv[1] if len(sys.argv) > 1 else "classic"
    given = [int(word) for word in sys.argv[2:]]
    groups, members, offsets = given + [1000, 5, 100_000][len(given):]
    broker = broker_under_test.make(**SETTINGS)
    try:
        broker.start()
        partitions = offsets // groups
        create_topic(broker, "crowd", partitions)
        time.sleep(2)
        empty = broker.rss_kib()
        line(f"{groups} groups of {members}, {protocol}, joined in",
             seconds(go("crowd-join", broker.bootstrap, groups, members, "crowd", partitions,
                        f"protocol={protocol}")))
        joined = broker.rss_kib()
        found = go("crowd-commit")
        line(f"{found['offsets']} offsets committed in", seconds(found))
        time.sleep(2)
        committed = broker.rss_kib()
        line("resident, no groups", f"{empty / 1024:.1f} MiB")
        line("resident, groups joined", f"{joined / 1024:.1f} MiB")
        line("resident, offsets committed", f"{committed / 1024:.1f} MiB")
        line("a group, with its members and offsets", f"{(committed - empty) / groups:.1f} KiB")
        beat(broker)
        line("asking each group and member, nothing else", seconds(go("crowd-verify")))
        for what, end in (("stopped", broker.stop), ("killed -9", broker.kill)):
            restart(broker, what, end)
        if broker_under_test.KIND == "moldau":
            restart(broker, "stopped, folded state deleted", broker.stop, without_state)
            restart(broker, "killed -9, folded state deleted", broker.kill, without_state)
    finally:
        broker.close()
        FRANZ_GO.close()


def go(*words):
    return FRANZ_GO.run(*words, seconds=600)[0]


def seconds(found):
    return f"{found['seconds'] * 1000:.0f} ms"


def line(name, figure):
    print(f"{name:52} {figure}", flush=True)


def beat(broker):
    used = broker.cpu_seconds()
    found = go("crowd-beat", BEAT_SECONDS, BEAT_EVERY_MS)
    used = broker.cpu_seconds() - used
    assert not found["failed"], found
    line(f"heartbeats, {found['per_second']:.0f} a second",
         f"p50 {found['p50_us']} us, p99 {found['p99_us']} us, p99.9 {found['p999_us']} us")
    line("  processor time of the broker meanwhile", f"{100 * used / BEAT_SECONDS:.1f} %")


def without_state(broker):
    shutil.rmtree(broker.data / "__cluster_metadata-0/coordinators")


def restart(broker, what, end, before_start=lambda broker: None):
    """Ready: the broker says so. All groups: each has told an offset. Then everything is
    checked: every member of its generation, every offset there."""
    ready, answered = [], []
    for _ in range(RESTARTS):
        end()
        before_start(broker)
        began = time.monotonic()
        broker.start()
        ready.append(time.monotonic() - began)
        go("crowd-ready")
        answered.append(time.monotonic() - began)
        go("crowd-verify")
    line(f"{what}: ready", f"{1000 * sorted(ready)[1]:.0f} ms")
    line(f"{what}: all groups have answered", f"{1000 * sorted(answered)[1]:.0f} ms")
    line(f"{what}: resident", f"{broker.rss_kib() / 1024:.1f} MiB")


if __name__ == "__main__":
    main()
