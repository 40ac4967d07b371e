"""kill -9 under load, again and again: every acknowledged record there, in order, none twice.

Two idempotent producers with acks=all keep sending while the broker is killed and started.
MOLDAU_TEST_CRASHES says how often (100).
"""

import json
import os
import random
import subprocess
import tempfile
import time

import broker as broker_under_test
from clients import CONFLUENT, JAVA_NEW

CRASHES = int(os.environ.get("MOLDAU_TEST_CRASHES", "100"))
PARTITIONS = 3
# What a cycle may take on average, with two producers on the same two cores.
CYCLE_SECONDS = 1.5 if broker_under_test.KIND == "moldau" else 30


class Load:
    """A producer program that sends until it is told to stop."""

    def __init__(self, client, broker, topic):
        self.client = client
        self.topic = topic
        self.output = tempfile.TemporaryFile("w+")
        self.errors = tempfile.TemporaryFile("w+")
        self.process = client.spawn("load", broker.bootstrap, topic, PARTITIONS, "r", "pausems=4",
                                    stdin=subprocess.PIPE, stdout=self.output, stderr=self.errors)

    def size(self):
        return os.fstat(self.output.fileno()).st_size

    def wait_for_more(self, seconds=40):
        """Waits until something more has been acknowledged."""
        before = self.size()
        deadline = time.monotonic() + seconds
        while self.size() == before:
            assert self.process.poll() is None, f"{self.client} gave up: {self._tail()}"
            assert time.monotonic() < deadline, f"{self.client}: nothing acknowledged for {seconds} s"
            time.sleep(0.01)

    def _tail(self):
        self.output.seek(max(0, self.size() - 500))
        self.errors.seek(0)
        return self.output.read() + self.errors.read()[-2000:]

    def stop(self):
        """Stops it and returns {partition: [(offset, value)...]} of what was acknowledged."""
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        self.process.wait(90)
        self.output.seek(0)
        acknowledged = {partition: [] for partition in range(PARTITIONS)}
        end = None
        for text in self.output:
            line = json.loads(text)
            if "end" in line:
                end = line
            else:
                acknowledged[line["partition"]].append((line["offset"], line["value"]))
        assert end == {"end": True}, f"{self.client}: {end}"
        return acknowledged

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.output.close()
        self.errors.close()


def test_nothing_acknowledged_is_lost_reordered_or_doubled(start_broker):
    broker = start_broker()
    loads = []
    dice = random.Random()
    try:
        for client in (CONFLUENT, JAVA_NEW):
            topic = f"crash-{client}"
            JAVA_NEW.run("admin", broker.bootstrap, "create", topic, PARTITIONS)
            loads.append(Load(client, broker, topic))
        for load in loads:
            load.wait_for_more()
        began = time.monotonic()
        slowest_start = 0.0
        for _ in range(CRASHES):
            time.sleep(dice.uniform(0.05, 0.5))
            broker.kill()
            starting = time.monotonic()
            broker.start()
            slowest_start = max(slowest_start, time.monotonic() - starting)
            for load in loads:
                load.wait_for_more()
        cycle = (time.monotonic() - began) / max(CRASHES, 1)
        total = 0
        for load in loads:
            acknowledged = load.stop()
            total += sum(map(len, acknowledged.values()))
            for partition in range(PARTITIONS):
                check(broker, load.topic, partition, acknowledged[partition])
        print(f"{CRASHES} crashes, {cycle:.2f} s a cycle, slowest start {slowest_start:.2f} s, "
              f"{total} records acknowledged")
        assert cycle < CYCLE_SECONDS
    finally:
        for load in loads:
            load.close()


def check(broker, topic, partition, acknowledged):
    """The log holds what was acknowledged, at the offsets that were told, and nothing else: the
    producers gave up on no record."""
    end = CONFLUENT.run("offset", broker.bootstrap, topic, partition, -1)[0]["offset"]
    found = CONFLUENT.consume(broker, topic, partition, 0, end)
    assert [one["offset"] for one in found] == list(range(end))
    values = [one["value"] for one in found]
    numbers = [int(value.rsplit("-", 1)[1]) for value in values]
    assert numbers == sorted(numbers), f"{topic}-{partition} is out of order"
    assert len(numbers) == len(set(numbers)), f"{topic}-{partition} holds records twice"
    told = {offset: value for offset, value in acknowledged}
    assert len(told) == len(acknowledged), f"{topic}-{partition}: an offset was told twice"
    for offset, value in told.items():
        assert offset < end and values[offset] == value, f"{topic}-{partition} lost {value}"
    assert len(told) == end, f"{topic}-{partition}: a record is there that was never acknowledged"
