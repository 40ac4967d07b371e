"""What old clients depend on, byte by byte: chiefly kafka-node, which hangs, loses its place or
gives up where a newer client would shrug."""

import struct
import time

import pytest

import broker as broker_under_test
import wire
from wire import Connection, Fetched, Writer

MOLDAU = broker_under_test.KIND == "moldau"
if broker_under_test.KIND == "apache-new":
    pytest.skip("Apache Kafka 4 dropped these versions", allow_module_level=True)


@pytest.fixture
def connection(broker):
    with Connection(broker) as one:
        yield one


@pytest.fixture
def made(connection, topic):
    """A topic of one partition, made by naming it."""
    error, partitions = wire.metadata(connection, [topic]).topics[topic]
    deadline = time.monotonic() + 10
    while (error or partitions[0][0]) and not MOLDAU and time.monotonic() < deadline:
        time.sleep(0.1)
        error, partitions = wire.metadata(connection, [topic]).topics[topic]
    assert error == 0 and partitions[0][:2] == (0, 0)
    return topic


def produce(connection, topic, records, version=2, acks=-1):
    """Consumers see what is durable, which acks=1 does not wait for."""
    reader = connection.call(wire.PRODUCE, version,
                             wire.produce_body({topic: {0: records}}, version, acks))
    return wire.read_produce(reader, version)[topic, 0]


def fetch(connection, topic, offset=0, version=0, limit=1 << 20, **settings):
    body = wire.fetch_body({topic: {0: (offset, limit)}}, version, **settings)
    answer = Fetched(connection.call(wire.FETCH, version, body), version)
    return answer.partitions[topic, 0]


# ---- Versions and connections ----

def test_api_versions_is_answered_at_once(broker):
    with Connection(broker) as fresh:
        began = time.monotonic()
        wire.api_versions(fresh)
        assert time.monotonic() - began < 0.4


def test_everything_is_served_from_version_0(connection):
    found = wire.api_versions(connection)
    for api in (wire.PRODUCE, wire.FETCH, wire.LIST_OFFSETS, wire.METADATA, wire.OFFSET_COMMIT,
                wire.OFFSET_FETCH, wire.FIND_COORDINATOR, wire.API_VERSIONS, wire.CREATE_TOPICS,
                wire.DESCRIBE_CONFIGS):
        if MOLDAU or api not in (wire.DESCRIBE_CONFIGS,):
            assert found[api][0] == 0, api
    if MOLDAU:
        assert all(lowest == 0 for lowest, _ in found.values())
        assert found[wire.PRODUCE][1] >= 13 and found[wire.FETCH][1] >= 17


def test_correlation_ids_are_echoed_and_mean_nothing(connection):
    for correlation in (7, 7, 0, -1, 2**31 - 1, -(2**31), 3):
        connection.send(wire.API_VERSIONS, 0, correlation=correlation)
        assert connection.receive()[0] == correlation


def test_pipelined_requests_are_answered_in_order(connection, made):
    waiting = wire.fetch_body({made: {0: (0, 1000)}}, 0, max_wait_ms=300)
    sent = [connection.send(wire.FETCH, 0, waiting)]
    for _ in range(50):
        sent.append(connection.send(wire.API_VERSIONS, 0))
        sent.append(connection.send(wire.METADATA, 1, Writer().i32(-1)))
    assert [connection.receive()[0] for _ in sent] == sent


def test_a_request_in_many_small_pieces_is_answered(connection):
    frame = bytes(Writer().i16(wire.API_VERSIONS).i16(0).i32(5).string("slow").data)
    for byte in struct.pack(">i", len(frame)) + frame:
        connection.send_raw(bytes([byte]))
    assert connection.receive()[0] == 5


def test_bytes_after_a_request_are_ignored(connection):
    """librdkafka sends three too many when it asks for all topics (2.16, Metadata v13)."""
    body = Writer().compact_array(None, None).i8(0).i8(0).tags().raw(b"\0\0\0")
    connection.call(wire.METADATA, 12, body, flexible=True)
    assert wire.metadata(connection, []).brokers


def test_a_null_client_id_is_fine(connection):
    connection.call(wire.API_VERSIONS, 0, client=None)


# ---- Metadata ----

def test_metadata_creates_topics_and_names_their_leaders_at_once(connection, topic):
    answer = wire.metadata(connection, [topic])
    error, partitions = answer.topics[topic]
    if MOLDAU:
        assert (error, len(partitions)) == (0, 1)
        assert partitions[0] == (0, 0, answer.controller, [1], [1])


def test_metadata_0_creates_topics_too(connection, topic):
    answer = wire.metadata(connection, [topic], version=0)
    if MOLDAU:
        error, partitions = answer.topics[topic]
        assert error == 0 and partitions[0][:3] == (0, 0, 1)


def test_the_controller_is_among_the_brokers(broker, connection):
    answer = wire.metadata(connection, [])
    assert answer.controller in answer.brokers
    assert answer.brokers[answer.controller] == ("127.0.0.1", broker.port)


def test_metadata_names_all_topics_for_null_and_for_an_empty_list_of_version_0(connection, made):
    assert made in wire.metadata(connection, None, version=1).topics
    assert made in wire.metadata(connection, [], version=0).topics
    assert wire.metadata(connection, [], version=1).topics == {}


@pytest.mark.parametrize("name", [None, ""])
def test_topics_are_found_by_their_ids(connection, made, name):
    """The Java client asks so for what its group was assigned, with an empty name."""
    def ask(topic, topic_id):
        body = Writer().compact_array([topic], lambda w, one: w.raw(topic_id).compact_string(one)
                                      .tags()).i8(0).i8(0).tags()
        reader = connection.call(wire.METADATA, 12, body, flexible=True)
        reader.tags()
        reader.i32()
        reader.compact_array(lambda r: (r.i32(), r.compact_string(), r.i32(), r.compact_string(),
                                        r.tags()))
        reader.compact_string()
        reader.i32()
        assert reader.unsigned_varint() == 2
        return reader.i16(), reader.compact_string(), reader.raw(16)

    error, found, topic_id = ask(made, bytes(16))
    assert (error, found) == (wire.NONE, made) and topic_id != bytes(16)
    assert ask(name, topic_id) == (wire.NONE, made, topic_id)
    unknown = bytes(range(16))
    assert ask(name, unknown)[::2] == (wire.UNKNOWN_TOPIC_ID, unknown)


@pytest.mark.parametrize("name", ["a/b", "", ".", "..", "x" * 250])
def test_a_topic_with_an_error_has_no_partitions(connection, name):
    error, partitions = wire.metadata(connection, [name]).topics[name]
    assert (error, partitions) == (wire.INVALID_TOPIC, [])


# ---- Every topic and partition that is asked for is answered for ----

def test_produce_answers_for_unknown_partitions(connection, made):
    records = wire.message_set([b"x"])
    asked = {made: {0: records, 7: records}, "no-such-topic": {0: records, 3: records}}
    reader = connection.call(wire.PRODUCE, 2, wire.produce_body(asked, 2))
    found = wire.read_produce(reader, 2)
    assert found[made, 0] == (0, 0)
    unknown = (wire.UNKNOWN_TOPIC_OR_PARTITION, -1)
    assert [found[made, 7], found["no-such-topic", 0], found["no-such-topic", 3]] == [unknown] * 3


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4, 6, 7, 8])
def test_fetch_answers_for_unknown_partitions_with_no_records(connection, made, version):
    asked = {made: {0: (0, 1000), 9: (0, 1000)}, "no-such-topic": {0: (0, 1000)}}
    answer = Fetched(connection.call(wire.FETCH, version, wire.fetch_body(asked, version)), version)
    assert answer.partitions[made, 0].error == 0
    for where in ((made, 9), ("no-such-topic", 0)):
        assert answer.partitions[where].error == wire.UNKNOWN_TOPIC_OR_PARTITION
        assert answer.partitions[where].size == 0


def test_fetch_outside_the_log_has_no_records_either(connection, made):
    found = fetch(connection, made, offset=99)
    assert (found.error, found.size) == (wire.OFFSET_OUT_OF_RANGE, 0)


def test_list_offsets_answers_for_unknown_partitions_with_an_offset(connection, made):
    produce(connection, made, wire.message_set([b"a", b"b"]))
    body = Writer().i32(-1).array([("no-such-topic", [0]), (made, [8, 0])], lambda w, topic: w.string(
        topic[0]).array(topic[1], lambda v, partition: v.i32(partition).i64(-1).i32(1)))
    reader = connection.call(wire.LIST_OFFSETS, 0, body)
    found = {}
    for topic, partitions in wire.read_partitions(
            reader, lambda r: (r.i32(), r.i16(), r.array(lambda s: s.i64()))):
        for partition, error, offsets in partitions:
            found[topic, partition] = (error, offsets)
    reader.done()
    assert found[made, 0] == (0, [2])
    for where in (("no-such-topic", 0), (made, 8)):
        error, offsets = found[where]
        assert error == wire.UNKNOWN_TOPIC_OR_PARTITION
        # kafka-node takes eight bytes off the answer whether an offset is there or not.
        assert len(offsets) == 1 or not MOLDAU


def test_list_offsets_0_finds_both_ends(connection, made):
    produce(connection, made, wire.message_set([b"a", b"b", b"c"]))
    for at, expected in ((-1, [3]), (-2, [0])):
        body = Writer().i32(-1).array([made], lambda w, name: w.string(name).array(
            [0], lambda v, partition, at=at: v.i32(partition).i64(at).i32(1)))
        reader = connection.call(wire.LIST_OFFSETS, 0, body)
        assert wire.read_partitions(reader, lambda r: (
            r.i32(), r.i16(), r.array(lambda s: s.i64()))) == [(made, [(0, 0, expected)])]


# ---- Offsets of simple consumers ----

def commit(connection, group, topic, partitions, version=2):
    """partitions: {number: (offset, metadata)}; returns [(topic, [(partition, error)])]."""
    body = Writer().string(group)
    if version >= 1:
        body.i32(-1).string("")
    if version >= 2:
        body.i64(-1)

    def write(writer, one):
        number, (offset, note) = one
        writer.i32(number).i64(offset)
        if version == 1:
            writer.i64(-1)
        writer.string(note)

    body.raw(wire.partitions_body({topic: list(partitions.items())}, write).data)
    reader = connection.call(wire.OFFSET_COMMIT, version, body)
    answer = wire.read_partitions(reader, lambda r: (r.i32(), r.i16()))
    reader.done()
    return answer


def committed(connection, group, topic, partitions, version=1):
    body = Writer().string(group).raw(wire.partitions_body(
        {topic: partitions}, lambda w, partition: w.i32(partition)).data)
    reader = connection.call(wire.OFFSET_FETCH, version, body)
    answer = wire.read_partitions(reader, lambda r: (r.i32(), r.i64(), r.string(), r.i16()))
    reader.done()
    return answer


def ready_group(connection, group):
    """Asks for the coordinator until there is one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        reader = connection.call(wire.FIND_COORDINATOR, 0, Writer().string(group))
        error, node, _, _ = reader.i16(), reader.i32(), reader.string(), reader.i32()
        if error == 0 and committed(connection, group, "none", [0])[0][1][0][3] in (0, 3):
            return node
        time.sleep(0.1)
    raise AssertionError("no coordinator")


def test_no_committed_offset_is_minus_one_with_empty_metadata(connection, made):
    ready_group(connection, "fresh")
    found = committed(connection, "fresh", made, [0])
    assert found == [(made, [(0, -1, "", 0)])]


def test_version_0_answers_for_every_partition(connection, made):
    """Offsets of version 0 were in ZooKeeper once; here they are where all others are."""
    if not MOLDAU:
        pytest.skip("Kafka 3.9 in KRaft mode has no ZooKeeper to ask")
    ready_group(connection, "old")
    found = committed(connection, "old", made, [0], version=0)
    assert [(name, [one[:3] for one in list_]) for name, list_ in found] == [(made, [(0, -1, "")])]
    assert commit(connection, "old", made, {0: (17, "kept")}, version=0) == [(made, [(0, 0)])]
    assert committed(connection, "old", made, [0], version=0) == [(made, [(0, 17, "kept", 0)])]
    assert committed(connection, "old", made, [0], version=1) == [(made, [(0, 17, "kept", 0)])]


@pytest.mark.parametrize("version", [1, 2])
def test_committed_offsets_come_back_with_their_metadata(connection, made, version):
    group = f"noted-{version}"
    ready_group(connection, group)
    assert commit(connection, group, made, {0: (5, "as written\t\u00e9")}, version) == [
        (made, [(0, 0)])]
    assert committed(connection, group, made, [0]) == [(made, [(0, 5, "as written\t\u00e9", 0)])]


def test_a_commit_answers_for_unknown_partitions(connection, made):
    ready_group(connection, "stray")
    answer = commit(connection, "stray", made, {0: (1, ""), 44: (1, "")})
    assert [name for name, _ in answer] == [made]
    assert dict(answer[0][1]) == {0: 0, 44: wire.UNKNOWN_TOPIC_OR_PARTITION}


# ---- What is produced ----

def test_acks_0_is_not_answered(connection, made):
    body = wire.produce_body({made: {0: wire.message_set([b"quiet"])}}, 2, acks=0)
    connection.send(wire.PRODUCE, 2, body)
    expected = connection.send(wire.API_VERSIONS, 0)
    assert connection.receive()[0] == expected
    assert fetch(connection, made, max_wait_ms=3000).high_watermark == 1


def test_acks_0_with_an_error_closes_the_connection(connection, made):
    """The only way to tell a producer that waits for no answer."""
    connection.send(wire.PRODUCE, 2,
                    wire.produce_body({made: {9: wire.message_set([b"lost"])}}, 2, acks=0))
    assert connection.is_closed()


@pytest.mark.parametrize("acks", [1, -1])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_offsets_of_a_set_are_assigned_by_the_broker(connection, made, version, acks):
    """Every message of kafka-node's says that its offset is 0."""
    magic = 1 if version == 2 else 0
    for base in (0, 3):
        answer = produce(connection, made, wire.message_set([b"a", b"b", b"c"], magic), version,
                         acks)
        assert answer == (0, base)
    if acks == 1:
        produce(connection, made, wire.message_set([b"end"], magic), version, acks=-1)
    found, rest = wire.read_message_set(fetch(connection, made).records)
    assert [(one[0], one[5]) for one in found[:6]] == list(enumerate([b"a", b"b", b"c"] * 2))
    assert rest == b"" or not MOLDAU


@pytest.mark.parametrize("version,outer", [(2, 1), (1, 0)])
def test_a_compressed_set_as_kafka_node_writes_it(connection, made, version, outer):
    """Inner messages of format 1 even under a wrapper of format 0, offsets 0 throughout."""
    inner = b"".join(wire.message(b"k", value, magic=1) for value in (b"a", b"b", b"c"))
    answer = produce(connection, made, wire.gzip_wrapper(inner, outer), version)
    if not MOLDAU and outer == 0:
        pytest.skip("Kafka 3.9 refuses the mixture")
    assert answer == (0, 0)
    found, _ = wire.read_message_set(fetch(connection, made, version=2).records)
    if MOLDAU:
        assert [(one[0], one[4], one[5]) for one in found] == [
            (0, b"k", b"a"), (1, b"k", b"b"), (2, b"k", b"c")]


def test_a_damaged_message_is_refused(connection, made):
    damaged = bytearray(wire.message_set([b"abcdef"]))
    damaged[-1] ^= 1
    error, _ = produce(connection, made, bytes(damaged))
    assert error == 2  # CORRUPT_MESSAGE
    damaged = bytearray(wire.batch([b"abcdef"]))
    damaged[-2] ^= 1
    error, _ = produce(connection, made, bytes(damaged), version=3)
    assert error == 2
    assert fetch(connection, made).high_watermark == 0


def test_produce_3_takes_format_2_only(connection, made):
    error, _ = produce(connection, made, wire.message_set([b"x"], 1), version=3)
    assert error != 0
    assert fetch(connection, made).high_watermark == 0


# ---- What is fetched ----

down_conversion_cuts = pytest.mark.skipif(
    not MOLDAU, reason="Kafka 3.9 cuts format 2 before it converts, not the messages after")


@pytest.mark.parametrize("version,magic", [(0, 0), (1, 0), (2, 1), (3, 1)])
def test_old_fetches_get_old_uncompressed_messages(connection, made, version, magic):
    assert produce(connection, made, wire.batch([b"a", b"b"]), version=3) == (0, 0)
    found, _ = wire.read_message_set(fetch(connection, made, version=version).records)
    stamp = 1600000000000 if magic else None
    assert found == [(0, magic, 0, stamp, None, b"a"), (1, magic, 0, stamp, None, b"b")]


def test_an_old_fetch_starts_at_the_offset_that_it_names(connection, made):
    produce(connection, made, wire.batch([b"a", b"b", b"c", b"d"]), version=3)
    found, _ = wire.read_message_set(fetch(connection, made, offset=2).records)
    if MOLDAU:
        assert [one[0] for one in found] == [2, 3]


@down_conversion_cuts
@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.parametrize("limit", [1, 11, 30, 100])
def test_old_fetches_end_in_the_middle_of_a_message(connection, made, version, limit):
    """A consumer learns from the piece of a message that it must ask for more bytes."""
    produce(connection, made, wire.batch([b"x" * 500, b"y" * 500]), version=3)
    found = fetch(connection, made, version=version, limit=limit)
    assert found.error == 0
    assert found.size == limit
    assert wire.read_message_set(found.records)[0] == []


@down_conversion_cuts
def test_an_old_fetch_ends_in_the_middle_of_the_second_message(connection, made):
    produce(connection, made, wire.batch([b"x" * 100, b"y" * 500]), version=3)
    found = fetch(connection, made, limit=300)
    records, rest = wire.read_message_set(found.records)
    assert [one[5] for one in records] == [b"x" * 100]
    assert found.size == 300 and rest


@pytest.mark.parametrize("version", [3, 4, 8])
def test_newer_fetches_get_at_least_one_record(connection, made, version):
    produce(connection, made, wire.batch([b"x" * 500]), version=3)
    found = fetch(connection, made, version=version, limit=10, max_bytes=10)
    assert found.size > 500


def test_a_fetch_waits_for_records(broker, connection, made):
    connection.send(wire.FETCH, 0, wire.fetch_body({made: {0: (0, 1000)}}, 0, max_wait_ms=8000))
    time.sleep(0.3)
    with Connection(broker) as other:
        began = time.monotonic()
        produce(other, made, wire.message_set([b"awaited"]))
    _, reader = connection.receive()
    assert time.monotonic() - began < 0.5
    records, _ = wire.read_message_set(Fetched(reader, 0).partitions[made, 0].records)
    assert [one[5] for one in records] == [b"awaited"]


def test_a_fetch_waits_for_as_many_bytes_as_it_wants(broker, connection, made):
    body = wire.fetch_body({made: {0: (0, 10000)}}, 4, max_wait_ms=1500, min_bytes=5000)
    began = time.monotonic()
    connection.send(wire.FETCH, 4, body)
    with Connection(broker) as other:
        produce(other, made, wire.batch([b"small"]), version=3)
        time.sleep(0.4)
        produce(other, made, wire.batch([b"x" * 6000]), version=3)
    _, reader = connection.receive()
    assert 0.3 < time.monotonic() - began < 1.3
    assert Fetched(reader, 4).partitions[made, 0].size > 6000


def test_a_fetch_that_finds_nothing_is_answered_in_time(connection, made):
    began = time.monotonic()
    found = fetch(connection, made, max_wait_ms=400)
    assert 0.35 < time.monotonic() - began < 1.5
    assert (found.error, found.size) == (0, 0)


# ---- Fetch sessions ----

def session_fetch(connection, topics, session, epoch, version=7, **settings):
    body = wire.fetch_body(topics, version, session=session, session_epoch=epoch, **settings)
    return Fetched(connection.call(wire.FETCH, version, body), version)


def test_a_session_names_only_what_changed(connection, made):
    whole = session_fetch(connection, {made: {0: (0, 1000)}}, 0, 0)
    assert whole.session > 0 and (made, 0) in whole.partitions
    nothing = session_fetch(connection, {}, whole.session, 1)
    assert (nothing.error, nothing.session, nothing.partitions) == (0, whole.session, {})
    produce(connection, made, wire.batch([b"news"]), version=3)
    some = session_fetch(connection, {}, whole.session, 2)
    assert some.partitions[made, 0].high_watermark == 1
    assert b"news" in some.partitions[made, 0].records
    moved = session_fetch(connection, {made: {0: (1, 1000)}}, whole.session, 3)
    assert moved.error == 0
    assert all(one.size == 0 for one in moved.partitions.values())


def test_a_session_forgets_what_it_is_told_to(connection, made):
    session = session_fetch(connection, {made: {0: (0, 1000)}}, 0, 0).session
    session_fetch(connection, {}, session, 1, forgotten={made: [0]})
    produce(connection, made, wire.batch([b"unseen"]), version=3)
    assert session_fetch(connection, {}, session, 2).partitions == {}


def test_a_waiting_session_is_woken(broker, connection, made):
    session = session_fetch(connection, {made: {0: (0, 1000)}}, 0, 0).session
    body = wire.fetch_body({}, 7, session=session, session_epoch=1, max_wait_ms=8000)
    connection.send(wire.FETCH, 7, body)
    time.sleep(0.2)
    with Connection(broker) as other:
        produce(other, made, wire.batch([b"awaited"]), version=3)
    _, reader = connection.receive(2)
    assert b"awaited" in Fetched(reader, 7).partitions[made, 0].records


def test_a_session_that_is_unknown_or_out_of_step_is_refused(connection, made):
    assert session_fetch(connection, {}, 123456, 1).error == wire.FETCH_SESSION_ID_NOT_FOUND
    session = session_fetch(connection, {made: {0: (0, 1000)}}, 0, 0).session
    assert session_fetch(connection, {}, session, 5).error == wire.INVALID_FETCH_SESSION_EPOCH


def test_a_session_can_be_closed(connection, made):
    session = session_fetch(connection, {made: {0: (0, 1000)}}, 0, 0).session
    assert session_fetch(connection, {made: {0: (0, 1000)}}, session, -1).session == 0
    assert session_fetch(connection, {}, session, 1).error == wire.FETCH_SESSION_ID_NOT_FOUND


def test_without_a_session_all_partitions_are_named(connection, made):
    for _ in range(2):
        answer = session_fetch(connection, {made: {0: (0, 1000)}}, 0, -1)
        assert answer.session == 0 and (made, 0) in answer.partitions


# ---- Idempotent producers ----

def producer_id(connection):
    number, epoch = wire.producer_id(connection)
    assert epoch == 0
    return number


def test_producer_ids_are_given_once(connection):
    numbers = [producer_id(connection) for _ in range(5)]
    assert len(set(numbers)) == 5


def test_a_batch_sent_twice_is_written_once(connection, made):
    number = producer_id(connection)
    batches = [wire.batch([b"%d" % i, b"and"], number, 0, 2 * i) for i in range(8)]
    for i, batch in enumerate(batches):
        assert produce(connection, made, batch, 3, acks=-1) == (0, 2 * i)
    # The last five are remembered, with the offsets that they got.
    for i in range(3, 8):
        assert produce(connection, made, batches[i], 3, acks=-1) == (0, 2 * i)
    error, _ = produce(connection, made, batches[0], 3, acks=-1)
    assert error in (wire.DUPLICATE_SEQUENCE, wire.OUT_OF_ORDER_SEQUENCE)
    assert fetch(connection, made).high_watermark == 16


def test_a_gap_in_the_sequence_is_refused(connection, made):
    number = producer_id(connection)
    assert produce(connection, made, wire.batch([b"a"], number, 0, 0), 3, -1) == (0, 0)
    error, _ = produce(connection, made, wire.batch([b"c"], number, 0, 2), 3, -1)
    assert error == wire.OUT_OF_ORDER_SEQUENCE
    assert produce(connection, made, wire.batch([b"b"], number, 0, 1), 3, -1) == (0, 1)


def test_an_older_epoch_is_refused(connection, made):
    number = producer_id(connection)
    assert produce(connection, made, wire.batch([b"a"], number, 1, 0), 3, -1) == (0, 0)
    error, _ = produce(connection, made, wire.batch([b"b"], number, 0, 0), 3, -1)
    assert error == wire.INVALID_PRODUCER_EPOCH


def test_sequences_wrap_around(connection, made):
    number = producer_id(connection)
    last = 2**31 - 1
    assert produce(connection, made, wire.batch([b"a"], number, 0, 0), 3, -1)[0] == 0
    # Nobody sends two thousand million records for a test: a producer of its own starts near it.
    other = producer_id(connection)
    error, base = produce(connection, made, wire.batch([b"b", b"c"], other, 0, last - 1), 3, -1)
    if error == 0:
        assert produce(connection, made, wire.batch([b"d"], other, 0, 0), 3, -1) == (0, base + 2)
    else:
        assert error == wire.OUT_OF_ORDER_SEQUENCE


# ---- Errors whose words programs match ----

def create(connection, name, partitions=1, replication=1, configs=()):
    body = Writer().array([name], lambda w, one: w.string(one).i32(partitions).i16(replication)
                          .i32(0).array(list(configs), lambda v, c: v.string(c[0]).string(c[1])))
    reader = connection.call(wire.CREATE_TOPICS, 1, body.i32(5000).i8(0))
    answer, = reader.array(lambda r: (r.string(), r.i16(), r.string()))
    reader.done()
    return answer


def test_too_many_replicas_are_refused_in_the_words_that_programs_know(connection, topic):
    _, error, text = create(connection, topic, replication=2)
    assert error == wire.INVALID_REPLICATION_FACTOR
    if MOLDAU:
        assert text.lower().startswith("replication factor: 2 larger than available brokers: 1")


def test_an_unknown_setting_is_refused_in_the_words_that_programs_know(connection, topic):
    _, error, text = create(connection, topic, configs=[("no.such.setting", "1")])
    assert error == wire.INVALID_CONFIG
    assert text.lower().startswith("unknown topic config name: no.such.setting")


def test_a_topic_that_exists_is_refused(connection, made):
    assert create(connection, made)[1] == 36


@pytest.mark.parametrize("name,value", [("retention.ms", "soon"), ("cleanup.policy", "burn"),
                                        ("max.message.bytes", "-5"), ("segment.bytes", "1")])
def test_a_setting_out_of_range_is_refused(connection, topic, name, value):
    assert create(connection, topic, configs=[(name, value)])[1] == wire.INVALID_CONFIG


@pytest.mark.parametrize("partitions", [0, -3])
def test_a_topic_without_partitions_is_refused(connection, topic, partitions):
    assert create(connection, topic, partitions=partitions)[1] == 37
