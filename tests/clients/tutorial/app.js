// An HTTP server that passes what it is sent to a Kafka topic, and prints what arrives there.
//
//   npm install && node app.js
//   curl -X POST -H 'Content-Type: application/json' \
//        -d '{"message": "Hello, Kafka!"}' http://localhost:6501/send-message

const express = require('express');
const kafka = require('kafka-node');

const kafkaHost = process.env.KAFKA_HOST || 'localhost:9092';
const port = Number(process.env.PORT || 6501);
const topic = 'test-topic';

const producer = new kafka.Producer(new kafka.KafkaClient({ kafkaHost }));
producer.on('ready', () => console.log('Producer is ready'));
producer.on('error', (error) => console.error('Producer error:', error.message));

// A Consumer of kafka-node's stops at its first error, such as a broker that goes away: then
// another one goes on where it stopped.
function listen(next) {
  const consumer = new kafka.Consumer(
    new kafka.KafkaClient({ kafkaHost }),
    [{ topic, partition: 0, offset: next }],
    { autoCommit: true, fromOffset: next !== undefined }
  );
  consumer.on('message', (message) => {
    console.log('Received message from Kafka:', message.value);
    next = message.offset + 1;
  });
  consumer.on('error', (error) => console.error('Consumer error:', error.message));
  consumer.once('error', () => {
    consumer.removeAllListeners('message');
    consumer.close(() => {});
    setTimeout(listen, 1000, next);
  });
}
listen();

const app = express();
app.use(express.json());

app.post('/send-message', (request, response) => {
  const { message } = request.body;
  producer.send([{ topic, messages: message }], (error, data) => {
    if (error) {
      console.error('Message not sent:', error.message);
      response.status(500).json({ error: String(error) });
      return;
    }
    console.log('Message sent:', data);
    response.status(200).json({ sent: data });
  });
});

app.listen(port, () => console.log(`Listening on http://localhost:${port}`));
