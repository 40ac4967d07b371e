// kafkajs: its producer, its admin client, and its consumer, which reads in groups only.
'use strict';

const { Kafka, AssignerProtocol, CompressionTypes, CompressionCodecs, ConfigResourceTypes,
  PartitionAssigners, logLevel } = require('kafkajs');
const SnappyCodec = require('kafkajs-snappy');
const { serve, print, records } = require('./serve');
const { settings, Membership, assignRange, names, told } = require('./member');

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
const kCodecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy
};

function connect(bootstrap) {
  return new Kafka({
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    requestTimeout: 15000,
    retry: { retries: 3 }
  });
}

async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
  if (!(codec in kCodecs)) throw new Error(`no codec ${codec}`);
  const idempotent = options.idempotence === 'true';
  const producer = connect(bootstrap).producer({ idempotent, retry: { retries: 3 } });
  await producer.connect();
  try {
    const acks = { 0: 0, 1: 1, all: -1 }[options.acks || 'all'];
    const messages = records(count, prefix, options).map(({ key, value, number }) => (
      { partition: Number(partition), key, value, headers: { number } }));
    const [result] = await producer.send({ topic, acks, compression: kCodecs[codec], messages });
    if (acks === 0) return;
    messages.forEach((_, i) => {
      print({ partition: Number(partition), offset: Number(result.baseOffset) + i });
    });
  } finally {
    await producer.disconnect();
  }
}

async function withAdmin(bootstrap, use) {
  const client = connect(bootstrap).admin();
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.disconnect();
  }
}

async function offset([bootstrap, topic, partition, time]) {
  await withAdmin(bootstrap, async (client) => {
    const at = Number(time);
    const found = at < 0
      ? await client.fetchTopicOffsets(topic)
      : await client.fetchTopicOffsetsByTimestamp(topic, at);
    const entry = found.find((one) => one.partition === Number(partition));
    print({ offset: Number(at === -2 ? entry.low : entry.offset) });
  });
}

async function committed([bootstrap, group, topic, partition]) {
  await withAdmin(bootstrap, async (client) => {
    const [found] = await client.fetchOffsets({ groupId: group, topics: [topic] });
    const entry = found.partitions.find((one) => one.partition === Number(partition));
    print({ offset: entry === undefined || entry.offset === '-1' ? null : Number(entry.offset) });
  });
}

const admins = {
  async create(client, [topic, partitions, ...settings]) {
    const configEntries = settings.map((setting) => {
      const [name, value] = setting.split('=');
      return { name, value };
    });
    const made = await client.createTopics({ waitForLeaders: true,
      topics: [{ topic, numPartitions: Number(partitions), configEntries }] });
    if (!made) throw new Error('the topic already exists');
  },

  async delete(client, topics) {
    await client.deleteTopics({ topics });
  },

  async topics(client) {
    const metadata = await client.fetchTopicMetadata();
    const topics = {};
    metadata.topics.forEach(({ name, partitions }) => {
      topics[name] = partitions.length;
    });
    print({ topics });
  },

  async partitions(client, [topic, count]) {
    await client.createPartitions({ topicPartitions: [{ topic, count: Number(count) }] });
  },

  async config(client, [topic, name]) {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic,
      configNames: name ? [name] : [] };
    const { resources } = await client.describeConfigs(
      { includeSynonyms: false, resources: [resource] });
    resources[0].configEntries.forEach(({ configName, configValue }) => {
      print({ name: configName, value: configValue });
    });
  },

  async alter(client, [topic, ...settings]) {
    const configEntries = settings.map((setting) => {
      const [name, value] = setting.split('=');
      return { name, value };
    });
    await client.alterConfigs({ validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }] });
  },

  async truncate(client, [topic, partition, at]) {
    // It needs to have met the topic before.
    await client.fetchTopicOffsets(topic);
    await client.deleteTopicRecords(
      { topic, partitions: [{ partition: Number(partition), offset: at }] });
  },

  async cluster(client) {
    const { brokers, controller, clusterId } = await client.describeCluster();
    print({ cluster: clusterId, controller, brokers: brokers.map(({ nodeId }) => nodeId) });
  }
};

async function admin([bootstrap, verb, ...words]) {
  await withAdmin(bootstrap, (client) => admins[verb](client, words));
}

function rangeAssigner({ cluster }) {
  const version = 1;
  return {
    name: 'range',
    version,
    protocol({ topics }) {
      const metadata = { version, topics, userData: Buffer.alloc(0) };
      return { name: 'range', metadata: AssignerProtocol.MemberMetadata.encode(metadata) };
    },
    async assign({ members }) {
      const decoded = members.map(({ memberId, memberMetadata }) => (
        { id: memberId, topics: AssignerProtocol.MemberMetadata.decode(memberMetadata).topics }));
      const topics = [...new Set(decoded.flatMap((one) => one.topics))];
      await cluster.addMultipleTargetTopics(topics);
      const found = assignRange(decoded, topics.map((topic) => ({ topic,
        partitions: cluster.findTopicPartitionMetadata(topic).map((one) => one.partitionId) })));
      return Object.entries(found).map(([memberId, assignment]) => ({ memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode(
          { version, assignment, userData: Buffer.alloc(0) }) }));
    }
  };
}

const kAssigners = { range: rangeAssigner, roundrobin: PartitionAssigners.roundRobin };

// An assigner is asked for its protocol whenever the consumer is about to join.
function beforeJoining(assigner, act) {
  return (...words) => {
    const made = assigner(...words);
    return { ...made,
      protocol(...args) {
        act();
        return made.protocol(...args);
      } };
  };
}

async function member([bootstrap, group, list], options) {
  const { topics, assignors, session, heartbeat, rebalance, commit: committing, reset, id } =
    settings(list, options, { assignors: Object.keys(kAssigners) });
  const self = new Membership();
  const client = new Kafka({ brokers: [bootstrap], clientId: id, logLevel: logLevel.NOTHING,
    connectionTimeout: 5000, requestTimeout: 15000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 } });
  const consumer = client.consumer({
    groupId: group,
    partitionAssigners: assignors.map((assignor) => (
      beforeJoining(kAssigners[assignor], () => self.revoked()))),
    sessionTimeout: session,
    rebalanceTimeout: rebalance,
    heartbeatInterval: heartbeat,
    maxWaitTimeInMs: 100
  });
  const { GROUP_JOIN, COMMIT_OFFSETS, CRASH } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    self.assigned(names(Object.entries(memberAssignment)
      .map(([topic, partitions]) => ({ topic, partitions }))));
  });
  consumer.on(COMMIT_OFFSETS, ({ payload }) => {
    self.committed(payload.topics.flatMap(({ topic, partitions }) => (
      partitions.map((one) => ({ topic, ...one })))));
  });
  consumer.on(CRASH, ({ payload }) => self.error(payload.error));
  const commitAll = async () => {
    try {
      const offsets = self.positions().map((one) => ({ ...one, offset: String(one.offset) }));
      if (offsets.length === 0) self.committed([]);
      else await consumer.commitOffsets(offsets);
    } catch (error) {
      self.error(error);
    }
  };

  let leaving = false;
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: reset === 'earliest' });
  await consumer.run({
    autoCommit: committing === 'auto',
    autoCommitInterval: 200,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, isStale }) => {
      if (leaving || isStale() || batch.messages.length === 0) return;
      for (const { offset: at, value } of batch.messages) {
        self.record(batch.topic, batch.partition, at, value);
        resolveOffset(at);
      }
      if (committing === 'auto') await commitOffsetsIfNecessary();
      if (committing !== 'each') return;
      try {
        // An error of consumer.commitOffsets() would end the consumer for good.
        const offset = String(Number(batch.lastOffset()) + 1);
        await commitOffsetsIfNecessary({ topics: [{ topic: batch.topic,
          partitions: [{ partition: batch.partition, offset }] }] });
      } catch (error) {
        self.error(error);
        throw error;
      }
    }
  });
  await told({ commit: commitAll });
  leaving = true;
  self.revoked();
  await consumer.disconnect();
}

serve({ member, produce, offset, committed, admin });
