"""kafka-python: the newest from PyPI, and with Debian's interpreter Debian's 2.0.2."""

import time

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata
from member import Membership, Settings
from serve import Quota, records, serve, write, write_record

SECONDS = 20
OLD = int(kafka.__version__.split(".")[0]) < 3


def produce(arguments, options):
    bootstrap, topic, partition, codec, count, prefix = arguments
    acks = {"0": 0, "1": 1, "all": "all"}[options.get("acks", "all")]
    settings = {}
    if not OLD:
        settings["enable_idempotence"] = options.get("idempotence", "false") == "true"
    elif options.get("idempotence") == "true":
        raise ValueError("this kafka-python has no idempotent producer")
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks=acks, linger_ms=20,
                             compression_type=None if codec == "none" else codec,
                             max_request_size=100 * 1024 * 1024, request_timeout_ms=15000,
                             max_block_ms=15000, **settings)
    try:
        futures = [
            producer.send(topic, value.encode(), key.encode(), [("number", number.encode())],
                          int(partition))
            for key, value, number in records(count, prefix, options)
        ]
        producer.flush(SECONDS)
        for future in futures:
            result = future.get(SECONDS)
            if acks != 0:
                write({"partition": result.partition, "offset": result.offset})
    finally:
        producer.close(timeout=5)


def _consumer(bootstrap, group=None):
    return KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False,
                         fetch_max_wait_ms=100)


def consume(arguments, _options):
    bootstrap, topic, partitions, offset, count = arguments
    wanted = [int(partition) for partition in partitions.split(",")]
    quota = Quota(wanted, int(count))
    consumer = _consumer(bootstrap)
    try:
        assigned = [TopicPartition(topic, partition) for partition in wanted]
        consumer.assign(assigned)
        for where in assigned:
            consumer.seek(where, int(offset))
        deadline = time.monotonic() + SECONDS
        while not quota.done:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still waiting for {quota.left}")
            for where, found in consumer.poll(200).items():
                for record in found:
                    if quota.take(where.partition):
                        write_record(where.partition, record.offset, record.key, record.value,
                                     record.timestamp, record.headers)
    finally:
        consumer.close()


def offset_at(arguments, _options):
    bootstrap, topic, partition, at = arguments
    where = TopicPartition(topic, int(partition))
    consumer = _consumer(bootstrap)
    try:
        if int(at) == -1:
            write({"offset": consumer.end_offsets([where])[where]})
        elif int(at) == -2:
            write({"offset": consumer.beginning_offsets([where])[where]})
        else:
            found = consumer.offsets_for_times({where: int(at)})[where]
            write({"offset": -1 if found is None else found.offset})
    finally:
        consumer.close()


def commit(arguments, _options):
    bootstrap, group, topic, partition, at = arguments
    where = TopicPartition(topic, int(partition))
    consumer = _consumer(bootstrap, group)
    try:
        consumer.assign([where])
        entry = OffsetAndMetadata(int(at), "m") if OLD else OffsetAndMetadata(int(at), "m", -1)
        consumer.commit({where: entry})
    finally:
        consumer.close()


def committed(arguments, _options):
    bootstrap, group, topic, partition = arguments
    consumer = _consumer(bootstrap, group)
    try:
        where = TopicPartition(topic, int(partition))
        consumer.assign([where])
        write({"offset": consumer.committed(where)})
    finally:
        consumer.close()


def _create(client, topic, partitions, *settings):
    configs = dict(setting.split("=", 1) for setting in settings)
    client.create_topics([NewTopic(topic, int(partitions), 1, topic_configs=configs)])


def _delete(client, *names):
    client.delete_topics(list(names))


def _partitions(client, topic, count):
    client.create_partitions({topic: NewPartitions(int(count))})


def _topics(client):
    found = client.describe_topics()
    name = "topic" if found and "topic" in found[0] else "name"
    write({"topics": {topic[name]: len(topic["partitions"]) for topic in found}})


def _config(client, topic, name):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {name: None} if OLD else [name])
    found = client.describe_configs([resource])
    if OLD:
        for response in found:
            for entry in response.resources[0][4]:
                write({"name": entry[0], "value": entry[1]})
        return
    write({"name": name, "value": _find(found, name)})


def _find(tree, name):
    """The value of a setting in whatever shape the client answers with."""
    if isinstance(tree, dict):
        if name in tree:
            entry = tree[name]
            return entry.get("value") if isinstance(entry, dict) else entry
        if tree.get("name") == name:
            return tree.get("value")
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        for branch in tree:
            found = _find(branch, name)
            if found is not None:
                return found
    return None


def _alter(client, topic, *settings):
    configs = dict(setting.split("=", 1) for setting in settings)
    answer = client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])
    if not OLD and answer != {"topic": {topic: "OK"}}:
        raise ValueError(answer)


def _truncate(client, topic, partition, at):
    client.delete_records({TopicPartition(topic, int(partition)): int(at)})


def _cluster(client):
    found = client.describe_cluster()
    brokers = [broker.get("node_id", broker.get("broker_id")) for broker in found["brokers"]]
    write({"cluster": found["cluster_id"], "controller": found["controller_id"],
           "brokers": brokers})


ADMIN = {
    "create": _create,
    "delete": _delete,
    "partitions": _partitions,
    "topics": _topics,
    "config": _config,
    "alter": _alter,
    "truncate": _truncate,
    "cluster": _cluster,
}


def admin(arguments, _options):
    bootstrap, verb, *words = arguments
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        ADMIN[verb](client, *words)
    finally:
        client.close()


def _assignors():
    found = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor,
             "sticky": StickyPartitionAssignor}
    if not OLD:
        from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
        found["cooperative-sticky"] = CooperativeStickyAssignor
    return found


class GroupMember(kafka.ConsumerRebalanceListener):
    """One member: the consumer, and what it says of itself."""

    def __init__(self, bootstrap, group, wanted, assignors):
        self.said = Membership()
        self._commit_each = wanted.commit == "each"
        settings = {} if OLD else {"group_instance_id": wanted.instance}
        self.consumer = KafkaConsumer(
            bootstrap_servers=bootstrap, client_id=wanted.id, group_id=group,
            session_timeout_ms=wanted.session, heartbeat_interval_ms=wanted.heartbeat,
            max_poll_interval_ms=wanted.rebalance, fetch_max_wait_ms=100,
            reconnect_backoff_max_ms=500, metadata_max_age_ms=1000,
            partition_assignment_strategy=[assignors[one] for one in wanted.assignors],
            enable_auto_commit=wanted.commit == "auto", auto_commit_interval_ms=200,
            auto_offset_reset=wanted.reset, **settings)
        # It assigns by what it knows of the topics when it joins, and lets it rest at that.
        for topic in self.consumer.topics() if wanted.pattern else wanted.topics:
            self.consumer.partitions_for_topic(topic)
        self.consumer.subscribe(topics=() if wanted.pattern else wanted.topics,
                                pattern=wanted.pattern, listener=self)

    def on_partitions_assigned(self, assigned):
        where = {(one.topic, one.partition) for one in assigned}
        self.said.assigned(sorted(where - self.said.owned))

    # What has been read is committed by then; the newest runs this where nothing may wait.
    def on_partitions_revoked(self, revoked):
        self.said.revoked([(one.topic, one.partition) for one in revoked])

    def on_partitions_lost(self, lost):
        self.said.revoked([(one.topic, one.partition) for one in lost], "lost")

    def commit(self):
        positions = self.said.positions()
        entry = (lambda at: OffsetAndMetadata(at, "")) if OLD \
            else (lambda at: OffsetAndMetadata(at, "", -1))
        try:
            if positions:
                self.consumer.commit({TopicPartition(*where): entry(at)
                                      for where, at in positions.items()})
            self.said.committed(positions)
        except kafka.errors.KafkaError as error:
            self.said.error(error)

    def read(self):
        try:
            batches = self.consumer.poll(50)
        except kafka.errors.KafkaError as error:
            self.said.error(error)
            return
        for where, found in batches.items():
            for record in found:
                self.said.record(where.topic, where.partition, record.offset, record.value)
        if batches and self._commit_each:
            self.commit()


def member(arguments, options):
    bootstrap, group, topics = arguments
    assignors = _assignors()
    wanted = Settings(topics, options, assignors, instance=not OLD, pattern=True)
    one = GroupMember(bootstrap, group, wanted, assignors)
    command = None
    while command != "leave":
        one.read()
        command = one.said.told()
        if command == "commit":
            one.commit()
    one.said.revoked()
    one.consumer.close()


serve({
    "member": member,
    "produce": produce,
    "consume": consume,
    "offset": offset_at,
    "commit": commit,
    "committed": committed,
    "admin": admin,
})
