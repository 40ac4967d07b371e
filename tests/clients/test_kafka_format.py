"""Our files are Kafka's files: Apache's DumpLogSegments reads what we write, and a folder written by
a real Apache Kafka opens here with every record."""

import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

import apache_kafka
import broker as broker_under_test
from broker import Broker, free_port
from clients import (CONFLUENT, FRANZ_GO, JAVA_NEW, JAVA_OLD, KAFKA_NODE, KAFKAJS, NO_KAFKA,
                     RDKAFKA_JS)
from kafka_tools import Tools, dump_log_segments
from members import Group, create_topic, partitions_of

if broker_under_test.KIND != "moldau":
    pytest.skip("about our own files", allow_module_level=True)

SETTINGS = {"segment.bytes": "1048576", "segment.index.bytes": "10240",
            "index.interval.bytes": "1024"}


def fill(broker):
    """Topics with several segments, every codec, and offsets of a consumer."""
    JAVA_NEW.run("admin", broker.bootstrap, "create", "rolled", 2,
                 *(f"{name}={value}" for name, value in SETTINGS.items()))
    for round_ in range(3):
        for client, codec in ((CONFLUENT, "none"), (JAVA_OLD, "gzip"), (FRANZ_GO, "snappy"),
                              (RDKAFKA_JS, "lz4"), (JAVA_NEW, "zstd"), (KAFKAJS, "none")):
            client.produce(broker, "rolled", 0, codec, 300, f"{client}-{round_}", size=500)
    JAVA_NEW.produce(broker, "rolled", 1, "none", 100, "sure", idempotence="true")
    CONFLUENT.run("commit", broker.bootstrap, "someone", "rolled", 0, 42)


def everything(broker):
    """All records, as (offset, key, value, timestamp, headers)."""
    found = {}
    for partition, count in ((0, 5400), (1, 100)):
        found[partition] = [
            (one["offset"], one["key"], one["value"], one["timestamp"], str(one["headers"]))
            for one in JAVA_NEW.consume(broker, "rolled", partition, 0, count)]
    return found


def test_kafkas_own_tool_reads_our_files(start_broker):
    broker = start_broker()
    fill(broker)
    KAFKA_NODE.produce(broker, "rolled", 0, "gzip", 100, "old")
    NO_KAFKA.produce(broker, "rolled", 0, "snappy", 100, "older")
    kept = pathlib.Path(tempfile.mkdtemp(prefix="moldau-files-"))
    try:
        assert broker.stop() == 0
        shutil.copytree(broker.data, kept / "data")
        check_files(kept / "data")
        # And after a crash, with indexes that were never closed.
        broker.start()
        CONFLUENT.produce(broker, "rolled", 0, "none", 500, "late", size=500)
        broker.kill()
        broker.start()
        assert broker.stop() == 0
        check_files(broker.data)
    finally:
        shutil.rmtree(kept)


def check_files(data):
    folder = data / "rolled-0"
    logs = sorted(folder.glob("*.log"))
    assert len(logs) > 1, "nothing was rolled"
    printed = dump_log_segments(logs, "--deep-iteration", "--print-data-log")
    records = re.findall(r"^\| offset: (\d+) ", printed, re.M)
    assert list(map(int, records)) == list(range(len(records)))
    assert len(records) >= 5400
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        assert f"compresscodec: {codec}" in printed
    for ending in ("index", "timeindex"):
        files = sorted(folder.glob(f"*.{ending}"))
        assert files
        assert re.search(r"offset: \d+", dump_log_segments(files))
    assert list(folder.glob("leader-epoch-checkpoint"))
    assert list(folder.glob("partition.metadata"))
    snapshots = sorted((data / "rolled-1").glob("*.snapshot"))
    assert snapshots and re.search(r"producerId: \d+", dump_log_segments(snapshots[-1:]))

    metadata = sorted((data / "__cluster_metadata-0").glob("*.log"))
    decoded = dump_log_segments(metadata, "--cluster-metadata-decoder")
    snapshots = sorted((data / "__cluster_metadata-0").glob("*.checkpoint"))
    if snapshots:
        decoded += dump_log_segments(snapshots, "--cluster-metadata-decoder")
    assert '"name":"rolled"' in decoded and "PARTITION_RECORD" in decoded
    offsets = sorted(data.glob("__consumer_offsets-*/*.log"))
    decoded = dump_log_segments(offsets, "--offsets-decoder", "--print-data-log")
    assert "someone" in decoded and re.search(r'"offset":\s*42', decoded)
    assert "cluster.id=" in (data / "meta.properties").read_text()


class RealKafka:
    """Apache Kafka, whose clients think that it is the broker under test."""

    def __init__(self, folder):
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.log = folder / "apache.log"
        command = apache_kafka.prepare("new", folder, self.port, free_port())
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 90
        while apache_kafka.READY not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < deadline, \
                self.log.read_text()[-3000:]
            time.sleep(0.1)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(60)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_folder_written_by_apache_kafka_opens_here(how):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moldau-apache-"))
    broker = Broker(log_dirs=str(folder / "data"))
    try:
        kafka = RealKafka(folder)
        try:
            fill(kafka)
            written = everything(kafka)
            time.sleep(1)
        finally:
            kafka.end(how)
        assert len(list((folder / "data/rolled-0").glob("*.log"))) > 1

        broker.start()
        assert everything(broker) == written
        for reader in (CONFLUENT, KAFKA_NODE):
            found = reader.consume(broker, "rolled", 0, 5000, 400)
            assert [one["offset"] for one in found] == list(range(5000, 5400))
        assert CONFLUENT.run("committed", broker.bootstrap, "someone", "rolled", 0) == [
            {"offset": 42}]
        assert CONFLUENT.produce(broker, "rolled", 1, "none", 1, "ours") == [100]
        found, = JAVA_NEW.run("admin", broker.bootstrap, "config", "rolled", "segment.bytes")
        assert found["value"] == SETTINGS["segment.bytes"]
        assert broker.stop() == 0
    finally:
        broker.close()
        shutil.rmtree(folder, ignore_errors=True)


def described_groups(broker):
    """What Kafka's own tool says of groups, their members and their offsets."""
    tools = Tools("apache", broker)
    return {what: sorted(" ".join(line.split()) for line in tools.output(
        "consumer-groups", "--describe", "--all-groups", *what.split()).splitlines())
            for what in ("--members --verbose", "--offsets")}


def live_groups(broker, hosts):
    """A group of each protocol, whose members were killed a moment ago."""
    create_topic(broker, "shared", 4)
    wanted = partitions_of("shared", 4)
    for protocol in ("classic", "consumer"):
        group = Group(broker, protocol, "shared", protocol=protocol, session=30000, commit="each")
        hosts.append(group)
        for _ in range(2):
            group.add(CONFLUENT)
        group.converged(wanted)
    CONFLUENT.produce(broker, "shared", 1, "none", 20, "read")
    for group in hosts:
        group.wait_until(lambda group=group: sum(len(one.records) for one in group.members) >= 20,
                         "twenty records")
        time.sleep(0.5)
        for member in group.members:
            member.kill()


@pytest.mark.parametrize("first", ["moldau", "apache"])
def test_groups_move_between_moldau_and_apache_kafka(first):
    """One broker stops under two groups, the other starts on its folder and knows them."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="moldau-groups-"))
    ours = Broker(log_dirs=str(folder / "data"), group_initial_rebalance_delay_ms=0)
    groups = []
    theirs = None
    try:
        if first == "moldau":
            ours.start()
            live_groups(ours, groups)
            before = described_groups(ours)
            assert ours.stop() == 0
            theirs = RealKafka(folder)
            assert described_groups(theirs) == before
        else:
            theirs = RealKafka(folder)
            live_groups(theirs, groups)
            before = described_groups(theirs)
            theirs.end(signal.SIGTERM)
            ours.start()
            assert described_groups(ours) == before
        assert sum("CONSUMER-ID" not in line and line != "" for line in
                   before["--members --verbose"]) == 4, before
    finally:
        for group in groups:
            group.close()
        if theirs is not None and theirs.process.poll() is None:
            theirs.end(signal.SIGKILL)
        ours.close()
        shutil.rmtree(folder, ignore_errors=True)
