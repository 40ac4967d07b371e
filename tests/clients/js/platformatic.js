// @platformatic/kafka: strict about versions, with no way back to older ones. Needs Node 22. Its
// consumer is used through fetch() where no group is wanted.
'use strict';

const { Admin, Consumer, Producer, stringSerializers, stringDeserializers } =
  require('@platformatic/kafka');
const { serve, print, printRecord, records, within, Quota } = require('./serve');
const { settings, Membership, assignRange, names, oneAtATime,
  told } = require('./member');

const kSeconds = 20;
const kCodecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

function connection(bootstrap) {
  return { clientId: 'tests', bootstrapBrokers: [bootstrap], retries: 3, timeout: 10000,
    metrics: undefined };
}

async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
  if (!kCodecs.includes(codec)) throw new Error(`no codec ${codec}`);
  const producer = new Producer({ ...connection(bootstrap), serializers: stringSerializers });
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
  const consumer = new Consumer({ ...connection(bootstrap), groupId: 'unused',
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
  const client = new Admin(connection(bootstrap));
  try {
    await within(kSeconds, verb, admins[verb](client, words));
  } finally {
    await client.close();
  }
}

function partitionAssigner(_current, members, topics, metadata) {
  const found = assignRange([...members].map(([id, one]) => ({ id, topics: one.topics })),
    [...topics].map((topic) => ({ topic,
      partitions: Array.from({ length: metadata.topics.get(topic).partitionsCount },
        (_, partition) => partition) })));
  return Object.entries(found).map(([memberId, assigned]) => ({ memberId,
    assignments: new Map(Object.entries(assigned)
      .map(([topic, partitions]) => [topic, { topic, partitions }])) }));
}

// What the classic protocol is told. It sends a member's metadata as it is about to join, which is
// when an eager member lets go of what it has.
function classic({ assignors }, self) {
  const cooperative = assignors.includes('cooperative-sticky');
  return {
    protocols: assignors.map((assignor) => ({ name: assignor, version: cooperative ? 2 : 1 })),
    ...(assignors[0] === 'range' && { partitionAssigner }),
    ...(!cooperative && { protocolsMetadata() {
      self.revoked();
      return Buffer.alloc(0);
    } })
  };
}

async function member([bootstrap, group, list], options) {
  const wanted = settings(list, options, { consumer: true, instance: true,
    assignors: ['range', 'roundrobin', 'cooperative-sticky'] });
  if (wanted.assignors.length > 1) throw new Error('the client assigns in one way only');
  const { topics, protocol, assignors: [assignor], instance, commit: committing } = wanted;
  const self = new Membership();
  const consumer = new Consumer({ ...connection(bootstrap), clientId: wanted.id, groupId: group,
    groupProtocol: protocol, deserializers: stringDeserializers, retries: 100, retryDelay: 100,
    ...(instance && { groupInstanceId: instance }),
    sessionTimeout: wanted.session,
    rebalanceTimeout: wanted.rebalance,
    heartbeatInterval: wanted.heartbeat,
    ...(protocol === 'classic' ? classic(wanted, self)
      : assignor && { groupRemoteAssignor: assignor })
  });
  // It has no event for each change of what it owns, but one place to keep it.
  let assignments = null;
  Object.defineProperty(consumer, 'assignments', {
    get: () => assignments,
    set(next) {
      const before = assignments;
      assignments = next;
      if (next === null) return;
      const owned = names(next);
      if (before === null || owned.length !== self.owned.size
          || owned.some((one) => !self.owned.has(one))) self.replaced(owned);
    }
  });
  for (const event of ['error', 'consumer:heartbeat:error']) {
    consumer.on(event, (error) => self.error(error && (error.error || error)));
  }
  const commitAll = async (always = true) => {
    const positions = self.positions();
    if (positions.length === 0 && !always) return;
    try {
      await consumer.commit({ offsets: positions.map(({ offset: at, ...one }) => (
        { ...one, offset: BigInt(at), leaderEpoch: -1 })) });
      self.committed(positions);
    } catch (error) {
      self.error(error);
    }
  };

  const commitSoon = oneAtATime(() => commitAll(false));
  let leaving = false;
  const read = async () => {
    while (!leaving) {
      try {
        const stream = await consumer.consume({ topics, mode: 'committed', maxWaitTime: 100,
          fallbackMode: wanted.reset, autocommit: committing === 'auto' ? 200 : false });
        for await (const { topic, partition, offset: at, value } of stream) {
          self.record(topic, partition, at, value);
          if (committing === 'each') commitSoon();
          if (leaving) return;
        }
      } catch (error) {
        self.error(error);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  read();
  await told({ commit: commitAll });
  leaving = true;
  self.revoked();
  await within(kSeconds, 'close', consumer.close(true));
}

serve({ member, produce, consume, admin });
