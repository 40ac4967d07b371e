// Fills two topics of a running Kafka with everything a log can hold, and prints what a consumer
// then reads: "topic offset timestamp key value header", a line a record. See make.sh.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class WriteKafkaDirectory {
  static final long START = 1_700_000_000_000L;
  static long time = START;

  static KafkaProducer<String, String> producer(String server, Map<String, ?> settings) {
    Properties p = new Properties();
    p.put("bootstrap.servers", server);
    p.put("linger.ms", "20");
    p.putAll(settings);
    return new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
  }

  static void send(KafkaProducer<String, String> producer, String topic, int count, String what) {
    for (int i = 0; i < count; i++) {
      var record =
          new ProducerRecord<>(
              topic, 0, time++, i % 5 == 4 ? null : "key-" + i % 7, i % 11 == 10 ? null : what + i);
      if (i % 3 == 0) record.headers().add("kind", what.getBytes(StandardCharsets.UTF_8));
      producer.send(record);
    }
    producer.flush();
  }

  public static void main(String[] args) throws Exception {
    String server = args[0];
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", server))) {
      Map<String, String> settings =
          Map.of("segment.ms", "60000", "index.interval.bytes", "400", "retention.ms", "-1");
      admin
          .createTopics(
              List.of(
                  new NewTopic("orders", 1, (short) 1).configs(settings),
                  new NewTopic("payments", 1, (short) 1).configs(settings)))
          .all()
          .get();
      for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
        try (var p =
            producer(server, Map.of("compression.type", codec, "enable.idempotence", "false"))) {
          send(p, "orders", 40, codec + "-");
        }
        time += 61_000;
      }
      try (var p = producer(server, Map.of("enable.idempotence", "true", "linger.ms", "0"))) {
        for (int i = 0; i < 20; i++) send(p, "orders", 3, "once-" + i + "-");
      }
      time += 61_000;
      var transactional = Map.of("transactional.id", "t1", "transaction.timeout.ms", "60000");
      try (var p = producer(server, transactional)) {
        p.initTransactions();
        for (int i = 0; i < 6; i++) {
          p.beginTransaction();
          send(p, "payments", 10, (i % 2 == 0 ? "paid-" : "refused-") + i + "-");
          if (i % 2 == 0) p.commitTransaction();
          else p.abortTransaction();
          time += 25_000;
        }
      }
      admin
          .deleteRecords(
              Map.of(new TopicPartition("orders", 0), RecordsToDelete.beforeOffset(50)))
          .all()
          .get();
    }
    for (String isolation : List.of("read_uncommitted", "read_committed"))
      print(server, isolation);
  }

  static void print(String server, String isolation) {
    Properties c = new Properties();
    c.put("bootstrap.servers", server);
    c.put("isolation.level", isolation);
    try (var consumer =
        new KafkaConsumer<>(c, new StringDeserializer(), new StringDeserializer())) {
      var partitions =
          List.of(new TopicPartition("orders", 0), new TopicPartition("payments", 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)))
        for (var r : consumer.poll(Duration.ofMillis(200))) {
          var header = r.headers().lastHeader("kind");
          System.out.println(
              String.join(
                  " ",
                  isolation,
                  r.topic(),
                  "" + r.offset(),
                  "" + r.timestamp(),
                  "" + r.key(),
                  "" + r.value(),
                  header == null ? "-" : new String(header.value(), StandardCharsets.UTF_8)));
        }
    }
  }
}
