"""A broker that nobody uses uses nothing, even while consumers wait for records."""

import time

import broker as broker_under_test
from clients import CONFLUENT
from wire import Connection, FETCH, fetch_body

SECONDS = 5
# Of one core. Apache Kafka's threads wake up now and then.
LIMIT = 0.004 if broker_under_test.KIND == "moldau" else 0.5


def test_waiting_consumers_cost_no_processor_time(fresh_broker):
    broker = fresh_broker
    names = [f"idle-{number}" for number in range(5)]
    for name in names:
        CONFLUENT.produce(broker, name, 0, "none", 3, "m")
    waiting = [Connection(broker) for _ in range(40)]
    try:
        for number, one in enumerate(waiting):
            topics = {names[number % 5]: {0: (3, 1 << 20)}}
            one.send(FETCH, 4, fetch_body(topics, 4, max_wait_ms=60_000))
        time.sleep(1)
        before = broker.cpu_seconds()
        time.sleep(SECONDS)
        used = broker.cpu_seconds() - before
        share = used / SECONDS
        print(f"idle with {len(waiting)} waiting fetches: {share:.2%} of a core, "
              f"{broker.rss_kib() / 1024:.1f} MiB resident")
        assert share <= LIMIT
    finally:
        for one in waiting:
            one.close()
