"""Records from one byte to the largest that a topic takes, and one byte more."""

import pytest

import broker as broker_under_test
from clients import (ClientError, CONFLUENT, FRANZ_GO, JAVA_NEW, JAVA_OLD, KAFKA_NODE, KAFKA_PYTHON,
                     KAFKAJS, NO_KAFKA, PLATFORMATIC, RDKAFKA_JS)
import wire

OLD_CLIENTS = () if broker_under_test.KIND == "apache-new" else (KAFKA_NODE, NO_KAFKA)
WRITERS = (*OLD_CLIENTS, KAFKAJS, RDKAFKA_JS, PLATFORMATIC, CONFLUENT, KAFKA_PYTHON, JAVA_NEW,
           JAVA_OLD, FRANZ_GO)
READERS = (*OLD_CLIENTS, RDKAFKA_JS, PLATFORMATIC, CONFLUENT, KAFKA_PYTHON, JAVA_NEW, JAVA_OLD,
           FRANZ_GO)
MEGABYTE = 1_000_000
REFUSALS = ("RecordTooLarge", "MESSAGE_TOO_LARGE", "MSG_SIZE_TOO_LARGE", "MessageSizeTooLarge",
            "message size too large", "Message size too large", "MessageTooLarge",
            "larger than the max", "larger than the limit", "record batch larger")


@pytest.mark.parametrize("writer", WRITERS, ids=str)
@pytest.mark.parametrize("size", [1, 1000, MEGABYTE])
def test_a_record_of_a_size(broker, topic, writer, size):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1)
    for offset in range(2):
        assert writer.produce(broker, topic, 0, "none", 1, "z", size=size) == [offset]
    reader = READERS[(WRITERS.index(writer) + 3) % len(READERS)]
    found = reader.consume(broker, topic, 0, 0, 2)
    assert [(one["offset"], one["length"], one["value"][:1]) for one in found] == [
        (0, size, "z"), (1, size, "z")]


@pytest.mark.parametrize("reader", READERS, ids=str)
def test_a_large_record_is_read(broker, reader):
    topic = "large-to-read"
    if topic not in JAVA_NEW.run("admin", broker.bootstrap, "topics")[0]["topics"]:
        JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1, "max.message.bytes=4000000")
        CONFLUENT.produce(broker, topic, 0, "none", 1, "q", size=3 * MEGABYTE)
        CONFLUENT.produce(broker, topic, 0, "zstd", 1, "r", size=3 * MEGABYTE)
        CONFLUENT.produce(broker, topic, 0, "none", 1, "s")
    # A set that an old client would have to decompress itself is none that it understands.
    whole = broker_under_test.KIND == "apache-old" and reader in OLD_CLIENTS
    found = reader.consume(broker, topic, 0, 0, 1 if whole else 3)
    assert [one["length"] for one in found] == [3 * MEGABYTE, 3 * MEGABYTE, 3][:len(found)]


def test_the_limit_is_exact(broker, topic):
    """max.message.bytes counts the bytes of the whole batch, headers included."""
    limit = 5000
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1, f"max.message.bytes={limit}")
    spare = limit - len(wire.batch([b"x" * 4000])) + 4000
    exact, more = wire.batch([b"x" * spare]), wire.batch([b"x" * (spare + 1)])
    assert (len(exact), len(more)) == (limit, limit + 1)
    with wire.Connection(broker) as connection:
        def produce(records):
            reader = connection.call(wire.PRODUCE, 3, wire.produce_body({topic: {0: records}}, 3))
            return wire.read_produce(reader, 3)[topic, 0]

        assert produce(exact) == (0, 0)
        assert produce(more) == (wire.MESSAGE_TOO_LARGE, -1)
        assert produce(exact) == (0, 1)


@pytest.mark.parametrize("writer", WRITERS, ids=str)
def test_a_record_beyond_the_limit_is_refused_by_name(broker, topic, writer):
    JAVA_NEW.run("admin", broker.bootstrap, "create", topic, 1, "max.message.bytes=5000")
    assert writer.produce(broker, topic, 0, "none", 1, "f", size=4500) == [0]
    with pytest.raises(ClientError) as refusal:
        writer.produce(broker, topic, 0, "none", 1, "f", size=5001)
    assert any(words.lower() in str(refusal.value).lower() for words in REFUSALS), refusal.value
    assert writer.produce(broker, topic, 0, "none", 1, "f", size=4500) == [1]


def test_the_default_limit_is_kafkas(broker, topic):
    """1 MiB and the overhead of a batch: 1048588 bytes."""
    found, = JAVA_NEW.run("admin", broker.bootstrap, "broker-config", 1, "message.max.bytes")
    assert found["value"] == "1048588"
    with pytest.raises(ClientError):
        CONFLUENT.produce(broker, topic, 0, "none", 1, "h", size=1048588)
    assert CONFLUENT.produce(broker, topic, 0, "none", 1, "h", size=1048000) == [0]
