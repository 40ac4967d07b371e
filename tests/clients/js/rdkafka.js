// node-rdkafka: librdkafka in Node. Its own version of librdkafka is Debian's.
'use strict';

const rdkafka = require('node-rdkafka');
const { serve, print, printRecord, records, within, Quota } = require('./serve');
const { settings, Membership, names, told } = require('./member');

const kSeconds = 20;

function connect(client) {
  return within(kSeconds, 'connect', new Promise((resolve, reject) => {
    client.connect({ timeout: 10000 }, (error) => (error ? reject(error) : resolve()));
  }));
}

function disconnect(client) {
  return new Promise((resolve) => client.disconnect(resolve));
}

async function produce([bootstrap, topic, partition, codec, count, prefix], options) {
  const producer = new rdkafka.Producer({
    'bootstrap.servers': bootstrap,
    'compression.codec': codec,
    'enable.idempotence': options.idempotence === 'true',
    'message.max.bytes': 100 * 1024 * 1024,
    'message.timeout.ms': 15000,
    'linger.ms': 20,
    dr_cb: true
  }, { acks: { 0: 0, 1: 1, all: -1 }[options.acks || 'all'] });
  await connect(producer);
  try {
    const wanted = records(count, prefix, options);
    let left = wanted.length;
    producer.setPollInterval(10);
    await within(kSeconds, 'delivery', new Promise((resolve, reject) => {
      producer.on('delivery-report', (error, report) => {
        if (error) return reject(error);
        if (options.acks !== '0') print({ partition: report.partition, offset: report.offset });
        left -= 1;
        return left === 0 ? resolve() : undefined;
      });
      wanted.forEach(({ key, value, number }) => {
        producer.produce(topic, Number(partition), Buffer.from(value), key, null, null,
          [{ number }]);
      });
    }));
  } finally {
    await disconnect(producer);
  }
}

function consumer(bootstrap, group) {
  return new rdkafka.KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'group.id': group,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'fetch.wait.max.ms': 100
  }, {});
}

async function consume([bootstrap, topic, partitions, offset, count]) {
  const wanted = partitions.split(',').map(Number);
  const quota = new Quota(wanted, Number(count));
  const client = consumer(bootstrap, 'unused');
  await connect(client);
  try {
    client.assign(wanted.map((partition) => ({ topic, partition, offset: Number(offset) })));
    await within(kSeconds, 'consume', new Promise((resolve, reject) => {
      client.on('data', (record) => {
        if (quota.take(record.partition)) {
          const headers = {};
          (record.headers || []).forEach((header) => Object.entries(header)
            .forEach(([name, value]) => { headers[name] = String(value); }));
          printRecord({ ...record, headers });
        }
        if (quota.done) resolve();
      });
      client.on('event.error', reject);
      client.consume();
    }));
  } finally {
    await disconnect(client);
  }
}

async function commit([bootstrap, group, topic, partition, at]) {
  const client = consumer(bootstrap, group);
  await connect(client);
  try {
    client.assign([{ topic, partition: Number(partition) }]);
    client.commitSync([{ topic, partition: Number(partition), offset: Number(at) }]);
  } finally {
    await disconnect(client);
  }
}

async function committed([bootstrap, group, topic, partition]) {
  const client = consumer(bootstrap, group);
  await connect(client);
  try {
    const found = await new Promise((resolve, reject) => {
      client.committed([{ topic, partition: Number(partition) }], 10000,
        (error, list) => (error ? reject(error) : resolve(list)));
    });
    const [{ offset: at }] = found;
    print({ offset: at === undefined || at < 0 ? null : at });
  } finally {
    await disconnect(client);
  }
}

async function offset([bootstrap, topic, partition, time]) {
  const client = consumer(bootstrap, 'unused');
  await connect(client);
  try {
    const at = Number(time);
    const query = (method, ...args) => new Promise((resolve, reject) => {
      client[method](...args, 10000, (error, found) => (error ? reject(error) : resolve(found)));
    });
    if (at < 0) {
      const { lowOffset, highOffset } = await query('queryWatermarkOffsets', topic,
        Number(partition));
      print({ offset: at === -1 ? highOffset : lowOffset });
    } else {
      const [found] = await query('offsetsForTimes',
        [{ topic, partition: Number(partition), offset: at }]);
      print({ offset: found.offset });
    }
  } finally {
    await disconnect(client);
  }
}

const kAssign = -175;
const kRevoke = -174;

async function member([bootstrap, group, list], options) {
  const { topics, assignors, instance, session, heartbeat, rebalance, pattern,
    commit: committing, reset, id } = settings(list, options, { instance: true, pattern: true,
    assignors: ['range', 'roundrobin', 'cooperative-sticky'] });
  const self = new Membership();
  const cooperative = assignors.includes('cooperative-sticky');
  const commitAll = (always = true) => {
    const positions = self.positions();
    try {
      if (positions.length > 0) client.commitSync(positions);
      if (positions.length > 0 || always) self.committed(positions);
    } catch (error) {
      self.error(error);
    }
  };
  const client = new rdkafka.KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'client.id': id,
    'group.id': group,
    ...(instance && { 'group.instance.id': instance }),
    'session.timeout.ms': session,
    'heartbeat.interval.ms': heartbeat,
    'max.poll.interval.ms': rebalance,
    'partition.assignment.strategy': assignors.join(','),
    'enable.auto.commit': committing === 'auto',
    'auto.commit.interval.ms': 200,
    'fetch.wait.max.ms': 100,
    'reconnect.backoff.max.ms': 500,
    'topic.metadata.refresh.interval.ms': 1000,
    log_level: 0,
    rebalance_cb(error, assignment) {
      if (error.code === kAssign) {
        self.assigned(names(assignment));
        if (cooperative) client.incrementalAssign(assignment);
        else client.assign(assignment);
      } else if (error.code === kRevoke) {
        if (committing === 'each') commitAll(false);
        self.revoked(names(assignment));
        if (cooperative) client.incrementalUnassign(assignment);
        else client.unassign();
      } else {
        self.error(error);
      }
    }
  }, { 'auto.offset.reset': reset });
  client.setDefaultConsumeTimeout(100);
  client.setDefaultConsumeLoopTimeoutDelay(10);
  let dirty = false;
  client.on('data', ({ topic, partition, offset: at, value }) => {
    if (!self.owned.has(`${topic}-${partition}`)) return;
    self.record(topic, partition, at, value);
    if (committing !== 'each' || dirty) return;
    dirty = true;
    setImmediate(() => {
      dirty = false;
      commitAll(false);
    });
  });
  client.on('event.error', (error) => self.error(error));
  await connect(client);
  client.subscribe(pattern ? [new RegExp(pattern)] : topics);
  client.consume();
  await told({ commit: commitAll });
  // A callback of its own during disconnect() is never heard.
  client.unsubscribe();
  while (self.owned.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // It has left the group by now, which is for the test to see. Rarely its disconnect() never calls
  // back after consume(); then the process ends without it.
  await within(5, 'disconnect', disconnect(client)).catch((error) => console.error(error.message));
}

serve({ member, produce, consume, commit, committed, offset });
