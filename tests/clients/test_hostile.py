"""What a broken or malicious client sends: a clear answer or a closed connection, nobody else
disturbed, and memory bounded."""

import random
import struct
import time

import pytest

import broker as broker_under_test
from clients import CONFLUENT
from wire import (API_VERSIONS, Closed, Connection, FETCH, METADATA, PRODUCE, Reader,
                  UNSUPPORTED_VERSION, Writer, batch, produce_body)
import wire

MOLDAU = broker_under_test.KIND == "moldau"


@pytest.fixture(autouse=True)
def undisturbed(broker):
    """A client that was there before carries on, and new ones are served."""
    with Connection(broker) as there:
        there.call(API_VERSIONS, 0)
        yield
        there.call(API_VERSIONS, 0)
    with Connection(broker) as later:
        later.call(API_VERSIONS, 0)


@pytest.fixture
def connection(broker):
    with Connection(broker) as one:
        yield one


# ---- Requests that are well-formed and unknown ----

@pytest.mark.parametrize("api", [999, -1, 32767, 4])
def test_an_unknown_api_closes_the_connection(connection, api):
    connection.send(api, 0)
    assert connection.is_closed()


@pytest.mark.parametrize("api,version", [(METADATA, 99), (PRODUCE, 50), (FETCH, -1)])
def test_an_unknown_version_closes_the_connection(connection, api, version):
    connection.send(api, version, Writer().i32(0))
    assert connection.is_closed()


@pytest.mark.parametrize("version", [6, 99, 32767])
def test_an_unknown_version_of_api_versions_is_answered_in_version_0(connection, version):
    """KIP-511: the client learns what there is, and asks again on the same connection."""
    body = Writer().compact_string("x").compact_string("1").unsigned_varint(0)
    reader = connection.call(API_VERSIONS, version, body, flexible=True)
    assert reader.i16() == UNSUPPORTED_VERSION
    entries = reader.array(lambda r: (r.i16(), r.i16(), r.i16()))
    reader.done()
    assert [entry for entry in entries if entry[0] == API_VERSIONS]
    assert wire.api_versions(connection)


def test_api_versions_wants_a_client_name_and_version_that_make_sense(connection):
    body = Writer().compact_string("bad name!").compact_string("").unsigned_varint(0)
    reader = connection.call(API_VERSIONS, 3, body, flexible=True)
    assert reader.i16() == 42  # INVALID_REQUEST


# ---- Frames that lie ----

def test_a_frame_that_is_cut_off_leaves_nobody_waiting(connection):
    connection.send_raw(struct.pack(">i", 100) + b"\0\x12\0\0")
    connection.socket.shutdown(1)
    assert connection.is_closed()


@pytest.mark.parametrize("size", [2**31 - 1, 2_000_000_000, 200_000_000])
def test_a_frame_that_claims_too_much_closes_the_connection(connection, size):
    connection.send_raw(struct.pack(">i", size) + b"\0\x12\0\0")
    assert connection.is_closed()


@pytest.mark.parametrize("size", [-1, -(2**31)])
def test_a_negative_size_closes_the_connection(connection, size):
    connection.send_raw(struct.pack(">i", size) + b"\0" * 16)
    assert connection.is_closed()


@pytest.mark.parametrize("size", range(0, 8))
def test_a_frame_too_short_for_a_header_closes_the_connection(connection, size):
    connection.send_frame(b"\0" * size)
    assert connection.is_closed()


def test_bytes_after_the_end_of_a_request_are_ignored(connection):
    """librdkafka 2.16 writes three of them behind a Metadata request."""
    reader = connection.call(METADATA, 1, Writer().i32(0).raw(b"surplus"))
    assert reader.i32() == 1  # one broker


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_request_cut_short_closes_the_connection(connection, topic, cut):
    body = produce_body({topic: {0: batch([b"x" * 10])}}, 3).data
    connection.send(PRODUCE, 3, body[:-cut - len(batch([b"x" * 10]))])
    assert connection.is_closed()


@pytest.mark.parametrize("count", [2**31 - 1, 100_000_000])
def test_an_array_that_claims_too_much_closes_the_connection(broker, connection, count):
    before = broker.rss_kib()
    connection.send(METADATA, 1, Writer().i32(count))
    assert connection.is_closed()
    assert broker.rss_kib() - before < 64 * 1024


def test_a_string_that_claims_too_much_closes_the_connection(connection):
    connection.send(METADATA, 1, Writer().i32(1).i16(32767).raw(b"abc"))
    assert connection.is_closed()


def test_a_client_id_that_claims_too_much_closes_the_connection(connection):
    connection.send_frame(Writer().i16(API_VERSIONS).i16(0).i32(1).i16(30000).raw(b"abc").data)
    assert connection.is_closed()


def test_another_protocol_closes_the_connection(connection):
    connection.send_raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.is_closed()


def test_a_tls_hello_closes_the_connection(connection):
    connection.send_raw(bytes.fromhex("16030100c8010000c40303") + b"\x5a" * 300)
    assert connection.is_closed()


def test_random_bytes_hurt_nobody(broker):
    dice = random.Random(20)
    for _ in range(150):
        with Connection(broker) as one:
            try:
                if dice.random() < 0.5:
                    one.send_raw(dice.randbytes(dice.randrange(1, 2000)))
                else:
                    # The header is right and the rest is not.
                    one.send(dice.randrange(0, 70), dice.randrange(0, 14),
                             dice.randbytes(dice.randrange(0, 300)),
                             flexible=dice.random() < 0.5)
                    one.receive(0.02)
            except (Closed, TimeoutError, OSError):
                pass


def test_damaged_requests_hurt_nobody(broker, topic):
    dice = random.Random(21)
    sound = bytes(produce_body({topic: {0: batch([b"x" * 50, b"y" * 50])}}, 3).data)
    for _ in range(200):
        damaged = bytearray(sound)
        for _ in range(dice.randrange(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with Connection(broker) as one:
            try:
                one.send(PRODUCE, 3, damaged)
                one.receive(0.02)
            except (Closed, TimeoutError, OSError):
                pass


@pytest.mark.parametrize("codec", [1, 2, 3, 4])
def test_a_batch_that_does_not_decompress_is_refused_or_kept_as_it_is(broker, connection, topic,
                                                                      codec):
    """Whichever it is, the broker survives old clients' asking for it in their own format."""
    CONFLUENT.produce(broker, topic, 0, "none", 1, "before")
    records = bytearray(batch([b"not compressed at all"]))
    records[21:23] = struct.pack(">h", codec)
    records[17:21] = struct.pack(">I", wire.crc32c(records[21:]))
    reader = connection.call(PRODUCE, 3, produce_body({topic: {0: bytes(records)}}, 3))
    error, _ = wire.read_produce(reader, 3)[topic, 0]
    if MOLDAU:
        answer = wire.Fetched(connection.call(
            FETCH, 0, wire.fetch_body({topic: {0: (0, 10000)}}, 0)), 0)
        assert answer.partitions[topic, 0].error in (0, 2, 87)
        assert error in (0, 2, 76, 87)
    assert error in (-1, 0, 2, 76, 87)


def test_a_compressed_bomb_is_bounded(broker, connection, topic):
    """A megabyte of gzip that unfolds to a gigabyte, asked for in a format that must unfold it."""
    if not MOLDAU:
        pytest.skip("costs Apache Kafka its heap")
    import gzip
    CONFLUENT.produce(broker, topic, 0, "none", 1, "before")
    inner = wire.message(None, b"\0" * 60_000_000, magic=1)
    bomb = wire.message(None, gzip.compress(inner * 8, 6), magic=1, attributes=1)
    del inner
    before = broker.rss_kib()
    reader = connection.call(PRODUCE, 2, produce_body({topic: {0: bomb}}, 2))
    error, _ = wire.read_produce(reader, 2)[topic, 0]
    assert error != 0
    assert broker.rss_kib() - before < 256 * 1024


# ---- Clients that take their time, and many at once ----

def test_slow_senders_hold_up_nobody(broker, topic):
    if not MOLDAU:
        pytest.skip("Apache Kafka sets aside what each of them claims, and runs out of heap")
    slow = []
    try:
        for number in range(60):
            one = Connection(broker)
            one.send_raw(struct.pack(">i", 50_000_000))
            slow.append(one)
            one.send_raw(b"\0\0\0\3" + bytes([number]))
        before = broker.rss_kib()
        for _ in range(5):
            for one in slow:
                one.send_raw(b"\0")
        assert CONFLUENT.produce(broker, topic, 0, "none", 10, "past") == list(range(10))
        # What is claimed is not set aside before it arrives: 60 times 50 MB would be 3 GB.
        assert broker.rss_kib() < 512 * 1024
        assert broker.rss_kib() - before < 256 * 1024
    finally:
        for one in slow:
            one.close()


def test_a_client_that_reads_nothing_is_not_buffered_without_end(broker, topic):
    CONFLUENT.produce(broker, topic, 0, "none", 10, "big", size=900_000)
    before = broker.rss_kib()
    with Connection(broker) as deaf:
        body = wire.fetch_body({topic: {0: (0, 10_000_000)}}, 4, max_bytes=10_000_000)
        deaf.socket.settimeout(2)
        try:
            for _ in range(300):
                deaf.send(FETCH, 4, body)
        except (TimeoutError, OSError):
            pass
        time.sleep(1)
        assert CONFLUENT.produce(broker, topic, 0, "none", 1, "past") == [10]
        # 300 answers of 9 MB each would be 2.7 GB.
        assert broker.rss_kib() - before < 400 * 1024


def test_many_connections_come_and_go(broker):
    open_ones = [Connection(broker) for _ in range(300)]
    for one in open_ones:
        one.send(API_VERSIONS, 0)
    for one in open_ones:
        one.receive()
    for one in open_ones:
        one.close()
    for _ in range(300):
        Connection(broker).close()


def test_memory_is_bounded_after_all_this(broker):
    time.sleep(1)
    rss = broker.rss_kib() / 1024
    print(f"resident after hostile clients: {rss:.0f} MiB")
    if MOLDAU:
        assert rss < 512
