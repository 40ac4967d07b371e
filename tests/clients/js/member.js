// What a member of a consumer group prints, is told and is set to: README.md has the list.
'use strict';

const readline = require('readline');
const { print } = require('./serve');

const kDefaults = { protocol: 'classic', assignor: '', instance: '', session: '6000',
  rebalance: '10000', pattern: '', commit: 'each', reset: 'earliest', id: 'member' };

function time() {
  return Number(process.hrtime.bigint()) / 1e6;
}

// settings(topics, options, can): the options with numbers as numbers and lists as lists.
// can: { assignors, consumer, instance, pattern }, what the client has; the rest is refused.
exports.settings = function settings(topics, options, can) {
  for (const name of Object.keys(options)) {
    if (!(name in kDefaults)) throw new Error(`no such option: ${name}`);
  }
  const all = { ...kDefaults, ...options };
  const consumer = all.protocol === 'consumer';
  if (consumer && !can.consumer) throw new Error('the client does not speak that protocol');
  if (all.instance && !can.instance) throw new Error('the client has no static members');
  if (all.pattern && !can.pattern) throw new Error('the client does not subscribe by pattern');
  const assignors = (all.assignor || (consumer ? '' : 'range')).split(',').filter(Boolean);
  for (const assignor of consumer ? [] : assignors) {
    if (!can.assignors.includes(assignor)) throw new Error(`no assignor ${assignor}`);
  }
  const session = Number(all.session);
  return { ...all, assignors, session, heartbeat: Math.floor(session / 6),
    rebalance: Math.max(Number(all.rebalance), session), topics: topics.split(',') };
};

exports.name = (topic, partition) => `${topic}-${partition}`;

// The names of [{ topic, partition }] or [{ topic, partitions }].
exports.names = (list) => (list || []).flatMap(({ topic, partition, partitions }) => (
  (partitions || [partition]).map((one) => exports.name(topic, one))));

// Who it is to the tests: the partitions it owns, and how far it has read in each.
exports.Membership = class Membership {
  constructor() {
    this.owned = new Set();
    this.next = new Map();
  }

  #say(event, partitions) {
    print({ event, partitions, owned: [...this.owned], time: time() });
  }

  assigned(partitions) {
    partitions.forEach((one) => this.owned.add(one));
    this.#say('assigned', partitions);
  }

  // Without a list, of all that it has; says nothing where there is nothing.
  revoked(partitions = [...this.owned], event = 'revoked') {
    partitions.forEach((one) => {
      this.owned.delete(one);
      this.next.delete(one);
    });
    if (partitions.length > 0) this.#say(event, partitions);
  }

  // What it owns is these from now on.
  replaced(partitions) {
    const wanted = new Set(partitions);
    this.revoked([...this.owned].filter((one) => !wanted.has(one)));
    this.assigned(partitions.filter((one) => !this.owned.has(one)));
  }

  record(topic, partition, offset, value) {
    const name = exports.name(topic, partition);
    this.next.set(name, Number(offset) + 1);
    print({ event: 'record', partition: name, offset: Number(offset), value: String(value),
      time: time() });
  }

  // [{ topic, partition, offset }]: how far it has read what it owns.
  positions() {
    return [...this.next].filter(([name]) => this.owned.has(name)).map(([name, offset]) => {
      const dash = name.lastIndexOf('-');
      return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)), offset };
    });
  }

  committed(list) {
    const offsets = {};
    list.forEach(({ topic, partition, offset }) => {
      offsets[exports.name(topic, partition)] = Number(offset);
    });
    print({ event: 'committed', offsets, time: time() });
  }

  error(error) {
    const text = error && (error.message || error.type || error.code);
    print({ event: 'error', error: String(text || error), time: time() });
  }
};

// An act that is under way is not begun again: asked for meanwhile, it is done once more after it.
exports.oneAtATime = function oneAtATime(act) {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await act();
    }
    running = false;
  };
};

// Takes the commands; resolves when the member is to leave. commit() prints what it does.
exports.told = async function told({ commit }) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === 'leave') return;
    if (line === 'commit') await commit();
  }
};

// The range assignor for clients that have none: the partitions of [{ topic, partitions }] for
// [{ id, topics }], as { id: { topic: [partition...] } }.
exports.assignRange = function assignRange(members, topics) {
  const found = Object.fromEntries(members.map(({ id }) => [id, {}]));
  for (const { topic, partitions } of topics) {
    const takers = members.filter((member) => member.topics.includes(topic))
      .map(({ id }) => id).sort();
    const sorted = [...partitions].sort((a, b) => a - b);
    takers.forEach((id, i) => {
      const end = (k) => Math.floor(sorted.length / takers.length) * k
        + Math.min(k, sorted.length % takers.length);
      const mine = sorted.slice(end(i), end(i + 1));
      if (mine.length > 0) found[id][topic] = mine;
    });
  }
  return found;
};
