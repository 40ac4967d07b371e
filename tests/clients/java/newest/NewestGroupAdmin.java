// What only the newest Admin client can do with groups: types and epochs, offsets of several
// groups in one request, groups of any protocol type.

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ClassicGroupDescription;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;

class NewestGroupAdmin extends GroupAdmin {
  NewestGroupAdmin(Admin admin, Map<String, String> options) {
    super(admin, options);
  }

  @Override
  void run(String verb, List<String> words) throws Exception {
    switch (verb) {
      case "offsets":
        offsets(words);
        break;
      case "describe-classic":
        for (ClassicGroupDescription group :
            Client.get(admin.describeClassicGroups(words).all()).values()) {
          Client.print("group", group.groupId(), "protocol", group.protocol(), "data",
              group.protocolData(), "state", group.state().toString(), "members",
              group.members().size());
        }
        break;
      default:
        super.run(verb, words);
    }
  }

  @Override
  void list() throws Exception {
    Set<GroupState> states = new HashSet<>();
    chosen("states").forEach(name -> states.add(GroupState.parse(name)));
    Set<GroupType> types = new HashSet<>();
    chosen("types").forEach(name -> types.add(GroupType.parse(name)));
    ListGroupsOptions wanted = new ListGroupsOptions().inGroupStates(states).withTypes(types)
        .withProtocolTypes(chosen("protocols"));
    for (GroupListing group : Client.get(admin.listGroups(wanted).all())) {
      Client.print("group", group.groupId(), "protocol", group.protocol(), "simple",
          group.isSimpleConsumerGroup(), "state",
          group.groupState().map(GroupState::toString).orElse(null), "type",
          group.type().map(GroupType::toString).orElse(null));
    }
  }

  private void offsets(List<String> groups) throws Exception {
    Map<String, ListConsumerGroupOffsetsSpec> wanted = new LinkedHashMap<>();
    groups.forEach(group -> wanted.put(group, new ListConsumerGroupOffsetsSpec()));
    Client.get(admin.listConsumerGroupOffsets(wanted).all())
        .forEach(GroupAdmin::printOffsets);
  }

  @Override
  Map<String, Object> described(ConsumerGroupDescription group) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("group", group.groupId());
    line.put("simple", group.isSimpleConsumerGroup());
    line.put("state", group.groupState().toString());
    line.put("type", group.type().toString());
    line.put("assignor", group.partitionAssignor());
    line.put("epoch", group.groupEpoch().orElse(null));
    line.put("target-epoch", group.targetAssignmentEpoch().orElse(null));
    List<Object> members = new ArrayList<>();
    group.members().forEach(member -> members.add(described(member)));
    line.put("members", members);
    return line;
  }

  @Override
  Map<String, Object> described(MemberDescription member) {
    Map<String, Object> line = super.described(member);
    line.put("epoch", member.memberEpoch().orElse(null));
    line.put("upgraded", member.upgraded().orElse(null));
    line.put("target", member.targetAssignment()
        .map(target -> byTopic(target.topicPartitions())).orElse(null));
    return line;
  }
}
