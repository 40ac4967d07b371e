// no-kafka: the oldest protocol levels that are still in use, without ApiVersions.
'use strict';

const Kafka = require('no-kafka');
const { serve, print, printRecord, records, within, Quota } = require('./serve');
const { settings, Membership, names, told } = require('./member');

const kCodecs = {
  none: Kafka.COMPRESSION_NONE,
  gzip: Kafka.COMPRESSION_GZIP,
  snappy: Kafka.COMPRESSION_SNAPPY
};
const kSeconds = 20;
const quiet = { logger: { logLevel: 0 } };

async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
  if (!(codec in kCodecs)) throw new Error(`no codec ${codec}`);
  const requiredAcks = { 0: 0, 1: 1, all: -1 }[options.acks || '1'];
  const producer = new Kafka.Producer({ connectionString: bootstrap, requiredAcks, ...quiet });
  await within(kSeconds, 'init', producer.init());
  const messages = records(count, prefix, options)
    .map(({ key, value }) => ({ topic, partition: Number(partition), message: { key, value } }));
  const batch = { codec: kCodecs[codec], batch: { size: 1 << 30, maxWait: 10 } };
  const results = await within(kSeconds, 'send', producer.send(messages, batch));
  await producer.end();
  if (requiredAcks === 0) return;
  // One answer a batch, with the offset of its first record.
  if (results[0].error) throw results[0].error;
  messages.forEach((_, i) => {
    print({ partition: Number(partition), offset: Number(results[0].offset) + i });
  });
}

async function withConsumer(bootstrap, options, use) {
  const consumer = new Kafka.SimpleConsumer(
    { connectionString: bootstrap, idleTimeout: 20, maxWaitTime: 100, ...quiet, ...options });
  await within(kSeconds, 'init', consumer.init());
  try {
    await use(consumer);
  } finally {
    await consumer.end();
  }
}

async function consume([bootstrap, topic, partitions, offset, count]) {
  const wanted = partitions.split(',').map(Number);
  const quota = new Quota(wanted, Number(count));
  await withConsumer(bootstrap, { maxBytes: 4 * 1024 * 1024 }, async (consumer) => {
    await within(kSeconds, 'consume', new Promise((resolve, reject) => {
      consumer.subscribe(topic, wanted, { offset: Number(offset) }, (messages, _, partition) => {
        messages.forEach((record) => {
          if (!quota.take(partition)) return;
          const { key, value } = record.message;
          printRecord({ partition, offset: record.offset, key, value });
        });
        if (quota.done) resolve();
      }).catch(reject);
    }));
  });
}

async function offset([bootstrap, topic, partition, time]) {
  const at = Number(time);
  const named = { '-1': Kafka.LATEST_OFFSET, '-2': Kafka.EARLIEST_OFFSET };
  await withConsumer(bootstrap, {}, async (consumer) => {
    const wanted = String(at) in named ? named[String(at)] : at;
    print({ offset: Number(await consumer.offset(topic, Number(partition), wanted)) });
  });
}

async function commit([bootstrap, group, topic, partition, at]) {
  await withConsumer(bootstrap, { groupId: group }, async (consumer) => {
    const results = await consumer.commitOffset(
      [{ topic, partition: Number(partition), offset: Number(at), metadata: 'm' }]);
    results.forEach(({ error }) => {
      if (error) throw error;
    });
  });
}

async function committed([bootstrap, group, topic, partition]) {
  await withConsumer(bootstrap, { groupId: group }, async (consumer) => {
    const [found] = await consumer.fetchOffset([{ topic, partition: Number(partition) }]);
    if (found.error) throw found.error;
    print({ offset: found.offset === -1 ? null : Number(found.offset) });
  });
}

// Its GroupConsumer tells nobody what it owns; the two steps of its own at which that changes are
// watched: before it joins, and when it is told what it has.
class WatchedConsumer extends Kafka.GroupConsumer {
  constructor(options, self) {
    super(options);
    this.self = self;
  }

  _joinGroup() {
    this.self.revoked();
    return super._joinGroup();
  }

  _updateSubscriptions(assignment) {
    this.self.assigned(names(assignment));
    return super._updateSubscriptions(assignment);
  }
}

async function member([bootstrap, group, list], options) {
  const { topics, session, heartbeat, commit: committing, reset, id, assignors: [assignor] } =
    settings(list, options, { assignors: ['roundrobin'] });
  if (committing === 'auto') throw new Error('the client does not commit by itself');
  const self = new Membership();
  const consumer = new WatchedConsumer({ connectionString: bootstrap, clientId: id, groupId: group,
    sessionTimeout: session, heartbeatTimeout: heartbeat, idleTimeout: 20, maxWaitTime: 100,
    startingOffset: reset === 'earliest' ? Kafka.EARLIEST_OFFSET : Kafka.LATEST_OFFSET,
    ...quiet }, self);
  // It adds one to the offsets that it is given.
  const send = async (positions) => {
    try {
      const results = positions.length === 0 ? [] : await consumer.commitOffset(
        positions.map((one) => ({ ...one, offset: one.offset - 1 })));
      results.forEach(({ error }) => {
        if (error) throw error;
      });
      self.committed(positions);
    } catch (error) {
      self.error(error);
    }
  };
  const handler = async (messages, topic, partition) => {
    messages.forEach(({ offset: at, message: { value } }) => {
      self.record(topic, partition, at, value);
    });
    if (committing !== 'each' || messages.length === 0) return;
    const next = messages[messages.length - 1].offset + 1;
    await send([{ topic, partition, offset: next }]);
  };
  await consumer.init([{ name: assignor, subscriptions: topics, handler }]);
  await told({ commit: () => send(self.positions()) });
  self.revoked();
  await within(kSeconds, 'end', consumer.end());
}

serve({ member, produce, consume, offset, commit, committed });
