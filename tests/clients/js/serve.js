// Runs the commands of a client program (README.md has the list): one from the command line, or
// many from standard input.
'use strict';

const readline = require('readline');

// print(object) writes one line of the answer.
function print(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}

// The options are the words of the form name=value; names of topic settings have a dot, and stay words.
function parse(words) {
  const options = {};
  const args = [];
  for (const word of words) {
    const match = /^([a-z]+)=(.*)$/.exec(word);
    if (match) options[match[1]] = match[2];
    else args.push(word);
  }
  return { args, options };
}

function describe(error) {
  if (!error) return 'unknown';
  const parts = [error.name, error.type, error.code, error.message, error.errorCode]
    .filter((part) => part !== undefined && part !== null && part !== '');
  const inner = (error.errors || []).concat(error.cause ? [error.cause] : []).map(describe);
  return [...new Set(parts.concat(inner).map(String))].join(' ') || String(error);
}

async function run(verbs, words) {
  const verb = verbs[words[0]];
  try {
    if (!verb) throw new Error(`no such verb: ${words[0]}`);
    const { args, options } = parse(words.slice(1));
    await verb(args, options);
    print({ end: true });
    return true;
  } catch (error) {
    print({ end: false, error: describe(error) });
    return false;
  }
}

// serve(verbs): verbs maps a name to an async function of (args, options).
exports.serve = async function serve(verbs) {
  process.on('unhandledRejection', (error) => {
    process.stderr.write(`unhandled: ${error && error.stack}\n`);
  });
  const words = process.argv.slice(2);
  if (words[0] !== 'serve') {
    const fine = await run(verbs, words);
    process.stdout.write('', () => process.exit(fine ? 0 : 1));
    return;
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await run(verbs, line.split('\t'));
  }
  process.exit(0);
};

exports.print = print;

// The records that produce sends: see README.md.
exports.records = function records(count, prefix, options) {
  const size = Number(options.size || 0);
  return Array.from({ length: Number(count) }, (_, i) => ({
    key: `${prefix}-key-${i}`,
    value: size ? `${prefix}-${i}`.padEnd(size, 'x').slice(0, size) : `${prefix}-${i}`,
    number: String(i)
  }));
};

exports.printRecord = function printRecord(record) {
  const value = record.value === null || record.value === undefined ? null : String(record.value);
  const key = record.key === null || record.key === undefined ? null : String(record.key);
  print({
    partition: record.partition,
    offset: Number(record.offset),
    key,
    value: value === null ? null : value.slice(0, 200),
    length: value === null ? 0 : value.length,
    timestamp: record.timestamp === undefined ? null : Number(record.timestamp),
    headers: record.headers || {}
  });
};

// A promise that fails by itself after some seconds.
exports.within = function within(seconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${seconds} s`)),
      seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

// Counts down the records that a consumer still owes, partition by partition.
exports.Quota = class Quota {
  constructor(partitions, count) {
    this.left = new Map(partitions.map((partition) => [partition, count]));
    this.open = count > 0 ? partitions.length : 0;
  }

  // take(partition): true when a record of this partition is wanted.
  take(partition) {
    const left = this.left.get(partition) || 0;
    if (left === 0) return false;
    this.left.set(partition, left - 1);
    if (left === 1) this.open -= 1;
    return true;
  }

  get done() {
    return this.open === 0;
  }
};
