// Message sets as kafka-node writes them for Produce v0-v2, made by its own encoder:
//
//   NODE_PATH=<a node_modules with kafka-node and snappy> node kafka_node_sets.js \
//     > records/kafka-node.txt
//
// A line for each: the version of Produce, the codec of the producer, the messages in hex.
'use strict';

const protocol = require('kafka-node/lib/protocol');
const { Message, KeyedMessage } = protocol;
const codecs = { none: 0, gzip: 1, snappy: 2 };
const compressors = { gzip: require('zlib').gzipSync, snappy: require('snappy').compressSync };
const encoders = [protocol.encodeProduceRequest, protocol.encodeProduceV1Request,
  protocol.encodeProduceV2Request];

// What a producer is given, as kafka-node's clients turn it into messages.
function messages () {
  return [
    new KeyedMessage('key', 'value'),
    new Message(0, 0, null, 'Hello, Kafka!'),
    new Message(0, 0, '', ''),
    new KeyedMessage('gone', null)
  ].map((m, i) => Object.assign(m, { magic: 0, attributes: 0, timestamp: 1500000000000 + i }));
}

// A compressing client puts all messages in one, as format 1 whatever the version of Produce.
function compressed (name) {
  const inner = protocol.encodeMessageSet(messages(), 1);
  return [new Message(0, codecs[name], 'wrapper key', compressors[name](inner))];
}

// In a request for one partition, the rest after its length.
function setOf (request) {
  for (let at = 4; at < request.length; at++) {
    if (request.readInt32BE(at) === request.length - at - 4) return request.subarray(at + 4);
  }
  throw new Error('no message set');
}

for (const version of [0, 1, 2]) {
  for (const name of Object.keys(codecs)) {
    const set = name === 'none' ? messages() : compressed(name);
    const payload = { topic: 't', partition: 0, messages: set };
    const request = encoders[version](1, 100)('client', 1, [payload]);
    console.log(version, name, setOf(request).toString('hex'));
  }
}
