// @platformatic/kafka: strict about versions, with no way back to older ones. Needs Node 22. Its
// consumer is used through fetch(), which needs no group.
'use strict';

const { Admin, Consumer, Producer, stringSerializers, stringDeserializers } =
  require('@platformatic/kafka');
const { serve, print, printRecord, records, within, Quota } = require('./serve');

const kSeconds = 20;
const kCodecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

function settings(bootstrap) {
  return { clientId: 'tests', bootstrapBrokers: [bootstrap], retries: 3, timeout: 10000,
    metrics: undefined };
}

async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
  if (!kCodecs.includes(codec)) throw new Error(`no codec ${codec}`);
  const producer = new Producer({ ...settings(bootstrap), serializers: stringSerializers });
  try {
    const acks = { 0: 0, 1: 1, all: -1 }[options.acks || 'all'];
    const messages = records(count, prefix, options).map(({ key, value, number }) => (
      { topic, partition: Number(partition), key, value, headers: { number } }));
    const result = await within(kSeconds, 'send', producer.send({
      messages, acks, compression: codec, autocreateTopics: true,
      idempotent: options.idempotence === 'true'
    }));
    if (acks === 0) return;
    messages.forEach((_, i) => {
      print({ partition: Number(partition), offset: Number(result.offsets[0].offset) + i });
    });
  } finally {
    await producer.close();
  }
}

async function consume([bootstrap, topic, partitions, offset, count]) {
  const wanted = partitions.split(',').map(Number);
  const quota = new Quota(wanted, Number(count));
  const consumer = new Consumer({ ...settings(bootstrap), groupId: 'unused',
    deserializers: stringDeserializers });
  try {
    const metadata = await within(kSeconds, 'metadata', consumer.metadata({ topics: [topic] }));
    const { id, partitions: found } = metadata.topics.get(topic);
    const next = new Map(wanted.map((partition) => [partition, BigInt(offset)]));
    const deadline = Date.now() + kSeconds * 1000;
    while (!quota.done) {
      if (Date.now() > deadline) throw new Error('records are missing');
      const list = wanted.map((partition) => ({
        partition, currentLeaderEpoch: found[partition].leaderEpoch,
        fetchOffset: next.get(partition), lastFetchedEpoch: -1, partitionMaxBytes: 1 << 22
      }));
      const answer = await consumer.fetch({ node: found[wanted[0]].leader, minBytes: 1,
        maxBytes: 1 << 26, maxWaitTime: 100, isolationLevel: 0,
        topics: [{ topicId: id, partitions: list }] });
      for (const one of answer.responses.flatMap((response) => response.partitions)) {
        if (one.errorCode) throw new Error(`error ${one.errorCode}`);
        for (const batch of one.records || []) {
          for (const record of batch.records) {
            const at = batch.firstOffset + BigInt(record.offsetDelta);
            if (at < next.get(one.partitionIndex)) continue;
            next.set(one.partitionIndex, at + 1n);
            if (!quota.take(one.partitionIndex)) continue;
            const headers = {};
            for (const [name, value] of record.headers) headers[String(name)] = String(value);
            printRecord({ partition: one.partitionIndex, offset: at, key: record.key,
              value: record.value, headers,
              timestamp: batch.firstTimestamp + BigInt(record.timestampDelta) });
          }
        }
      }
    }
  } finally {
    await consumer.close(true);
  }
}

const admins = {
  async create(client, [topic, partitions, ...list]) {
    const configs = list.map((setting) => {
      const [name, value] = setting.split('=');
      return { name, value };
    });
    await client.createTopics({ topics: [topic], partitions: Number(partitions), replicas: 1,
      configs });
  },

  async delete(client, topics) {
    await client.deleteTopics({ topics });
  },

  async topics(client) {
    const names = await client.listTopics();
    const metadata = await client.metadata({ topics: names });
    const topics = {};
    metadata.topics.forEach(({ partitionsCount }, name) => {
      topics[name] = partitionsCount;
    });
    print({ topics });
  }
};

async function admin([bootstrap, verb, ...words]) {
  const client = new Admin(settings(bootstrap));
  try {
    await within(kSeconds, verb, admins[verb](client, words));
  } finally {
    await client.close();
  }
}

serve({ produce, consume, admin });
