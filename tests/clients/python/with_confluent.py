"""confluent-kafka: librdkafka in Python, in its newest version."""

import sys
import time

from confluent_kafka import Consumer, Producer, KafkaError, KafkaException, TopicPartition
from member import Membership, Settings
from serve import Quota, records, serve, write, write_record

SECONDS = 20


def _producer(bootstrap, codec, options):
    return Producer({
        "bootstrap.servers": bootstrap,
        "compression.codec": codec,
        "acks": options.get("acks", "all"),
        "enable.idempotence": options.get("idempotence", "false") == "true",
        "message.max.bytes": 100 * 1024 * 1024,
        "message.timeout.ms": 15000,
        "linger.ms": 20,
        "log_level": 0,
    })


def produce(arguments, options):
    bootstrap, topic, partition, codec, count, prefix = arguments
    producer = _producer(bootstrap, codec, options)
    failed = []

    def delivered(error, message):
        if error:
            failed.append(error)
        elif options.get("acks") != "0":
            write({"partition": message.partition(), "offset": message.offset()})

    for key, value, number in records(count, prefix, options):
        producer.produce(topic, value, key, int(partition), on_delivery=delivered,
                         headers={"number": number})
    left = producer.flush(SECONDS)
    if failed:
        raise KafkaException(failed[0])
    if left:
        raise TimeoutError(f"{left} records not delivered within {SECONDS} s")


def load(arguments, options):
    """Sends, a few in flight, until standard input closes; says what was acknowledged."""
    bootstrap, topic, partitions, prefix = arguments
    producer = Producer({
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "acks": "all",
        "message.timeout.ms": 300000,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 100,
        "retry.backoff.ms": 20,
        "retry.backoff.max.ms": 100,
        "socket.timeout.ms": 5000,
        "linger.ms": 1,
        "queue.buffering.max.messages": 1000,
        "compression.codec": options.get("codec", "none"),
        "log_level": 0,
    })
    lines = []
    failed = []

    def delivered(error, message):
        if error:
            failed.append(str(error))
        else:
            lines.append((message.partition(), message.offset(), message.value().decode()))

    def flush_lines():
        for partition, offset, value in lines:
            sys.stdout.write('{"partition": %d, "offset": %d, "value": "%s"}\n'
                             % (partition, offset, value))
        lines.clear()
        sys.stdout.flush()

    pause = float(options.get("pausems", "1")) / 1000
    number = 0
    while not _closed(sys.stdin):
        for partition in range(int(partitions)):
            while True:
                try:
                    producer.produce(topic, f"{prefix}-{partition}-{number}", None, partition,
                                     on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.02)
        number += 1
        producer.poll(0)
        flush_lines()
        if failed:
            raise KafkaException(KafkaError(KafkaError._FAIL, failed[0]))
        time.sleep(pause)
    left = producer.flush(60)
    flush_lines()
    if failed or left:
        raise RuntimeError(f"{failed[:3]}, {left} never acknowledged")


def _closed(stream):
    import select
    ready, _, _ = select.select([stream], [], [], 0)
    return bool(ready) and stream.readline() in ("", "stop\n")


def _consumer(bootstrap, group="unused"):
    return Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "fetch.wait.max.ms": 100,
        "log_level": 0,
    })


def consume(arguments, _options):
    bootstrap, topic, partitions, offset, count = arguments
    wanted = [int(partition) for partition in partitions.split(",")]
    quota = Quota(wanted, int(count))
    consumer = _consumer(bootstrap)
    consumer.assign([TopicPartition(topic, partition, int(offset)) for partition in wanted])
    deadline = time.monotonic() + SECONDS
    try:
        while not quota.done:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still waiting for {quota.left}")
            for message in consumer.consume(500, 0.2):
                if message.error():
                    raise KafkaException(message.error())
                if quota.take(message.partition()):
                    write_record(message.partition(), message.offset(), message.key(),
                                 message.value(), message.timestamp()[1], message.headers())
    finally:
        consumer.close()


def offset_at(arguments, _options):
    bootstrap, topic, partition, at = arguments
    consumer = _consumer(bootstrap)
    try:
        if int(at) < 0:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, int(partition)), 10)
            write({"offset": high if int(at) == -1 else low})
        else:
            found = consumer.offsets_for_times([TopicPartition(topic, int(partition), int(at))], 10)
            write({"offset": found[0].offset})
    finally:
        consumer.close()


def commit(arguments, _options):
    bootstrap, group, topic, partition, at = arguments
    consumer = _consumer(bootstrap, group)
    try:
        where = TopicPartition(topic, int(partition), int(at))
        consumer.assign([where])
        consumer.commit(offsets=[where], asynchronous=False)
    finally:
        consumer.close()


def committed(arguments, _options):
    bootstrap, group, topic, partition = arguments
    consumer = _consumer(bootstrap, group)
    try:
        found = consumer.committed([TopicPartition(topic, int(partition))], 10)[0]
        if found.error:
            raise KafkaException(found.error)
        write({"offset": None if found.offset < 0 else found.offset})
    finally:
        consumer.close()


def _group_settings(bootstrap, group, wanted):
    settings = {
        "bootstrap.servers": bootstrap,
        "client.id": wanted.id,
        "group.id": group,
        "group.protocol": wanted.protocol,
        "max.poll.interval.ms": wanted.rebalance,
        "enable.auto.commit": wanted.commit == "auto",
        "auto.commit.interval.ms": 200,
        "auto.offset.reset": wanted.reset,
        "fetch.wait.max.ms": 100,
        "reconnect.backoff.max.ms": 500,
        "topic.metadata.refresh.interval.ms": 1000,
        "log_level": 0,
    }
    if wanted.instance:
        settings["group.instance.id"] = wanted.instance
    if wanted.consumer:
        if wanted.assignors:
            settings["group.remote.assignor"] = wanted.assignors[0]
    else:
        settings["partition.assignment.strategy"] = ",".join(wanted.assignors)
        settings["session.timeout.ms"] = wanted.session
        settings["heartbeat.interval.ms"] = wanted.heartbeat
    return settings


class GroupMember:
    """One member: the consumer, and what it says of itself."""

    def __init__(self, bootstrap, group, wanted):
        self.said = Membership()
        self._commit_each = wanted.commit == "each"
        settings = _group_settings(bootstrap, group, wanted)
        if wanted.commit == "auto":
            settings["on_commit"] = self._on_commit
        settings["error_cb"] = self.said.error
        self.consumer = Consumer(settings)
        self.consumer.subscribe([wanted.pattern] if wanted.pattern else wanted.topics,
                                on_assign=self._on_assign, on_revoke=self._on_revoke,
                                on_lost=self._on_lost)

    def _on_assign(self, _, partitions):
        self.said.assigned([(one.topic, one.partition) for one in partitions])

    def _on_revoke(self, _, partitions):
        if self._commit_each and self.said.positions():
            self.commit()
        self.said.revoked([(one.topic, one.partition) for one in partitions])

    def _on_lost(self, _, partitions):
        self.said.revoked([(one.topic, one.partition) for one in partitions], "lost")

    def _on_commit(self, error, partitions):
        if error:
            self.said.error(KafkaException(error))
            return
        found = {(one.topic, one.partition): one.offset for one in partitions if one.offset >= 0}
        if found:
            self.said.committed(found)

    def commit(self):
        positions = self.said.positions()
        offsets = [TopicPartition(topic, number, at) for (topic, number), at in positions.items()]
        try:
            if offsets:
                for one in self.consumer.commit(offsets=offsets, asynchronous=False):
                    if one.error:
                        raise KafkaException(one.error)
            self.said.committed(positions)
        except KafkaException as error:
            self.said.error(error)

    def read(self):
        found = False
        for message in self.consumer.consume(500, 0.05):
            if message.error():
                self.said.error(KafkaException(message.error()))
            elif (message.topic(), message.partition()) in self.said.owned:
                self.said.record(message.topic(), message.partition(), message.offset(),
                                 message.value())
                found = True
        if found and self._commit_each:
            self.commit()


def member(arguments, options):
    bootstrap, group, topics = arguments
    wanted = Settings(topics, options, ("range", "roundrobin", "cooperative-sticky"),
                      consumer=True, instance=True, pattern=True)
    one = GroupMember(bootstrap, group, wanted)
    command = None
    while command != "leave":
        one.read()
        command = one.said.told()
        if command == "commit":
            one.commit()
    one.consumer.close()
    one.said.revoked()


serve({
    "member": member,
    "produce": produce,
    "load": load,
    "consume": consume,
    "offset": offset_at,
    "commit": commit,
    "committed": committed,
})
