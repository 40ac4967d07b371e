// The commands of a client program (../README.md has the list) with Apache's own Java client.
// One source for both ends of its history: it compiles against 2.8 and against the newest.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Client {
  private static final int SECONDS = 20;

  private interface Verb {
    void run(List<String> words, Map<String, String> options) throws Exception;
  }

  private static final Map<String, Verb> VERBS = new HashMap<>();

  static {
    VERBS.put("produce", Client::produce);
    VERBS.put("load", Client::load);
    VERBS.put("consume", Client::consume);
    VERBS.put("offset", Client::offset);
    VERBS.put("commit", Client::commit);
    VERBS.put("committed", Client::committed);
    VERBS.put("admin", Client::admin);
    VERBS.put("groups", GroupAdmin::run);
    VERBS.put("member", Member::member);
    VERBS.put("members", Member::members);
  }

  private Client() {}

  public static void main(String[] arguments) throws Exception {
    List<String> words = Arrays.asList(arguments);
    if (!words.equals(Collections.singletonList("serve"))) {
      System.exit(run(words) ? 0 : 1);
    }
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      run(Arrays.asList(line.split("\t", -1)));
    }
    System.exit(0);
  }

  private static boolean run(List<String> words) {
    Map<String, String> options = new HashMap<>();
    List<String> rest = split(words.subList(1, words.size()), options);
    try {
      VERBS.get(words.get(0)).run(rest, options);
    } catch (Exception error) {
      print("end", false, "error", text(error));
      return false;
    }
    print("end", true);
    return true;
  }

  // Puts what looks like name=value into options; returns the other words.
  static List<String> split(List<String> words, Map<String, String> options) {
    // Names of topic settings have a dot, and stay words.
    List<String> rest = new ArrayList<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals > 0 && word.substring(0, equals).matches("[a-z]+")) {
        options.put(word.substring(0, equals), word.substring(equals + 1));
      } else {
        rest.add(word);
      }
    }
    return rest;
  }

  // An error with its causes.
  static String text(Exception error) {
    Throwable cause = error instanceof ExecutionException ? error.getCause() : error;
    StringBuilder text = new StringBuilder();
    for (Throwable one = cause; one != null; one = one.getCause()) {
      text.append(one.getClass().getSimpleName()).append(' ').append(one.getMessage())
          .append(' ');
    }
    return text.toString().trim();
  }

  // ---- Producing -------------------------------------------------------------------------------

  private static Properties producing(String bootstrap, Map<String, String> options) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("acks", options.getOrDefault("acks", "all"));
    settings.put("enable.idempotence", options.getOrDefault("idempotence", "false"));
    settings.put("linger.ms", "20");
    settings.put("delivery.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    settings.put("max.block.ms", "15000");
    settings.put("max.request.size", String.valueOf(100 << 20));
    settings.put("buffer.memory", String.valueOf(256L << 20));
    return settings;
  }

  private static KafkaProducer<String, String> producer(Properties settings) {
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  private static void produce(List<String> words, Map<String, String> options) throws Exception {
    Properties settings = producing(words.get(0), options);
    settings.put("compression.type", words.get(3));
    int partition = Integer.parseInt(words.get(2));
    int count = Integer.parseInt(words.get(4));
    int size = Integer.parseInt(options.getOrDefault("size", "0"));
    try (KafkaProducer<String, String> producer = producer(settings)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String value = words.get(5) + "-" + i;
        if (size > 0) {
          StringBuilder padded = new StringBuilder(value);
          while (padded.length() < size) {
            padded.append('x');
          }
          value = padded.substring(0, size);
        }
        byte[] number = String.valueOf(i).getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(words.get(1), partition,
            words.get(5) + "-key-" + i, value,
            Collections.singletonList(new RecordHeader("number", number)))));
      }
      for (Future<RecordMetadata> one : sent) {
        RecordMetadata where = one.get(SECONDS, TimeUnit.SECONDS);
        if (!"0".equals(options.get("acks"))) {
          print("partition", where.partition(), "offset", where.offset());
        }
      }
    }
  }

  private static void load(List<String> words, Map<String, String> options) throws Exception {
    Properties settings = producing(words.get(0), options);
    settings.put("enable.idempotence", "true");
    settings.put("linger.ms", "1");
    settings.put("delivery.timeout.ms", "300000");
    settings.put("max.block.ms", "300000");
    settings.put("request.timeout.ms", "5000");
    settings.put("reconnect.backoff.ms", "20");
    settings.put("reconnect.backoff.max.ms", "100");
    settings.put("retry.backoff.ms", "20");
    settings.put("retries", String.valueOf(Integer.MAX_VALUE));
    int partitions = Integer.parseInt(words.get(2));
    long pause = Long.parseLong(options.getOrDefault("pausems", "1"));
    List<Exception> failed = Collections.synchronizedList(new ArrayList<>());
    try (KafkaProducer<String, String> producer = producer(settings)) {
      for (int i = 0; System.in.available() == 0 && failed.isEmpty(); i++) {
        for (int partition = 0; partition < partitions; partition++) {
          String value = words.get(3) + "-" + partition + "-" + i;
          producer.send(new ProducerRecord<>(words.get(1), partition, null, value),
              (where, error) -> {
                if (error != null) {
                  failed.add(error);
                } else {
                  print("partition", where.partition(), "offset", where.offset(), "value", value);
                }
              });
        }
        Thread.sleep(pause);
      }
      producer.flush();
    }
    if (!failed.isEmpty()) {
      throw failed.get(0);
    }
  }

  // ---- Consuming -------------------------------------------------------------------------------

  private static KafkaConsumer<String, String> consumer(String bootstrap, String group) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    if (group != null) {
      settings.put("group.id", group);
    }
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    settings.put("fetch.max.wait.ms", "100");
    settings.put("default.api.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  private static void consume(List<String> words, Map<String, String> options) throws Exception {
    int count = Integer.parseInt(words.get(4));
    Map<TopicPartition, Integer> left = new LinkedHashMap<>();
    for (String partition : words.get(2).split(",")) {
      left.put(new TopicPartition(words.get(1), Integer.parseInt(partition)), count);
    }
    try (KafkaConsumer<String, String> consumer = consumer(words.get(0), null)) {
      consumer.assign(left.keySet());
      for (TopicPartition where : left.keySet()) {
        consumer.seek(where, Long.parseLong(words.get(3)));
      }
      left.values().removeIf(number -> number == 0);
      long deadline = System.currentTimeMillis() + SECONDS * 1000L;
      while (!left.isEmpty()) {
        if (System.currentTimeMillis() > deadline) {
          throw new IllegalStateException("still waiting for " + left);
        }
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          TopicPartition where = new TopicPartition(record.topic(), record.partition());
          Integer owed = left.get(where);
          if (owed == null) {
            continue;
          }
          if (owed == 1) {
            left.remove(where);
          } else {
            left.put(where, owed - 1);
          }
          Map<String, Object> headers = new LinkedHashMap<>();
          for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
          }
          String value = record.value();
          print("partition", record.partition(), "offset", record.offset(), "key", record.key(),
              "value", value == null ? null : value.substring(0, Math.min(200, value.length())),
              "length", value == null ? 0 : value.length(), "timestamp", record.timestamp(),
              "headers", headers);
        }
      }
    }
  }

  private static void offset(List<String> words, Map<String, String> options) throws Exception {
    TopicPartition where = new TopicPartition(words.get(1), Integer.parseInt(words.get(2)));
    long time = Long.parseLong(words.get(3));
    Collection<TopicPartition> list = Collections.singletonList(where);
    try (KafkaConsumer<String, String> consumer = consumer(words.get(0), null)) {
      if (time == -1) {
        print("offset", consumer.endOffsets(list).get(where));
      } else if (time == -2) {
        print("offset", consumer.beginningOffsets(list).get(where));
      } else {
        OffsetAndTimestamp found =
            consumer.offsetsForTimes(Collections.singletonMap(where, time)).get(where);
        print("offset", found == null ? -1L : found.offset());
      }
    }
  }

  private static void commit(List<String> words, Map<String, String> options) throws Exception {
    TopicPartition where = new TopicPartition(words.get(2), Integer.parseInt(words.get(3)));
    try (KafkaConsumer<String, String> consumer = consumer(words.get(0), words.get(1))) {
      consumer.assign(Collections.singletonList(where));
      consumer.commitSync(Collections.singletonMap(where,
          new OffsetAndMetadata(Long.parseLong(words.get(4)), "m")));
    }
  }

  private static void committed(List<String> words, Map<String, String> options)
      throws Exception {
    TopicPartition where = new TopicPartition(words.get(2), Integer.parseInt(words.get(3)));
    try (KafkaConsumer<String, String> consumer = consumer(words.get(0), words.get(1))) {
      OffsetAndMetadata found = consumer.committed(Collections.singleton(where)).get(where);
      print("offset", found == null ? null : (Object) found.offset());
    }
  }

  // ---- Admin -----------------------------------------------------------------------------------

  private static void admin(List<String> words, Map<String, String> options) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", words.get(0));
    settings.put("default.api.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    List<String> rest = words.subList(2, words.size());
    try (Admin admin = Admin.create(settings)) {
      switch (words.get(1)) {
        case "create":
          create(admin, rest);
          break;
        case "delete":
          get(admin.deleteTopics(rest).all());
          break;
        case "topics":
          topics(admin);
          break;
        case "partitions":
          get(admin.createPartitions(Collections.singletonMap(rest.get(0),
              NewPartitions.increaseTo(Integer.parseInt(rest.get(1))))).all());
          break;
        case "config":
          config(admin, ConfigResource.Type.TOPIC, rest.get(0), rest.get(1));
          break;
        case "broker-config":
          config(admin, ConfigResource.Type.BROKER, rest.get(0), rest.get(1));
          break;
        case "alter":
          alter(admin, rest);
          break;
        case "truncate":
          get(admin.deleteRecords(Collections.singletonMap(
              new TopicPartition(rest.get(0), Integer.parseInt(rest.get(1))),
              RecordsToDelete.beforeOffset(Long.parseLong(rest.get(2))))).all());
          break;
        case "cluster":
          cluster(admin);
          break;
        case "log-dirs":
          logDirs(admin, Integer.parseInt(rest.get(0)), rest.get(1));
          break;
        case "offsets":
          offsets(admin, rest);
          break;
        default:
          throw new IllegalArgumentException(words.get(1));
      }
    }
  }

  static <T> T get(KafkaFuture<T> future) throws Exception {
    return future.get(SECONDS, TimeUnit.SECONDS);
  }

  private static Map<String, String> settings(List<String> words) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      found.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return found;
  }

  private static void create(Admin admin, List<String> words) throws Exception {
    NewTopic topic = new NewTopic(words.get(0), Integer.parseInt(words.get(1)), (short) 1)
        .configs(settings(words.subList(2, words.size())));
    get(admin.createTopics(Collections.singletonList(topic)).all());
  }

  private static void topics(Admin admin) throws Exception {
    Collection<String> names = get(admin.listTopics().names());
    DescribeTopicsResult result = admin.describeTopics(names);
    Map<String, Object> found = new LinkedHashMap<>();
    get(described(result)).forEach((name, topic) -> found.put(name, topic.partitions().size()));
    print("topics", found);
  }

  // The same answer has another name in each of the two versions.
  @SuppressWarnings("unchecked")
  private static KafkaFuture<Map<String, TopicDescription>> described(DescribeTopicsResult result)
      throws Exception {
    boolean old = Arrays.stream(DescribeTopicsResult.class.getMethods())
        .noneMatch(method -> method.getName().equals("allTopicNames"));
    return (KafkaFuture<Map<String, TopicDescription>>) DescribeTopicsResult.class
        .getMethod(old ? "all" : "allTopicNames").invoke(result);
  }

  private static void config(Admin admin, ConfigResource.Type type, String name, String entry)
      throws Exception {
    ConfigResource resource = new ConfigResource(type, name);
    ConfigEntry found = get(admin.describeConfigs(Collections.singletonList(resource)).all())
        .get(resource).get(entry);
    print("name", entry, "value", found == null ? null : found.value(), "source",
        found == null ? null : found.source().toString());
  }

  private static void alter(Admin admin, List<String> words) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, words.get(0));
    List<AlterConfigOp> changes = new ArrayList<>();
    settings(words.subList(1, words.size())).forEach((name, value) -> changes.add(
        new AlterConfigOp(new ConfigEntry(name, value), value.isEmpty()
            ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET)));
    get(admin.incrementalAlterConfigs(Collections.singletonMap(resource, changes)).all());
  }

  private static void cluster(Admin admin) throws Exception {
    DescribeClusterResult found = admin.describeCluster();
    List<Object> brokers = new ArrayList<>();
    for (Node node : get(found.nodes())) {
      brokers.add(node.id());
    }
    print("cluster", get(found.clusterId()), "controller", get(found.controller()).id(),
        "brokers", brokers);
  }

  private static void logDirs(Admin admin, int broker, String topic) throws Exception {
    Map<String, Object> sizes = new LinkedHashMap<>();
    get(admin.describeLogDirs(Collections.singletonList(broker)).descriptions().get(broker))
        .forEach((path, folder) -> folder.replicaInfos().forEach((where, replica) -> {
          if (where.topic().equals(topic)) {
            sizes.put(String.valueOf(where.partition()), replica.size());
          }
        }));
    print("sizes", sizes);
  }

  private static void offsets(Admin admin, List<String> words) throws Exception {
    TopicPartition where = new TopicPartition(words.get(0), Integer.parseInt(words.get(1)));
    long time = Long.parseLong(words.get(2));
    OffsetSpec spec = time == -1 ? OffsetSpec.latest()
        : time == -2 ? OffsetSpec.earliest() : OffsetSpec.forTimestamp(time);
    ListOffsetsResult.ListOffsetsResultInfo found =
        get(admin.listOffsets(Collections.singletonMap(where, spec)).partitionResult(where));
    print("offset", found.offset(), "timestamp", found.timestamp());
  }

  // ---- JSON ------------------------------------------------------------------------------------

  // print(name, value, name, value...) writes one line of the answer.
  static void print(Object... pairs) {
    Map<String, Object> line = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      line.put((String) pairs[i], pairs[i + 1]);
    }
    print(line);
  }

  static void print(Map<String, Object> line) {
    String text = json(line) + "\n";
    synchronized (System.out) {
      System.out.print(text);
      System.out.flush();
    }
  }

  private static String json(Object value) {
    if (value instanceof Map) {
      StringBuilder text = new StringBuilder();
      ((Map<?, ?>) value).forEach((name, content) -> text.append(text.length() > 0 ? ", " : "")
          .append(quoted(String.valueOf(name))).append(": ").append(json(content)));
      return "{" + text + "}";
    }
    if (value instanceof Collection) {
      StringBuilder text = new StringBuilder();
      ((Collection<?>) value).forEach(one ->
          text.append(text.length() > 0 ? ", " : "").append(json(one)));
      return "[" + text + "]";
    }
    return value instanceof String ? quoted((String) value) : String.valueOf(value);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char letter : text.toCharArray()) {
      if (letter == '"' || letter == '\\') {
        out.append('\\').append(letter);
      } else if (letter < ' ') {
        out.append(String.format("\\u%04x", (int) letter));
      } else {
        out.append(letter);
      }
    }
    return out.append('"').toString();
  }
}
