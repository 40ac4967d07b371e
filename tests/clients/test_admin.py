"""What admin clients do, and what simple consumers keep without a group."""

import time

import pytest

import broker as broker_under_test
from clients import (ClientError, CONFLUENT, FRANZ_GO, JAVA_NEW, JAVA_OLD, KAFKA_NODE, KAFKA_PYTHON,
                     KAFKA_PYTHON_OLD, KAFKAJS, KCAT, NO_KAFKA, PLATFORMATIC, RDKAFKA_JS)
import wire

MOLDAU = broker_under_test.KIND == "moldau"
OLD_SERVED = broker_under_test.KIND != "apache-new"
OLD = (KAFKA_NODE,) if OLD_SERVED else ()
WITH_ADMIN = (JAVA_NEW, JAVA_OLD, KAFKA_PYTHON, KAFKA_PYTHON_OLD, KAFKAJS, PLATFORMATIC, *OLD)
# Those that alter, truncate and describe, too.
FULL_ADMIN = (JAVA_NEW, JAVA_OLD, KAFKA_PYTHON, KAFKAJS)
WITH_OFFSETS = (JAVA_NEW, JAVA_OLD, KAFKA_PYTHON, KAFKA_PYTHON_OLD, CONFLUENT, RDKAFKA_JS, KAFKAJS,
                KCAT, *((KAFKA_NODE, NO_KAFKA) if OLD_SERVED else ()))


def admin(client, broker, *words):
    return client.run("admin", broker.bootstrap, *words)


def partitions(client, broker, topic, expected):
    """The number of partitions that a client sees; waits while a real cluster spreads the word."""
    deadline = time.monotonic() + (1 if MOLDAU else 15)
    while True:
        found = admin(client, broker, "topics")[0]["topics"].get(topic)
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@pytest.mark.parametrize("client", WITH_ADMIN, ids=str)
def test_creates_topics(broker, topic, client):
    admin(client, broker, "create", topic, 3, "retention.ms=3600000")
    assert partitions(client, broker, topic, 3) == 3
    assert partitions(JAVA_NEW, broker, topic, 3) == 3
    found, = admin(JAVA_NEW, broker, "config", topic, "retention.ms")
    assert found == {"name": "retention.ms", "value": "3600000", "source": "DYNAMIC_TOPIC_CONFIG"}
    assert CONFLUENT.produce(broker, topic, 2, "none", 1, "used") == [0]


@pytest.mark.parametrize("client", WITH_ADMIN, ids=str)
def test_a_topic_is_created_once(broker, topic, client):
    admin(client, broker, "create", topic, 1)
    with pytest.raises(ClientError, match="(?i)already.?exists"):
        admin(client, broker, "create", topic, 1)


@pytest.mark.parametrize("client", [one for one in WITH_ADMIN if one is not KAFKA_NODE], ids=str)
def test_deletes_topics(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 2)
    assert partitions(client, broker, topic, 2) == 2
    CONFLUENT.produce(broker, topic, 1, "none", 5, "old")
    admin(client, broker, "delete", topic)
    assert partitions(client, broker, topic, None) is None
    # A topic of the same name starts anew.
    admin(JAVA_NEW, broker, "create", topic, 2)
    assert CONFLUENT.produce(broker, topic, 1, "none", 1, "new") == [0]


@pytest.mark.parametrize("client", FULL_ADMIN + (KAFKA_PYTHON_OLD,), ids=str)
def test_adds_partitions(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 2)
    assert partitions(client, broker, topic, 2) == 2
    admin(client, broker, "partitions", topic, 4)
    assert partitions(JAVA_NEW, broker, topic, 4) == 4
    assert CONFLUENT.produce(broker, topic, 3, "none", 1, "there") == [0]
    if client is not KAFKA_PYTHON_OLD:
        with pytest.raises(ClientError):
            admin(client, broker, "partitions", topic, 3)


@pytest.mark.parametrize("client", FULL_ADMIN + (KAFKA_PYTHON_OLD,) + OLD, ids=str)
def test_describes_settings(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 1, "retention.ms=7200000")
    partitions(JAVA_NEW, broker, topic, 1)
    found = [one["value"] for one in admin(client, broker, "config", topic, "retention.ms")
             if one["name"] == "retention.ms"]
    assert found == ["7200000"]


@pytest.mark.parametrize("client", FULL_ADMIN, ids=str)
def test_alters_settings(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 1)
    partitions(JAVA_NEW, broker, topic, 1)
    admin(client, broker, "alter", topic, "max.message.bytes=4000")
    deadline = time.monotonic() + (0 if MOLDAU else 5)
    while True:
        found, = admin(JAVA_NEW, broker, "config", topic, "max.message.bytes")
        if found["value"] == "4000" or time.monotonic() >= deadline:
            break
    assert (found["value"], found["source"]) == ("4000", "DYNAMIC_TOPIC_CONFIG")
    with pytest.raises(ClientError):
        CONFLUENT.produce(broker, topic, 0, "none", 1, "large", size=5000)
    with pytest.raises(ClientError):
        admin(client, broker, "alter", topic, "max.message.bytes=many")


def test_a_setting_goes_back_to_its_default(broker, topic):
    admin(JAVA_NEW, broker, "create", topic, 1, "max.message.bytes=4000")
    admin(JAVA_NEW, broker, "alter", topic, "max.message.bytes=")
    time.sleep(0 if MOLDAU else 1)
    found, = admin(JAVA_NEW, broker, "config", topic, "max.message.bytes")
    assert found["value"] == "1048588" and found["source"] == "DEFAULT_CONFIG"


@pytest.mark.parametrize("name,value", [
    ("cleanup.policy", "delete"), ("compression.type", "producer"), ("retention.ms", "604800000"),
    ("segment.bytes", "1073741824"), ("min.insync.replicas", "1"), ("flush.messages", "1"),
    ("message.timestamp.type", "CreateTime"), ("index.interval.bytes", "4096")])
def test_defaults_are_kafkas(broker, topic, name, value):
    admin(JAVA_NEW, broker, "create", topic, 1)
    partitions(JAVA_NEW, broker, topic, 1)
    found, = admin(JAVA_NEW, broker, "config", topic, name)
    assert found["value"] == value


@pytest.mark.parametrize("name", ["num.partitions", "delete.topic.enable", "log.dirs", "node.id",
                                  "auto.create.topics.enable", "message.max.bytes"])
def test_broker_settings_are_described(broker, name):
    found, = admin(JAVA_NEW, broker, "broker-config", 1, name)
    assert found["value"]


@pytest.mark.parametrize("client", FULL_ADMIN, ids=str)
def test_deletes_records(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 1)
    CONFLUENT.produce(broker, topic, 0, "none", 10, "m")
    admin(client, broker, "truncate", topic, 0, 4)
    assert JAVA_NEW.run("offset", broker.bootstrap, topic, 0, -2) == [{"offset": 4}]
    found = CONFLUENT.consume(broker, topic, 0, 4, 6)
    assert [one["value"] for one in found] == [f"m-{number}" for number in range(4, 10)]
    with wire.Connection(broker) as connection:
        body = wire.fetch_body({topic: {0: (3, 1000)}}, 4)
        answer = wire.Fetched(connection.call(wire.FETCH, 4, body), 4)
        assert answer.partitions[topic, 0].error == wire.OFFSET_OUT_OF_RANGE


@pytest.mark.parametrize("client", FULL_ADMIN, ids=str)
def test_describes_the_cluster(broker, client):
    found, = admin(client, broker, "cluster")
    assert (found["controller"], found["brokers"]) == (1, [1])
    assert found["cluster"] == admin(JAVA_NEW, broker, "cluster")[0]["cluster"]


@pytest.mark.parametrize("client", [JAVA_NEW, JAVA_OLD], ids=str)
def test_describes_log_folders(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 2)
    CONFLUENT.produce(broker, topic, 1, "none", 10, "m", size=1000)
    found, = admin(client, broker, "log-dirs", 1, topic)
    assert set(found["sizes"]) == {"0", "1"}
    assert found["sizes"]["0"] == 0
    assert 10_000 < found["sizes"]["1"] < 12_000


# ---- Offsets ----

@pytest.mark.parametrize("client", WITH_OFFSETS, ids=str)
def test_finds_offsets(broker, topic, client):
    """By both ends and by time: the first record at or after it, -1 or the end past the last."""
    admin(JAVA_NEW, broker, "create", topic, 1)
    times = []
    for batch in range(3):
        CONFLUENT.produce(broker, topic, 0, "none", 5, f"b{batch}")
        times.append(CONFLUENT.consume(broker, topic, 0, batch * 5, 1)[0]["timestamp"])
        time.sleep(0.02)

    def offset(at):
        return client.run("offset", broker.bootstrap, topic, 0, at)[0]["offset"]

    assert (offset(-2), offset(-1)) == (0, 15)
    if client in (KAFKA_NODE, NO_KAFKA):
        return  # version 0 knows segments, not records
    assert offset(times[0]) == 0
    assert offset(times[1]) == 5
    assert offset(times[2] - 1) in (10, 9, 8, 7, 6)
    assert offset(times[2]) == 10
    assert offset(times[2] + 600_000) in (-1, 15)


@pytest.mark.parametrize("client", [JAVA_NEW, JAVA_OLD], ids=str)
def test_lists_offsets_with_their_times(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 1)
    CONFLUENT.produce(broker, topic, 0, "zstd", 5, "m")
    stamp = CONFLUENT.consume(broker, topic, 0, 3, 1)[0]["timestamp"]
    first = CONFLUENT.consume(broker, topic, 0, 0, 1)[0]["timestamp"]
    found, = admin(client, broker, "offsets", topic, 0, first)
    assert found == {"offset": 0, "timestamp": first}
    found, = admin(client, broker, "offsets", topic, 0, stamp)
    assert found["timestamp"] == stamp
    assert admin(client, broker, "offsets", topic, 0, -1)[0]["offset"] == 5


COMMITTERS = (JAVA_NEW, JAVA_OLD, KAFKA_PYTHON, KAFKA_PYTHON_OLD, CONFLUENT, RDKAFKA_JS,
              *((KAFKA_NODE, NO_KAFKA) if MOLDAU else ()))


@pytest.mark.parametrize("client", COMMITTERS, ids=str)
def test_simple_consumers_commit_without_a_group(broker, topic, client):
    """Each reads what each other one has committed."""
    admin(JAVA_NEW, broker, "create", topic, 2)
    group = f"simple-{client}"
    for reader in COMMITTERS:
        assert reader.run("committed", broker.bootstrap, group, topic, 1) == [{"offset": None}]
    for at in (3, 12, 5):
        client.run("commit", broker.bootstrap, group, topic, 1, at)
    for reader in (*COMMITTERS, KAFKAJS):
        assert reader.run("committed", broker.bootstrap, group, topic, 1) == [{"offset": 5}], reader
    assert CONFLUENT.run("committed", broker.bootstrap, group, topic, 0) == [{"offset": None}]


def test_kcat_lists_what_there_is(broker, topic):
    admin(JAVA_NEW, broker, "create", topic, 6)
    partitions(JAVA_NEW, broker, topic, 6)
    found, = KCAT.run("topics", broker.bootstrap)
    assert found["topics"][topic] == 6


# ---- Producers' options ----

IDEMPOTENT = (JAVA_NEW, JAVA_OLD, CONFLUENT, RDKAFKA_JS, FRANZ_GO, KAFKAJS, KAFKA_PYTHON,
              PLATFORMATIC, KCAT)


@pytest.mark.parametrize("client", IDEMPOTENT, ids=str)
def test_idempotent_producers(broker, topic, client):
    admin(JAVA_NEW, broker, "create", topic, 1)
    first = client.produce(broker, topic, 0, "none", 30, "a", idempotence="true", acks="all")
    second = client.produce(broker, topic, 0, "gzip", 30, "b", idempotence="true", acks="all")
    assert first + second == list(range(60))
    found = CONFLUENT.consume(broker, topic, 0, 0, 60)
    assert [one["value"] for one in found] == [f"{half}-{n}" for half in "ab" for n in range(30)]


@pytest.mark.parametrize("acks", ["0", "1", "all"])
@pytest.mark.parametrize("client", (JAVA_NEW, JAVA_OLD, CONFLUENT, RDKAFKA_JS, FRANZ_GO, KAFKAJS,
                                    KAFKA_PYTHON, KAFKA_PYTHON_OLD, PLATFORMATIC, KCAT,
                                    *((KAFKA_NODE, NO_KAFKA) if OLD_SERVED else ())), ids=str)
def test_acks(broker, topic, client, acks):
    admin(JAVA_NEW, broker, "create", topic, 1)
    told = client.produce(broker, topic, 0, "none", 7, "m", acks=acks)
    assert told == ([] if acks == "0" else list(range(7)))
    found = CONFLUENT.consume(broker, topic, 0, 0, 7)
    assert [one["value"] for one in found] == [f"m-{number}" for number in range(7)]


@pytest.mark.parametrize("client", (JAVA_NEW, JAVA_OLD, CONFLUENT, RDKAFKA_JS, FRANZ_GO, KAFKAJS,
                                    KAFKA_PYTHON, KAFKA_PYTHON_OLD, PLATFORMATIC, KCAT,
                                    *((KAFKA_NODE, NO_KAFKA) if MOLDAU else ())), ids=str)
def test_producers_make_topics_by_naming_them(broker, topic, client):
    if client is KCAT:
        # It asks for the end of the partition first, which makes no topic.
        CONFLUENT.produce(broker, topic, 0, "none", 1, "made")
    client.produce(broker, topic, 0, "none", 3, "m")
    found = CONFLUENT.consume(broker, topic, 0, 0, 3)
    assert found[-1]["value"] == ("m-1" if client is KCAT else "m-2")


def test_topics_are_not_made_where_that_is_switched_off(start_broker):
    broker = start_broker(auto_create_topics_enable="false")
    with wire.Connection(broker) as connection:
        version = 4
        body = wire.Writer().i32(1).string("unmade").i8(1)
        reader = connection.call(wire.METADATA, version, body)
        assert b"unmade" in reader.data
    with pytest.raises(ClientError):
        KAFKAJS.produce(broker, "unmade", 0, "none", 1, "m")
    assert "unmade" not in admin(JAVA_NEW, broker, "topics")[0]["topics"]


def test_new_topics_have_as_many_partitions_as_are_set(start_broker):
    broker = start_broker(num_partitions="4")
    CONFLUENT.produce(broker, "made", 3, "none", 1, "m")
    assert partitions(JAVA_NEW, broker, "made", 4) == 4
