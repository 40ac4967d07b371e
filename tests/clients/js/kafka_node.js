// kafka-node: Producer, HighLevelProducer, Consumer, ConsumerGroup, Offset and Admin.
'use strict';

const kafka = require('kafka-node');
const { serve, print, printRecord, records, within, Quota } = require('./serve');
const { settings, Membership, name, oneAtATime, told } = require('./member');

const kCodecs = { none: 0, gzip: 1, snappy: 2 };
const kSeconds = 20;

function call(object, method, ...args) {
  return within(kSeconds, method, new Promise((resolve, reject) => {
    object[method](...args, (error, data) => (error ? reject(error) : resolve(data)));
  }));
}

function ready(object) {
  return within(kSeconds, 'ready', new Promise((resolve, reject) => {
    object.once('ready', resolve);
    object.once('error', reject);
  }));
}

function connect(bootstrap) {
  return new kafka.KafkaClient({ kafkaHost: bootstrap, connectTimeout: 5000, requestTimeout: 15000 });
}

async function withClient(bootstrap, use) {
  const client = connect(bootstrap);
  try {
    await ready(client);
    return await use(client);
  } finally {
    await new Promise((resolve) => client.close(resolve));
  }
}

function produceWith(Kind) {
  return async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
    if (!(codec in kCodecs)) throw new Error(`no codec ${codec}`);
    await withClient(bootstrap, async (client) => {
      const requireAcks = { 0: 0, 1: 1, all: -1 }[options.acks || '1'];
      const producer = new Kind(client, { requireAcks, ackTimeoutMs: 5000 });
      const messages = records(count, prefix, options)
        .map(({ key, value }) => new kafka.KeyedMessage(key, value));
      await call(client, 'refreshMetadata', [topic]);
      const payload = { topic, partition: Number(partition), messages, attributes: kCodecs[codec] };
      const data = await call(producer, 'send', [payload]);
      if (requireAcks === 0) {
        // Nothing says that it has arrived; give the socket time to be written.
        await new Promise((resolve) => setTimeout(resolve, 200));
        return;
      }
      const base = data[topic][partition];
      messages.forEach((_, i) => print({ partition: Number(partition), offset: base + i }));
    });
  };
}

async function consume([bootstrap, topic, partitions, offset, count], options) {
  const wanted = partitions.split(',').map(Number);
  const quota = new Quota(wanted, Number(count));
  const client = connect(bootstrap);
  const settings = {
    autoCommit: false,
    fromOffset: true,
    fetchMaxWaitMs: 100,
    fetchMaxBytes: Number(options.maxbytes || 4 * 1024 * 1024)
  };
  const payloads = wanted.map((partition) => ({ topic, partition, offset: Number(offset) }));
  const consumer = new kafka.Consumer(client, payloads, settings);
  try {
    await within(kSeconds, 'consume', new Promise((resolve, reject) => {
      consumer.on('message', (message) => {
        if (quota.take(message.partition)) printRecord(message);
        if (quota.done) resolve();
      });
      consumer.on('error', reject);
      consumer.on('offsetOutOfRange', reject);
    }));
  } finally {
    await new Promise((resolve) => consumer.close(false, resolve));
  }
}

async function offset([bootstrap, topic, partition, time]) {
  await withClient(bootstrap, async (client) => {
    const payload = { topic, partition: Number(partition), time: Number(time), maxNum: 1 };
    const data = await call(new kafka.Offset(client), 'fetch', [payload]);
    print({ offset: data[topic][partition][0] });
  });
}

async function commit([bootstrap, group, topic, partition, at]) {
  await withClient(bootstrap, async (client) => {
    const payload = { topic, partition: Number(partition), offset: Number(at), metadata: 'm' };
    await call(client, 'refreshMetadata', [topic]);
    await call(new kafka.Offset(client), 'commit', group, [payload]);
  });
}

async function committed([bootstrap, group, topic, partition]) {
  await withClient(bootstrap, async (client) => {
    await call(client, 'refreshMetadata', [topic]);
    const data = await call(new kafka.Offset(client), 'fetchCommitsV1', group,
      [{ topic, partition: Number(partition) }]);
    const found = data[topic][partition];
    print({ offset: found === -1 ? null : found });
  });
}

const admins = {
  async create(client, [topic, partitions, ...settings]) {
    const configEntries = settings.map((setting) => {
      const [name, value] = setting.split('=');
      return { name, value };
    });
    const replicationFactor = 1;
    const results = await call(client, 'createTopics',
      [{ topic, partitions: Number(partitions), replicationFactor, configEntries }]);
    results.forEach((result) => {
      if (result.error) throw new Error(result.error);
    });
  },

  async topics(client) {
    const [, data] = await call(new kafka.Admin(client), 'listTopics');
    const topics = {};
    Object.entries(data.metadata).forEach(([name, partitions]) => {
      topics[name] = Object.keys(partitions).length;
    });
    print({ topics });
  },

  async config(client, [topic, name]) {
    const { RESOURCE_TYPES: { topic: resourceType } = { topic: 'topic' } } = kafka.Admin;
    const resource = { resourceType: resourceType || 'topic', resourceName: topic,
      configNames: name ? [name] : [] };
    const results = await call(new kafka.Admin(client), 'describeConfigs',
      { resources: [resource], includeSynonyms: false });
    results.forEach(({ configEntries }) => configEntries.forEach((entry) => {
      print({ name: entry.configName, value: entry.configValue });
    }));
  }
};

async function admin([bootstrap, verb, ...words]) {
  await withClient(bootstrap, (client) => admins[verb](client, words));
}

// The consumer as the tutorial has it: it commits on its own under a group's name and goes on
// from there, with no group protocol at all.
async function follow([bootstrap, group, topic, partition, count]) {
  const consumer = new kafka.Consumer(connect(bootstrap), [{ topic, partition: Number(partition) }],
    { groupId: group, autoCommit: true, autoCommitIntervalMs: 50, fetchMaxWaitMs: 100 });
  let left = Number(count);
  await within(kSeconds, 'follow', new Promise((resolve, reject) => {
    consumer.on('message', (message) => {
      if (left === 0) return;
      left -= 1;
      printRecord(message);
      if (left === 0) resolve();
    });
    consumer.on('error', reject);
    consumer.on('offsetOutOfRange', reject);
  }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await within(kSeconds, 'close', new Promise((resolve) => consumer.close(true, resolve)));
}

// What the consumer commits is in its payloads: how far it has read, partition by partition.
function commitPayloads(consumer, self) {
  const offsets = consumer.topicPayloads.map(({ topic, partition, offset: at }) => (
    { topic, partition, offset: at }));
  return new Promise((resolve) => {
    consumer.commit(true, (error, data) => {
      // What is refused comes as data.
      const refused = Object.values(data || {}).find(({ errorCode }) => errorCode);
      if (error || refused) self.error(error || `error ${refused.errorCode}`);
      else if (offsets.length > 0) self.committed(offsets);
      resolve();
    });
  });
}

// ConsumerGroup. It has no callback for what it is given, but events: 'rebalanced' comes when it
// has joined, and onRebalance is waited for before it joins again.
async function member([bootstrap, group, list], options) {
  const { topics, assignors, session, heartbeat, commit: committing, reset, id } =
    settings(list, options, { assignors: ['range', 'roundrobin'] });
  const self = new Membership();
  let under = Promise.resolve();
  const commitAll = () => {
    under = under.then(() => commitPayloads(consumer, self));
    return under;
  };
  const consumer = new kafka.ConsumerGroup({
    kafkaHost: bootstrap,
    groupId: group,
    id,
    sessionTimeout: session,
    heartbeatInterval: heartbeat,
    protocol: assignors,
    fromOffset: reset,
    autoCommit: committing === 'auto',
    autoCommitIntervalMs: 200,
    fetchMaxWaitMs: 100,
    connectTimeout: 5000,
    requestTimeout: 15000,
    retryMinTimeout: 100,
    retries: 30,
    connectRetryOptions: { retries: 100, factor: 1, minTimeout: 100, maxTimeout: 100 },
    onRebalance: async (isMember, proceed) => {
      if (isMember && committing === 'each') await commitAll();
      self.revoked();
      proceed();
    }
  }, topics);
  consumer.on('rebalanced', () => {
    self.assigned(consumer.topicPayloads.map(({ topic, partition }) => name(topic, partition)));
  });
  const commitSoon = oneAtATime(commitAll);
  consumer.on('done', () => {
    if (committing === 'each') commitSoon();
  });
  consumer.on('message', ({ topic, partition, offset: at, value }) => {
    self.record(topic, partition, at, value);
  });
  consumer.on('error', (error) => self.error(error));
  await told({ commit: commitAll });
  consumer.pause();
  if (committing === 'each') await commitAll();
  self.revoked();
  await within(kSeconds, 'close', new Promise((resolve) => {
    consumer.close(committing === 'auto', resolve);
  }));
}

serve({
  member,
  produce: produceWith(kafka.Producer),
  'produce-high-level': produceWith(kafka.HighLevelProducer),
  consume,
  follow,
  offset,
  commit,
  committed,
  admin
});
