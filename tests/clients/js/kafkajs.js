// kafkajs: its producer and its admin client. Its consumer reads in groups only.
'use strict';

const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, logLevel } =
  require('kafkajs');
const SnappyCodec = require('kafkajs-snappy');
const { serve, print, records } = require('./serve');

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

serve({ produce, offset, committed, admin });
