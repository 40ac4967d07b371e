// Consumer groups as an administrator sees them: what every version of the Admin client can do.
// NewestGroupAdmin has what came later.

import java.util.Arrays;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ConsumerGroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ConsumerGroupState;
import org.apache.kafka.common.TopicPartition;

class GroupAdmin {
  final Admin admin;
  final Map<String, String> options;

  GroupAdmin(Admin admin, Map<String, String> options) {
    this.admin = admin;
    this.options = options;
  }

  // Words: BOOTSTRAP VERB WORD...
  static void run(List<String> words, Map<String, String> options) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", words.get(0));
    settings.put("default.api.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    try (Admin admin = Admin.create(settings)) {
      newest(admin, options).run(words.get(1), words.subList(2, words.size()));
    }
  }

  private static GroupAdmin newest(Admin admin, Map<String, String> options) throws Exception {
    Class<?> newest;
    try {
      newest = Class.forName("NewestGroupAdmin");
    } catch (ClassNotFoundException error) {
      return new GroupAdmin(admin, options);
    }
    return (GroupAdmin) newest.getDeclaredConstructor(Admin.class, Map.class)
        .newInstance(admin, options);
  }

  void run(String verb, List<String> words) throws Exception {
    switch (verb) {
      case "list":
        list();
        break;
      case "describe":
        for (ConsumerGroupDescription group :
            Client.get(admin.describeConsumerGroups(words).all()).values()) {
          Client.print(described(group));
        }
        break;
      case "delete":
        Client.get(admin.deleteConsumerGroups(words).all());
        break;
      case "offsets":
        for (String group : words) {
          printOffsets(group, Client.get(
              admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
        }
        break;
      case "alter-offsets":
        alterOffsets(words.get(0), words.subList(1, words.size()));
        break;
      case "delete-offsets":
        deleteOffsets(words.get(0), words.subList(1, words.size()));
        break;
      case "remove-members":
        removeMembers(words.get(0), words.subList(1, words.size()));
        break;
      default:
        throw new IllegalArgumentException(verb);
    }
  }

  void list() throws Exception {
    Set<ConsumerGroupState> states = new HashSet<>();
    chosen("states").forEach(name -> states.add(ConsumerGroupState.parse(name)));
    for (ConsumerGroupListing group : Client.get(admin
        .listConsumerGroups(new ListConsumerGroupsOptions().inStates(states)).all())) {
      Client.print("group", group.groupId(), "simple", group.isSimpleConsumerGroup(), "state",
          group.state().map(ConsumerGroupState::toString).orElse(null));
    }
  }

  // What an option lists, with commas between.
  Set<String> chosen(String option) {
    Set<String> found = new TreeSet<>(Arrays.asList(options.getOrDefault(option, "").split(",")));
    found.remove("");
    return found;
  }

  Map<String, Object> described(ConsumerGroupDescription group) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("group", group.groupId());
    line.put("simple", group.isSimpleConsumerGroup());
    line.put("state", group.state().toString());
    line.put("assignor", group.partitionAssignor());
    List<Object> members = new ArrayList<>();
    group.members().forEach(member -> members.add(described(member)));
    line.put("members", members);
    return line;
  }

  Map<String, Object> described(MemberDescription member) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", member.consumerId());
    line.put("instance", member.groupInstanceId().orElse(null));
    line.put("client", member.clientId());
    line.put("host", member.host());
    line.put("partitions", byTopic(member.assignment().topicPartitions()));
    return line;
  }

  static Map<String, Collection<Integer>> byTopic(Collection<TopicPartition> partitions) {
    Map<String, Collection<Integer>> found = new TreeMap<>();
    partitions.forEach(one ->
        found.computeIfAbsent(one.topic(), topic -> new TreeSet<>()).add(one.partition()));
    return found;
  }

  static void printOffsets(String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
    Map<String, Object> found = new TreeMap<>();
    offsets.forEach((where, offset) -> found.put(where.topic() + ":" + where.partition(),
        offset == null ? null : (Object) offset.offset()));
    Client.print("group", group, "offsets", found);
  }

  static TopicPartition partition(String word) {
    int colon = word.lastIndexOf(':');
    return new TopicPartition(word.substring(0, colon),
        Integer.parseInt(word.substring(colon + 1)));
  }

  private void alterOffsets(String group, List<String> words) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      offsets.put(partition(word.substring(0, equals)),
          new OffsetAndMetadata(Long.parseLong(word.substring(equals + 1))));
    }
    Client.get(admin.alterConsumerGroupOffsets(group, offsets).all());
  }

  private void deleteOffsets(String group, List<String> words) throws Exception {
    Set<TopicPartition> partitions = new HashSet<>();
    words.forEach(word -> partitions.add(partition(word)));
    Client.get(admin.deleteConsumerGroupOffsets(group, partitions).all());
  }

  // By their instance ids; all the members when none is named.
  private void removeMembers(String group, List<String> instances) throws Exception {
    List<MemberToRemove> members = new ArrayList<>();
    instances.forEach(instance -> members.add(new MemberToRemove(instance)));
    Client.get(admin.removeMembersFromConsumerGroup(group, members.isEmpty()
        ? new RemoveMembersFromConsumerGroupOptions()
        : new RemoveMembersFromConsumerGroupOptions(members)).all());
  }
}
