"""Kafka's wire protocol by hand, for what no well-behaved client sends and for reading answers
byte by byte. Versions are the oldest ones unless said otherwise: those that old clients depend on.
"""

import gzip
import socket
import struct
import time
import zlib

PRODUCE, FETCH, LIST_OFFSETS, METADATA = 0, 1, 2, 3
OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR = 8, 9, 10
JOIN_GROUP, HEARTBEAT, LEAVE_GROUP, SYNC_GROUP, DESCRIBE_GROUPS, LIST_GROUPS = 11, 12, 13, 14, 15, 16
DELETE_GROUPS, OFFSET_DELETE, CONSUMER_GROUP_HEARTBEAT = 42, 47, 68
API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS, INIT_PRODUCER_ID, DESCRIBE_CONFIGS = 18, 19, 20, 22, 32

NONE = 0
OFFSET_OUT_OF_RANGE = 1
UNKNOWN_TOPIC_OR_PARTITION = 3
MESSAGE_TOO_LARGE = 10
COORDINATOR_LOAD_IN_PROGRESS = 14
INVALID_TOPIC = 17
ILLEGAL_GENERATION = 22
INCONSISTENT_GROUP_PROTOCOL = 23
INVALID_GROUP_ID = 24
UNKNOWN_MEMBER_ID = 25
INVALID_SESSION_TIMEOUT = 26
REBALANCE_IN_PROGRESS = 27
UNSUPPORTED_VERSION = 35
INVALID_REPLICATION_FACTOR = 38
INVALID_CONFIG = 40
OUT_OF_ORDER_SEQUENCE = 45
DUPLICATE_SEQUENCE = 46
INVALID_PRODUCER_EPOCH = 47
NON_EMPTY_GROUP = 68
GROUP_ID_NOT_FOUND = 69
FETCH_SESSION_ID_NOT_FOUND = 70
INVALID_FETCH_SESSION_EPOCH = 71
MEMBER_ID_REQUIRED = 79
GROUP_MAX_SIZE_REACHED = 81
FENCED_INSTANCE_ID = 82
GROUP_SUBSCRIBED_TO_TOPIC = 86
UNKNOWN_TOPIC_ID = 100
FENCED_MEMBER_EPOCH = 110
UNRELEASED_INSTANCE_ID = 111
UNSUPPORTED_ASSIGNOR = 112
STALE_MEMBER_EPOCH = 113


class Closed(Exception):
    """The broker closed the connection."""


class Writer:
    """Appends fields; every method returns the writer, so that a message reads as one line."""

    def __init__(self):
        self.data = bytearray()

    def _pack(self, form, value):
        self.data += struct.pack(form, value)
        return self

    def i8(self, value):
        return self._pack(">b", value)

    def i16(self, value):
        return self._pack(">h", value)

    def i32(self, value):
        return self._pack(">i", value)

    def i64(self, value):
        return self._pack(">q", value)

    def raw(self, value):
        self.data += value
        return self

    def string(self, value):
        if value is None:
            return self.i16(-1)
        text = value.encode()
        return self.i16(len(text)).raw(text)

    def bytes(self, value):
        return self.i32(-1) if value is None else self.i32(len(value)).raw(value)

    def array(self, items, write):
        self.i32(len(items))
        for item in items:
            write(self, item)
        return self

    def varint(self, value):
        value = (value << 1) ^ (value >> 63)
        while value > 0x7F:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)
        return self

    def unsigned_varint(self, value):
        while value > 0x7F:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)
        return self

    def compact_string(self, value):
        if value is None:
            return self.unsigned_varint(0)
        text = value.encode()
        return self.unsigned_varint(len(text) + 1).raw(text)

    def compact_array(self, items, write):
        if items is None:
            return self.unsigned_varint(0)
        self.unsigned_varint(len(items) + 1)
        for item in items:
            write(self, item)
        return self

    def tags(self):
        return self.unsigned_varint(0)


class Reader:
    """Takes fields off an answer; done() insists that nothing is left."""

    def __init__(self, data):
        self.data = bytes(data)
        self.at = 0

    def _unpack(self, form):
        value, = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def i8(self):
        return self._unpack(">b")

    def i16(self):
        return self._unpack(">h")

    def i32(self):
        return self._unpack(">i")

    def i64(self):
        return self._unpack(">q")

    def raw(self, size):
        assert self.at + size <= len(self.data), "the answer is too short"
        self.at += size
        return self.data[self.at - size:self.at]

    def string(self):
        size = self.i16()
        return None if size < 0 else self.raw(size).decode()

    def bytes(self):
        size = self.i32()
        return None if size < 0 else self.raw(size)

    def array(self, read):
        return [read(self) for _ in range(self.i32())]

    def unsigned_varint(self):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def varint(self):
        value = self.unsigned_varint()
        return (value >> 1) ^ -(value & 1)

    def compact_string(self):
        size = self.unsigned_varint() - 1
        return None if size < 0 else self.raw(size).decode()

    def compact_array(self, read):
        size = self.unsigned_varint() - 1
        return None if size < 0 else [read(self) for _ in range(size)]

    def tags(self):
        """Skips the tagged fields that end a structure."""
        for _ in range(self.unsigned_varint()):
            self.unsigned_varint()
            self.raw(self.unsigned_varint())

    def done(self):
        assert self.at == len(self.data), f"{len(self.data) - self.at} bytes too many"


class Connection:
    """One socket to the broker. Frames go out and come in as they are told."""

    def __init__(self, broker, seconds=10):
        self.socket = socket.create_connection(("127.0.0.1", broker.port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, data):
        self.send_raw(struct.pack(">i", len(data)) + bytes(data))

    def send(self, api, version, body=b"", correlation=None, client="tests", flexible=False):
        """Sends a request; returns its correlation id."""
        if correlation is None:
            self._correlation += 1
            correlation = self._correlation
        head = Writer().i16(api).i16(version).i32(correlation).string(client)
        if flexible:
            head.unsigned_varint(0)
        self.send_frame(bytes(head.data) + bytes(body.data if isinstance(body, Writer) else body))
        return correlation

    def receive(self, seconds=10):
        """(correlation id, Reader of the rest) of the next answer; raises Closed or TimeoutError."""
        size, = struct.unpack(">i", self._take(4, seconds))
        frame = self._take(size, seconds)
        return struct.unpack(">i", frame[:4])[0], Reader(frame[4:])

    def _take(self, size, seconds):
        deadline = time.monotonic() + seconds
        while len(self._received) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionError as error:
                raise Closed from error
            if not data:
                raise Closed
            self._received += data
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def call(self, api, version, body=b"", **settings):
        """Sends a request and returns the Reader of its answer."""
        sent = self.send(api, version, body, **settings)
        answered, reader = self.receive()
        assert answered == sent
        return reader

    def is_closed(self, seconds=5):
        """True when the broker closes this connection within some seconds, saying nothing."""
        try:
            self.receive(seconds)
        except Closed:
            return True
        except TimeoutError:
            return False
        return False


# ---- Records -------------------------------------------------------------------------------------

def message(key, value, magic=0, attributes=0, timestamp=1600000000000, offset=0):
    """One entry of a message set of format 0 or 1."""
    body = Writer().i8(magic).i8(attributes)
    if magic == 1:
        body.i64(timestamp)
    body.bytes(key).bytes(value)
    checked = Writer().raw(struct.pack(">I", zlib.crc32(bytes(body.data)))).raw(body.data)
    return bytes(Writer().i64(offset).i32(len(checked.data)).raw(checked.data).data)


def message_set(values, magic=0):
    return b"".join(message(None, value, magic) for value in values)


def gzip_wrapper(messages, magic=1):
    """A compressed set as kafka-node sends it: all offsets 0 and no time on the wrapper."""
    return message(None, gzip.compress(messages), magic, attributes=1, timestamp=0)


def read_message_set(data):
    """[(offset, magic, attributes, timestamp or None, key, value)], and the bytes left over.

    Checksums are checked; a message cut off at the end is left over.
    """
    found = []
    at = 0
    while at + 12 <= len(data):
        offset, size = struct.unpack_from(">qi", data, at)
        if at + 12 + size > len(data):
            break
        entry = data[at + 12:at + 12 + size]
        crc, = struct.unpack_from(">I", entry)
        assert crc == zlib.crc32(entry[4:]), "checksum"
        reader = Reader(entry[4:])
        magic, attributes = reader.i8(), reader.i8()
        assert magic in (0, 1), f"format {magic}"
        timestamp = reader.i64() if magic == 1 else None
        key, value = reader.bytes(), reader.bytes()
        reader.done()
        found.append((offset, magic, attributes, timestamp, key, value))
        at += 12 + size
    return found, data[at:]


def _crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ _CRC32C[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def batch(values, producer_id=-1, epoch=-1, sequence=-1, timestamp=1600000000000, attributes=0):
    """A record batch of format 2, uncompressed."""
    records = Writer()
    for number, value in enumerate(values):
        record = Writer().i8(0).varint(0).varint(number).varint(-1)
        record.varint(len(value)).raw(value).varint(0)
        records.varint(len(record.data)).raw(record.data)
    checked = Writer().i16(attributes).i32(len(values) - 1).i64(timestamp).i64(timestamp)
    checked.i64(producer_id).i16(epoch).i32(sequence).i32(len(values)).raw(records.data)
    rest = Writer().i32(-1).i8(2).raw(struct.pack(">I", crc32c(checked.data))).raw(checked.data)
    return bytes(Writer().i64(0).i32(len(rest.data)).raw(rest.data).data)


# ---- Requests and answers ------------------------------------------------------------------------

def produce_body(topics, version, acks=1, timeout_ms=5000):
    """topics: {name: {partition: records}}."""
    body = Writer()
    if version >= 3:
        body.string(None)
    body.i16(acks).i32(timeout_ms)
    return body.array(list(topics.items()), lambda w, topic: w.string(topic[0]).array(
        list(topic[1].items()), lambda v, one: v.i32(one[0]).bytes(one[1])))


def read_produce(reader, version):
    """{(topic, partition): (error, base offset)}, versions 0 to 7."""
    found = {}
    for _ in range(reader.i32()):
        topic = reader.string()
        for _ in range(reader.i32()):
            partition, error, offset = reader.i32(), reader.i16(), reader.i64()
            if version >= 2:
                reader.i64()
            if version >= 5:
                reader.i64()
            found[topic, partition] = (error, offset)
    if version >= 1:
        reader.i32()
    reader.done()
    return found


def fetch_body(topics, version, max_wait_ms=500, min_bytes=1, max_bytes=1 << 20, session=0,
               session_epoch=-1, forgotten=None):
    """topics: {name: {partition: (offset, max bytes)}}, versions 0 to 8."""
    body = Writer().i32(-1).i32(max_wait_ms).i32(min_bytes)
    if version >= 3:
        body.i32(max_bytes)
    if version >= 4:
        body.i8(0)
    if version >= 7:
        body.i32(session).i32(session_epoch)

    def write_partition(writer, one):
        partition, (offset, limit) = one
        writer.i32(partition).i64(offset)
        if version >= 5:
            writer.i64(-1)
        writer.i32(limit)

    body.array(list(topics.items()), lambda w, topic: w.string(topic[0]).array(
        list(topic[1].items()), write_partition))
    if version >= 7:
        body.array(list((forgotten or {}).items()), lambda w, topic: w.string(topic[0]).array(
            topic[1], lambda v, partition: v.i32(partition)))
    return body


class Fetched:
    """An answer to Fetch, versions 0 to 8; partitions: {(topic, partition): FetchedPartition}."""

    def __init__(self, reader, version):
        self.error = NONE
        self.session = 0
        self.partitions = {}
        if version >= 1:
            reader.i32()
        if version >= 7:
            self.error, self.session = reader.i16(), reader.i32()
        for _ in range(reader.i32()):
            topic = reader.string()
            for _ in range(reader.i32()):
                partition = FetchedPartition(reader, version)
                self.partitions[topic, partition.number] = partition
        reader.done()


class FetchedPartition:
    def __init__(self, reader, version):
        self.number, self.error, self.high_watermark = reader.i32(), reader.i16(), reader.i64()
        if version >= 4:
            self.last_stable_offset = reader.i64()
            if version >= 5:
                self.log_start_offset = reader.i64()
            for _ in range(reader.i32()):
                reader.i64()
                reader.i64()
        self.size = reader.i32()
        self.records = reader.raw(max(self.size, 0))


def partitions_body(topics, write):
    """{topic: [partition...]} as most requests have it, write(writer, partition) for each one."""
    return Writer().array(list(topics.items()), lambda w, topic: w.string(topic[0]).array(
        topic[1], write))


def read_partitions(reader, read):
    """[(topic, [read(reader)...])...]"""
    return reader.array(lambda r: (r.string(), r.array(read)))


class Metadata:
    """An answer to Metadata v0 or v1."""

    def __init__(self, reader, version):
        self.brokers = {}
        for _ in range(reader.i32()):
            node, host, port = reader.i32(), reader.string(), reader.i32()
            if version >= 1:
                reader.string()
            self.brokers[node] = (host, port)
        self.controller = reader.i32() if version >= 1 else None
        self.topics = {}
        for _ in range(reader.i32()):
            error, name = reader.i16(), reader.string()
            if version >= 1:
                reader.i8()
            self.topics[name] = (error, reader.array(_read_metadata_partition))
        reader.done()


def _read_metadata_partition(reader):
    error, number, leader = reader.i16(), reader.i32(), reader.i32()
    replicas = reader.array(lambda r: r.i32())
    in_sync = reader.array(lambda r: r.i32())
    return error, number, leader, replicas, in_sync


def metadata(connection, topics, version=1):
    """topics: a list of names, [] or None."""
    body = Writer()
    if topics is None:
        body.i32(-1)
    else:
        body.array(topics, lambda w, name: w.string(name))
    return Metadata(connection.call(METADATA, version, body), version)


def api_versions(connection):
    """{api key: (lowest, newest)} from version 0."""
    reader = connection.call(API_VERSIONS, 0)
    assert reader.i16() == NONE
    found = {key: versions for key, *versions in
             reader.array(lambda r: (r.i16(), r.i16(), r.i16()))}
    reader.done()
    return found


def producer_id(connection, seconds=20):
    """(number, epoch) for an idempotent producer; waits while the broker is still loading."""
    deadline = time.monotonic() + seconds
    while True:
        reader = connection.call(INIT_PRODUCER_ID, 0, Writer().string(None).i32(60000))
        reader.i32()
        error, number, epoch = reader.i16(), reader.i64(), reader.i16()
        reader.done()
        if error != COORDINATOR_LOAD_IN_PROGRESS or time.monotonic() > deadline:
            assert error == NONE, error
            return number, epoch
        time.sleep(0.05)
