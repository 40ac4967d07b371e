"""Every client writes with every codec that it has; every reader reads what all of them wrote."""

import time

import pytest

import broker as broker_under_test
from clients import ALL_CODECS, CLIENTS, JAVA_NEW, READERS

COUNT = 12
TOPIC = "matrix"
WRITTEN = [(client, codec) for client in CLIENTS for codec in client.codecs]
# What Apache Kafka itself does not do, when it stands in for the broker.
LEGACY_GONE = broker_under_test.KIND == "apache-new"


@pytest.fixture(scope="module")
def written(broker):
    """The topic with one partition for each writer and codec, all of them written."""
    JAVA_NEW.run("admin", broker.bootstrap, "create", TOPIC, len(WRITTEN))
    began = time.time() * 1000
    failures = {}
    for partition, (client, codec) in enumerate(WRITTEN):
        if LEGACY_GONE and client.legacy:
            continue
        try:
            # Twice, so that a reader meets more than one batch.
            first = client.produce(broker, TOPIC, partition, codec, COUNT, f"{client}-{codec}-a")
            second = client.produce(broker, TOPIC, partition, codec, COUNT, f"{client}-{codec}-b")
            assert first + second == list(range(2 * COUNT))
        except Exception as error:  # reported by the test of that writer
            failures[partition] = error
    return began, failures


@pytest.mark.parametrize("partition", range(len(WRITTEN)),
                         ids=[f"{client}-{codec}" for client, codec in WRITTEN])
def test_writes(written, partition):
    client, _ = WRITTEN[partition]
    if LEGACY_GONE and client.legacy:
        pytest.skip("Apache Kafka 4 does not serve it")
    _, failures = written
    if partition in failures:
        raise failures[partition]


def _readable(reader, failures):
    for partition, (writer, codec) in enumerate(WRITTEN):
        if partition in failures or (LEGACY_GONE and writer.legacy):
            continue
        # Kafka 3.9 hands old clients the codecs that they have never heard of.
        if broker_under_test.KIND == "apache-old" and reader.legacy and codec in ("lz4", "zstd"):
            continue
        if reader.name == "kafka-python-old" and broker_under_test.KIND != "moldau" \
                and codec not in reader.codecs:
            continue
        yield partition


@pytest.mark.parametrize("reader", READERS, ids=str)
def test_reads_all(broker, written, reader):
    if LEGACY_GONE and reader.legacy:
        pytest.skip("Apache Kafka 4 does not serve it")
    began, failures = written
    # A codec that a reader has no library for is none of the broker's business: it hands out
    # format 2 as it was written.
    wanted = [partition for partition in _readable(reader, failures)
              if reader.legacy or WRITTEN[partition][1] in reader.codecs]
    found = reader.consume(broker, TOPIC, wanted, 0, 2 * COUNT)
    for partition in wanted:
        writer, codec = WRITTEN[partition]
        check(found[partition], writer, codec, reader, began)
    assert not failures, f"not written: {[str(WRITTEN[one]) for one in failures]}"


def check(records, writer, codec, reader, began):
    who = f"{reader} reads what {writer} wrote with {codec}"
    names = [f"{writer}-{codec}-{half}" for half in "ab"]
    assert [record["offset"] for record in records] == list(range(2 * COUNT)), who
    assert [record["value"] for record in records] == [
        f"{name}-{number}" for name in names for number in range(COUNT)], who
    assert [record["key"] for record in records] == [
        f"{name}-key-{number}" for name in names for number in range(COUNT)], who
    if reader.headers and writer.headers:
        assert [record["headers"] for record in records] == [
            {"number": str(number)} for _ in names for number in range(COUNT)], who
    # Formats 0 and no-kafka's messages carry no time of their own.
    if reader.timestamps and writer.name != "no-kafka":
        for record in records:
            assert began - 5000 <= record["timestamp"] <= time.time() * 1000 + 5000, who


@pytest.mark.parametrize("reader", READERS, ids=str)
def test_reads_from_the_middle_of_a_batch(broker, written, reader):
    if LEGACY_GONE and reader.legacy:
        pytest.skip("Apache Kafka 4 does not serve it")
    _, failures = written
    # Kafka 3.9 hands a compressed set over whole, and these two clients pass all of it on.
    whole_sets = broker_under_test.KIND == "apache-old" and reader.legacy
    wanted = [partition for partition in _readable(reader, failures)
              if WRITTEN[partition][1] in (("none",) if whole_sets else ("none", "gzip"))]
    middle = COUNT + COUNT // 2
    found = reader.consume(broker, TOPIC, wanted, middle, 2 * COUNT - middle)
    for partition in wanted:
        writer, codec = WRITTEN[partition]
        assert [record["value"] for record in found[partition]] == [
            f"{writer}-{codec}-b-{number}" for number in range(COUNT // 2, COUNT)]


def test_all_codecs_are_covered():
    assert {codec for _, codec in WRITTEN} == set(ALL_CODECS)
