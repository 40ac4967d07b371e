"""Topics of a broker under measurement, and whether it serves them. Versions both brokers have."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

import wire  # noqa: E402

_CREATE_VERSION = 2
_DELETE_VERSION = 1
_LIST_OFFSETS_VERSION = 1
_LATEST = -1


def create_topic(broker, name, partitions, configs=None):
    """Creates a topic and waits until each of its partitions has a leader that answers."""
    with wire.Connection(broker, 60) as connection:
        body = wire.Writer().array([name], lambda w, topic: _topic(w, topic, partitions, configs))
        body.i32(60_000).i8(0)
        connection.send(wire.CREATE_TOPICS, _CREATE_VERSION, body)
        _, reader = connection.receive(120)
        reader.i32()
        for topic, error, message in reader.array(lambda r: (r.string(), r.i16(), r.string())):
            if error != wire.NONE:
                raise RuntimeError(f"{topic} was not created: error {error} {message}")
    wait_until_served(broker, {name: partitions}, 120)


def _topic(writer, name, partitions, configs):
    writer.string(name).i32(partitions).i16(1).i32(0)
    writer.array(list((configs or {}).items()),
                 lambda w, entry: w.string(entry[0]).string(str(entry[1])))


def delete_topic(broker, name):
    with wire.Connection(broker, 60) as connection:
        body = wire.Writer().array([name], lambda w, topic: w.string(topic)).i32(60_000)
        connection.send(wire.DELETE_TOPICS, _DELETE_VERSION, body)
        connection.receive(120)


def wait_until_served(broker, topics, seconds):
    """topics: {name: partitions}. Returns when every partition tells its end."""
    deadline = time.monotonic() + seconds
    while not _serves(broker, topics):
        if broker.has_ended():
            raise RuntimeError(f"{broker.side.name} ended\n{broker.log_text()}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{broker.side.name} does not serve {topics} after {seconds} s\n"
                               + broker.log_text())
        time.sleep(0.002)


def _serves(broker, topics):
    try:
        with wire.Connection(broker, 30) as connection:
            return _all_led(connection, topics) and _all_answer(connection, topics)
    except (OSError, wire.Closed, TimeoutError):
        return False


def _all_led(connection, topics):
    found = wire.metadata(connection, list(topics)).topics
    if not topics:
        return True
    return all(name in found and found[name][0] == wire.NONE
               and len(found[name][1]) == partitions
               and all(one[0] == wire.NONE and one[2] >= 0 for one in found[name][1])
               for name, partitions in topics.items())


def _all_answer(connection, topics):
    wanted = {name: range(partitions) for name, partitions in topics.items()}
    body = wire.Writer().i32(-1).array(list(wanted.items()), lambda w, topic: w.string(
        topic[0]).array(topic[1], lambda v, partition: v.i32(partition).i64(_LATEST)))
    reader = connection.call(wire.LIST_OFFSETS, _LIST_OFFSETS_VERSION, body)
    answers = wire.read_partitions(reader, lambda r: (r.i32(), r.i16(), r.i64(), r.i64()))
    return all(error == wire.NONE for _, partitions in answers
               for _, error, _, _ in partitions)
