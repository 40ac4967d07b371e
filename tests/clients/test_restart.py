"""What is acknowledged outlives kill -9 and an ordinary restart, whatever it is."""

import time

import pytest

import broker as broker_under_test
from clients import (CONFLUENT, JAVA_NEW, JAVA_OLD, KAFKA_NODE, KAFKA_PYTHON, KAFKA_PYTHON_OLD,
                     KAFKAJS, NO_KAFKA, RDKAFKA_JS)
import wire

MOLDAU = broker_under_test.KIND == "moldau"
OLD_SERVED = broker_under_test.KIND != "apache-new"
# kafka-node and no-kafka commit with version 0, which KRaft Kafka refuses.
COMMITTERS = (CONFLUENT, JAVA_NEW, JAVA_OLD, KAFKA_PYTHON, KAFKA_PYTHON_OLD, RDKAFKA_JS,
              *((KAFKA_NODE, NO_KAFKA) if MOLDAU else ()))
COMMITTED = (*COMMITTERS, KAFKAJS)


@pytest.fixture(params=["killed", "stopped"])
def again(request, start_broker):
    """Starts a broker, and again after it was killed or stopped."""
    broker = start_broker()

    def restart():
        if request.param == "killed":
            broker.kill()
        else:
            assert broker.stop() in (0, 143)
        broker.start()

    broker.again = restart
    return broker


def admin(broker, *words, client=JAVA_NEW):
    return client.run("admin", broker.bootstrap, *words)


def offset(broker, topic, at, client=JAVA_NEW):
    return client.run("offset", broker.bootstrap, topic, 0, at)[0]["offset"]


def test_everything_acknowledged_is_there_afterwards(again):
    broker = again
    admin(broker, "create", "kept", 3, "retention.ms=12345678", "cleanup.policy=delete")
    admin(broker, "create", "gone", 1)
    admin(broker, "create", "grown", 1)
    CONFLUENT.produce(broker, "kept", 0, "none", 50, "plain")
    JAVA_NEW.produce(broker, "kept", 0, "zstd", 50, "packed", idempotence="true")
    for client in COMMITTERS:
        client.run("commit", broker.bootstrap, f"group-{client}", "kept", 0, 7)
    admin(broker, "truncate", "kept", 0, 20)
    admin(broker, "partitions", "grown", 5)
    admin(broker, "alter", "grown", "max.message.bytes=77777")
    cluster = admin(broker, "cluster")
    admin(broker, "delete", "gone")

    broker.again()

    topics = admin(broker, "topics")[0]["topics"]
    assert (topics["kept"], topics["grown"], "gone" in topics) == (3, 5, False)
    assert admin(broker, "config", "kept", "retention.ms")[0]["value"] == "12345678"
    assert admin(broker, "config", "grown", "max.message.bytes")[0]["value"] == "77777"
    assert admin(broker, "cluster") == cluster
    assert offset(broker, "kept", -1) == 100
    # Kafka writes down where a log starts once a minute.
    assert offset(broker, "kept", -2) == 20 or not MOLDAU
    found = CONFLUENT.consume(broker, "kept", 0, 20, 80)
    assert [one["value"] for one in found] == [
        *[f"plain-{number}" for number in range(20, 50)],
        *[f"packed-{number}" for number in range(50)]]
    for client in COMMITTERS:
        for reader in COMMITTED:
            read, = reader.run("committed", broker.bootstrap, f"group-{client}", "kept", 0)
            assert read == {"offset": 7}, f"{reader} reads what {client} committed"
    assert CONFLUENT.produce(broker, "kept", 0, "none", 1, "next") == [100]


def test_a_topic_made_by_naming_it_is_there_afterwards(again):
    broker = again
    assert CONFLUENT.produce(broker, "named", 0, "none", 1, "first") == [0]
    broker.again()
    assert CONFLUENT.produce(broker, "named", 0, "none", 1, "second") == [1]
    assert [one["value"] for one in CONFLUENT.consume(broker, "named", 0, 0, 2)] == [
        "first-0", "second-0"]


def test_a_batch_sent_again_after_a_restart_is_written_once(again):
    broker = again
    admin(broker, "create", "once", 1)
    with wire.Connection(broker) as connection:
        number, _ = wire.producer_id(connection)
        # A producer that has been away for a day is forgotten, so the records are of today.
        now = int(time.time() * 1000)
        sent = [wire.batch([b"%d" % i], number, 0, i, now) for i in range(6)]
        for i, batch in enumerate(sent):
            assert produce(connection, batch) == (0, i)

    broker.again()

    with wire.Connection(broker) as connection:
        assert produce(connection, sent[5]) == (0, 5)
        assert produce(connection, wire.batch([b"late"], number, 0, 9, now))[0] == \
            wire.OUT_OF_ORDER_SEQUENCE
        assert produce(connection, wire.batch([b"6"], number, 0, 6, now)) == (0, 6)
        assert wire.producer_id(connection)[0] != number
    assert offset(broker, "once", -1) == 7


def produce(connection, batch):
    reader = connection.call(wire.PRODUCE, 3,
                             wire.produce_body({"once": {0: batch}}, 3, acks=-1))
    return wire.read_produce(reader, 3)["once", 0]


def test_a_simple_consumer_goes_on_where_it_stopped(again):
    """kafka-node's Consumer with its own commits, as the tutorial has it."""
    if not MOLDAU:
        pytest.skip("KRaft Kafka refuses version 0 of the offset requests")
    broker = again
    admin(broker, "create", "followed", 1)
    KAFKA_NODE.produce(broker, "followed", 0, "none", 10, "m")
    first = KAFKA_NODE.run("follow", broker.bootstrap, "followers", "followed", 0, 10)
    assert [one["offset"] for one in first] == list(range(10))
    broker.again()
    KAFKA_NODE.produce(broker, "followed", 0, "none", 3, "n")
    rest = KAFKA_NODE.run("follow", broker.bootstrap, "followers", "followed", 0, 3)
    assert [one["value"] for one in rest] == ["n-0", "n-1", "n-2"]




def test_epochs_end_at_once_where_they_ended(again):
    """A consumer that comes back asks where the epoch that it read in ended. Less than what it has
    read means to it that records were lost, and it begins anew (KIP-320)."""
    broker, topic, partitions = again, "many-ends", 40
    admin(broker, "create", topic, partitions)
    for partition in range(partitions):
        CONFLUENT.produce(broker, topic, partition, "none", 5, "read")
    wanted = [(topic, [(partition, 0) for partition in range(partitions)])]
    body = wire.Writer().array(wanted, lambda writer, one: writer.string(one[0]).array(
        one[1], lambda inner, pair: inner.i32(pair[0]).i32(pair[1])))
    broker.again()
    offset_for_leader_epoch = 23
    with wire.Connection(broker) as connection:
        reader = connection.call(offset_for_leader_epoch, 0, body)
    answers = reader.array(lambda one: (one.string(), one.array(
        lambda inner: (inner.i16(), inner.i32(), inner.i64()))))
    assert answers == [(topic, [(wire.NONE, partition, 5) for partition in range(partitions)])]
