"""Burrow reads __consumer_offsets by itself and watches how far groups are behind.

It will not start without a ZooKeeper, though it is of no use to it here: Apache's own, from the
jars of Kafka 3.9. All of it listens on 127.0.0.1 only.
"""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

import apache_kafka
from broker import KIND, free_port
from clients import FRANZ_GO
from hosted import QUICK
from members import Group, create_topic, partitions_of

CONFIG = """
[general]
pidfile="{folder}/burrow.pid"
[logging]
filename="{folder}/burrow.log"
level="info"
[zookeeper]
servers=["127.0.0.1:{zookeeper}"]
[client-profile.test]
client-id="burrow"
kafka-version="{version}"
[cluster.local]
class-name="kafka"
servers=["{bootstrap}"]
client-profile="test"
topic-refresh=2
offset-refresh=1
[consumer.local]
class-name="kafka"
cluster="local"
servers=["{bootstrap}"]
client-profile="test"
start-latest=false
[httpserver.default]
address="127.0.0.1:{http}"
[storage.default]
class-name="inmemory"
intervals=5
min-distance=1
"""
SECONDS = 20


def wait_for(condition, what, seconds=SECONDS):
    """Waits until condition() is true; returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what()}: not within {seconds} s"
        time.sleep(0.1)


def accepts(port):
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def serves(port):
    """Whether a ZooKeeper is there that has more to say than that it listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"srvr")
            return b"Mode: standalone" in connection.recv(4096)
    except OSError:
        return False


@pytest.fixture(scope="module", name="zookeeper")
def _zookeeper(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zookeeper")
    port = free_port()
    config = folder / "zoo.cfg"
    config.write_text(f"dataDir={folder}/data\nclientPort={port}\nclientPortAddress=127.0.0.1\n"
                      "admin.enableServer=false\n")
    with (folder / "log.txt").open("w") as log, subprocess.Popen(
            apache_kafka.java("old", "org.apache.zookeeper.server.ZooKeeperServerMain", config,
                              heap="64m"), stdout=log, stderr=log) as process:
        wait_for(lambda: serves(port), lambda: "ZooKeeper")
        yield port
        process.kill()


class Burrow:
    """The daemon on a folder of its own, and what its HTTP interface says."""

    def __init__(self, folder, broker, zookeeper, version="2.0.0"):
        self.port = free_port()
        self.log_path = folder / "burrow.log"
        (folder / "burrow.toml").write_text(CONFIG.format(
            folder=folder, zookeeper=zookeeper, bootstrap=broker.bootstrap, http=self.port,
            version=version))
        self.process = subprocess.Popen(["/usr/bin/Burrow", "-config-dir", str(folder)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: accepts(self.port), self.log)

    def log(self):
        lines = [line for line in self.log_path.read_text().splitlines(True)
                 if "unknown consumer" not in line]
        return "Burrow\n" + "".join(lines)[-3000:]

    def story(self):
        """What it knows of every group, and its log."""
        known = {group: self.get(f"consumer/{group}") for group in
                 self.get("consumer").get("consumers", [])}
        return f"{json.dumps(known)}\n{self.log()}"

    def get(self, path):
        """The answer to GET /v3/kafka/local/PATH; nothing for what it does not know."""
        try:
            url = f"http://127.0.0.1:{self.port}/v3/kafka/local/{path}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            assert error.code == 404, f"{error}\n{self.log()}"
            return {}

    def partitions(self, group, topic):
        """What it knows of a group's offsets: one entry a partition."""
        return self.get(f"consumer/{group}").get("topics", {}).get(topic, [])

    def close(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(name="start_burrow")
def _start_burrow(tmp_path, zookeeper):
    started = []

    def start(broker, **options):
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Burrow(folder, broker, zookeeper, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


pytestmark = pytest.mark.skipif(KIND == "apache-new",
                                reason="Kafka 4 serves no ListOffsets v0, which Burrow sends")


@pytest.fixture(scope="module", name="broker")
def quick_broker(start_module_broker):
    return start_module_broker(**QUICK)


def newest(partition):
    """The last commit that it has seen of a partition."""
    seen = [one for one in partition["offsets"] if one is not None]
    return seen[-1]["offset"] if seen else None


def test_burrow_sees_groups_their_owners_offsets_and_lag(broker, start_burrow, topic):
    create_topic(broker, topic, 2)
    for partition in range(2):
        FRANZ_GO.produce(broker, topic, partition, "none", 10, "first")
    with Group(broker, topic, topic) as group:
        members = [group.add(FRANZ_GO, id="reader-0")]
        group.wait_until(lambda: {name for member in members for offsets, _ in member.commits
                                  for name, offset in offsets.items() if offset == 10}
                         == partitions_of(topic, 2), "all is committed")
        # It takes note of who owns what only where it knows of commits.
        members.append(group.add(FRANZ_GO, id="reader-1"))
        group.converged(partitions_of(topic, 2))
        # What was written before it came: it reads the topic from its beginning.
        burrow = start_burrow(broker)
        wait_for(lambda: topic in burrow.get("consumer")["consumers"], burrow.story)
        wait_for(lambda: [newest(one) for one in burrow.partitions(topic, topic)] == [10, 10],
                 burrow.story)
        if KIND == "moldau":  # this Burrow reads the group's record up to version 1, Kafka writes 3
            wait_for(lambda: {(one["owner"], one["client_id"])
                              for one in burrow.partitions(topic, topic)}
                     == {("/127.0.0.1", "reader-0"), ("/127.0.0.1", "reader-1")}, burrow.story)
        # What is written while it is there.
        FRANZ_GO.produce(broker, topic, 0, "none", 5, "second")
        wait_for(lambda: sorted(map(newest, burrow.partitions(topic, topic))) == [10, 15],
                 burrow.story)
        for member in members:
            member.leave()
    FRANZ_GO.produce(broker, topic, 1, "none", 7, "third")
    wait_for(lambda: [one["current-lag"] for one in burrow.partitions(topic, topic)] == [0, 7],
             burrow.story)
    assert burrow.get(f"consumer/{topic}/lag")["status"]["totallag"] == 7


def test_burrow_understands_a_group_of_the_new_protocol(broker, start_burrow, topic):
    """Its offsets, that is: the records of the group itself are of a kind it does not know."""
    create_topic(broker, topic, 2)
    burrow = start_burrow(broker)
    wait_for(lambda: burrow.get(f"topic/{topic}").get("offsets") == [0, 0], burrow.story)
    with Group(broker, topic, topic, protocol="consumer") as group:
        group.add(FRANZ_GO)
        group.converged(partitions_of(topic, 2))
        for partition in range(2):
            FRANZ_GO.produce(broker, topic, partition, "none", 4, "new")
        wait_for(lambda: [newest(one) for one in burrow.partitions(topic, topic)] == [4, 4],
                 burrow.story)
