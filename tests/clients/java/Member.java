// Members of consumer groups (../README.md has their options, commands and lines): one to a
// process, or several, each on a thread of its own, because a JVM is dear.

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;

final class Member implements ConsumerRebalanceListener {
  // What only some versions of the client have.
  static class Features {
    void subscribe(KafkaConsumer<?, ?> consumer, String pattern, Member member) {
      consumer.subscribe(Pattern.compile(pattern), member);
    }

    // leave: whether a static member gives up its place, too; null leaves it to the client.
    void close(KafkaConsumer<?, ?> consumer, Duration timeout, Boolean leave) {
      if (leave != null) {
        throw new IllegalArgumentException("this client has no choice of how to close");
      }
      consumer.close(timeout);
    }
  }

  private static final Set<String> OPTIONS = new HashSet<>(Arrays.asList("protocol", "assignor",
      "instance", "session", "rebalance", "pattern", "commit", "reset", "id", "close",
      "recovery"));
  private static final Features FEATURES = features();

  private final String name;  // null for the only one
  private final Map<String, String> options;
  private final BlockingQueue<String> commands = new LinkedBlockingQueue<>();
  private final KafkaConsumer<String, String> consumer;
  private final Set<TopicPartition> owned = new HashSet<>();
  private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new LinkedHashMap<>();

  private static Features features() {
    try {
      return (Features) Class.forName("NewestFeatures").getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException error) {
      return new Features();
    }
  }

  // ---- The two verbs ---------------------------------------------------------------------------

  // Words: BOOTSTRAP GROUP TOPICS.
  static void member(List<String> words, Map<String, String> options) throws Exception {
    Member member = new Member(null, words, options);
    Thread reader = new Thread(() -> {
      Scanner lines = new Scanner(System.in, "UTF-8");
      while (lines.hasNextLine()) {
        member.commands.add(lines.nextLine());
      }
      member.commands.add("leave");
    });
    reader.setDaemon(true);
    reader.start();
    member.run();
  }

  // Words: BOOTSTRAP. Lines of standard input, words separated by tabs: start NAME GROUP TOPICS
  // [name=value...], and the commands of a member with its name behind them.
  static void members(List<String> words, Map<String, String> ignored) throws Exception {
    Map<String, Member> members = new LinkedHashMap<>();
    List<Thread> threads = new ArrayList<>();
    Scanner lines = new Scanner(System.in, "UTF-8");
    while (lines.hasNextLine()) {
      List<String> command = Arrays.asList(lines.nextLine().split("\t", -1));
      String name = command.get(1);
      if (!command.get(0).equals("start")) {
        members.get(name).commands.add(command.get(0));
        continue;
      }
      Map<String, String> options = new LinkedHashMap<>();
      List<String> rest = new ArrayList<>(words);
      rest.addAll(Client.split(command.subList(2, command.size()), options));
      Thread thread = new Thread(() -> {
        try {
          Member member;
          synchronized (members) {
            member = new Member(name, rest, options);
            members.put(name, member);
            members.notifyAll();
          }
          member.run();
          member.print("end", true);
        } catch (Exception error) {
          printFor(name, "end", false, "error", Client.text(error));
        }
      });
      synchronized (members) {
        thread.start();
        while (!members.containsKey(name) && thread.isAlive()) {
          members.wait(100);
        }
      }
      threads.add(thread);
    }
    members.values().forEach(member -> member.commands.add("leave"));
    for (Thread thread : threads) {
      thread.join();
    }
  }

  // ---- One member ------------------------------------------------------------------------------

  private Member(String name, List<String> words, Map<String, String> options) {
    this.name = name;
    this.options = options;
    if (!OPTIONS.containsAll(options.keySet())) {
      throw new IllegalArgumentException("options are " + OPTIONS + ", not " + options.keySet());
    }
    consumer = new KafkaConsumer<>(settings(words), new StringDeserializer(),
        new StringDeserializer());
    if (options.containsKey("pattern")) {
      FEATURES.subscribe(consumer, options.get("pattern"), this);
    } else {
      consumer.subscribe(Arrays.asList(words.get(2).split(",")), this);
    }
  }

  boolean isOfNewProtocol() {
    return option("protocol", "classic").equals("consumer");
  }

  private String option(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  private Properties settings(List<String> words) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", words.get(0));
    settings.put("group.id", words.get(1));
    settings.put("client.id", option("id", "member"));
    settings.put("max.poll.interval.ms", option("rebalance", "10000"));
    settings.put("auto.offset.reset", option("reset", "earliest"));
    settings.put("enable.auto.commit", String.valueOf(option("commit", "each").equals("auto")));
    settings.put("auto.commit.interval.ms", "200");
    settings.put("fetch.max.wait.ms", "100");
    settings.put("metadata.max.age.ms", "2000");
    settings.put("retry.backoff.ms", "50");
    settings.put("reconnect.backoff.max.ms", "200");
    settings.put("request.timeout.ms", "10000");
    settings.put("default.api.timeout.ms", "10000");
    if (options.containsKey("instance")) {
      settings.put("group.instance.id", options.get("instance"));
    }
    if (options.containsKey("recovery")) {
      settings.put("metadata.recovery.strategy", options.get("recovery"));
    }
    if (!isOfNewProtocol()) {
      long session = Long.parseLong(option("session", "6000"));
      settings.put("session.timeout.ms", String.valueOf(session));
      settings.put("heartbeat.interval.ms", String.valueOf(session / 6));
      settings.put("partition.assignment.strategy", assignors(option("assignor", "range")));
      return settings;
    }
    try {  // an old client ignores what it does not know, and would be of the old protocol
      Class.forName("org.apache.kafka.clients.consumer.GroupProtocol");
    } catch (ClassNotFoundException error) {
      throw new IllegalArgumentException("this client has the classic protocol only");
    }
    settings.put("group.protocol", "consumer");
    if (options.containsKey("assignor")) {
      settings.put("group.remote.assignor", options.get("assignor"));
    }
    return settings;
  }

  private static String assignors(String names) {
    List<String> classes = new ArrayList<>();
    for (String name : names.split(",")) {
      String simple = name.equals("range") ? "RangeAssignor"
          : name.equals("roundrobin") ? "RoundRobinAssignor"
          : name.equals("sticky") ? "StickyAssignor"
          : name.equals("cooperative-sticky") ? "CooperativeStickyAssignor" : null;
      if (simple == null) {
        throw new IllegalArgumentException("no assignor " + name);
      }
      classes.add("org.apache.kafka.clients.consumer." + simple);
    }
    return String.join(",", classes);
  }

  private void run() throws Exception {
    try {
      for (String command = commands.poll(); !"leave".equals(command); command = commands.poll()) {
        try {
          if ("commit".equals(command)) {
            commit();
          } else if (command != null) {
            throw new IllegalArgumentException(command);
          }
          take(consumer.poll(Duration.ofMillis(50)));
        } catch (RetriableException | CommitFailedException | RebalanceInProgressException error) {
          print("event", "error", "error", Client.text(error));
        }
      }
    } catch (Exception error) {
      consumer.close(Duration.ofSeconds(1));
      throw error;
    }
    FEATURES.close(consumer, Duration.ofSeconds(15),
        options.containsKey("close") ? options.get("close").equals("leave") : null);
    if (!owned.isEmpty()) {
      taken("revoked", new ArrayList<>(owned));
    }
  }

  private void take(ConsumerRecords<String, String> records) {
    for (ConsumerRecord<String, String> record : records) {
      print("event", "record", "partition", record.topic() + "-" + record.partition(), "offset",
          record.offset(), "value", record.value());
      uncommitted.put(new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
    }
    if (!records.isEmpty() && option("commit", "each").equals("each")) {
      commit();
    }
  }

  private void commit() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new LinkedHashMap<>(uncommitted);
    consumer.commitSync(offsets);
    uncommitted.clear();
    Map<String, Object> told = new LinkedHashMap<>();
    offsets.forEach((where, offset) ->
        told.put(where.topic() + "-" + where.partition(), offset.offset()));
    print("event", "committed", "offsets", told, "generation",
        consumer.groupMetadata().generationId());
  }

  // ---- What the client tells it ----------------------------------------------------------------

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    owned.addAll(partitions);
    print("event", "assigned", "partitions", names(partitions), "owned", names(owned),
        "generation", consumer.groupMetadata().generationId());
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    taken("revoked", partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    taken("lost", partitions);
  }

  private void taken(String event, Collection<TopicPartition> partitions) {
    owned.removeAll(partitions);
    uncommitted.keySet().removeAll(partitions);
    print("event", event, "partitions", names(partitions), "owned", names(owned));
  }

  private static Set<String> names(Collection<TopicPartition> partitions) {
    Set<String> found = new TreeSet<>();
    partitions.forEach(one -> found.add(one.topic() + "-" + one.partition()));
    return found;
  }

  private void print(Object... pairs) {
    printFor(name, pairs);
  }

  private static void printFor(String name, Object... pairs) {
    Map<String, Object> line = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      line.put((String) pairs[i], pairs[i + 1]);
    }
    line.put("time", System.nanoTime() / 1e6);  // CLOCK_MONOTONIC on Linux
    if (name != null) {
      line.put("member", name);
    }
    Client.print(line);
  }
}
