// Groups under everything at once, for many seeds: members of both protocols, static ones too, that
// come, go, stall and are killed; commits; topics that are created, grow and go; administrators;
// strangers with any request in any order; coordinators that are lost at any moment and made again
// from the folded table, the log or the compacted log, with or without the round that was open.
//
// What must hold all the time:
// - no partition is owned by two honest members of a group (honest_members.h);
// - no acknowledged offset is lost or goes back (committed_offsets.h);
// - each ticket has at most one answer, and what is served is what the log holds (group_shell.h).
// And when the troubles end, before long: every partition of every topic that a member of a group
// subscribes to has an owner, who subscribes to it.
//
// MOLDAU_GROUP_SEEDS says how many seeds, MOLDAU_GROUP_SEED which first; a failure names its seed.
#include <cstdlib>

#include "tests/broker/groups/committed_offsets.h"
#include "tests/broker/groups/honest_members.h"
#include "tests/broker/groups/stranger.h"
#include "tests/broker/groups/topics.h"

namespace moldau {
namespace {

constexpr const char* kWildGroup = "group-wild";  // Of strangers.
constexpr int kTopics = 4;
constexpr int64_t kRetentionMs = 3'600'000;
constexpr int64_t kCalmMs = 1'200'000;  // Enough for any group to settle.

std::string topic_name(int64_t number) { return "topic-" + std::to_string(number); }

GroupCore::Limits limits() {
  GroupCore::Limits limits;
  limits.offsets_retention_ms = kRetentionMs;
  limits.retention_check_interval_ms = 60'000;
  limits.consumer.regex_refresh_interval_ms = 60'000;
  return limits;
}

class World {
 public:
  explicit World(uint32_t seed) : dice_(seed) {
    for (int i = 0; i < kTopics; ++i) create(i);
    publish();
    are_cooperative_ = {dice_.one_in(2), dice_.one_in(2)};
  }

  void run(int steps) {
    while (steps-- > 0 && !testing::Test::HasFailure()) {
      trouble();
      step();
    }
    if (!testing::Test::HasFailure()) settle();
    if (testing::Test::HasFailure()) print_story();
  }

 private:
  // --- Time

  void step() {
    if (shell_.has_open_round() && !dice_.one_in(4)) shell_.commit();
    int64_t next_ms = next_event_ms();
    if (next_ms > around_.now_ms()) {
      if (shell_.has_open_round()) shell_.commit();
      next_ms = std::max(next_event_ms(), around_.now_ms());
    }
    shell_.go_to(next_ms);
    for (const auto& member : members_) {
      if (member->next_ms() <= around_.now_ms()) member->act(around_);
    }
    shell_.wake();
    std::erase_if(members_, [](const auto& member) { return member->is_gone(); });
    expect_one_owner();
  }

  int64_t next_event_ms() const {
    int64_t next_ms = shell_.wake_at().value_or(kNeverMs);
    for (const auto& member : members_) next_ms = std::min(next_ms, member->next_ms());
    return std::max(next_ms, around_.now_ms());
  }

  // --- What must hold

  void expect_one_owner() {
    std::map<std::tuple<std::string, Uuid, int32_t>, std::string> owners;
    for (const auto& member : members_) {
      for (const auto& [id, partitions] : member->owned()) {
        for (const int32_t partition : partitions) {
          const auto [owner, is_first] =
              owners.try_emplace({member->group(), id, partition}, member->name());
          EXPECT_TRUE(is_first) << member->name() << " and " << owner->second << " own "
                                << to_string(id) << "-" << partition;
        }
      }
    }
  }

  void expect_all_owned(const std::string& group) {
    TopicPartitions wanted, owned;
    for (const auto& member : members_) {
      if (member->group() != group) continue;
      owned = union_of(owned, member->owned());
      TopicPartitions allowed;
      for (const auto& name : member->subscribed(*image_)) {
        const TopicPointer topic = image_->topic(name);
        for (size_t p = 0; topic && p < topic->partitions.size(); ++p) {
          insert(allowed, topic->id, {static_cast<int32_t>(p)});
        }
      }
      EXPECT_EQ(difference_of(member->owned(), allowed), TopicPartitions{})
          << member->name() << " owns what it does not subscribe to; it subscribes to "
          << testing::PrintToString(member->subscribed(*image_));
      wanted = union_of(wanted, allowed);
    }
    EXPECT_EQ(owned, wanted) << group;
  }

  void expect_offsets() {
    for (const auto& [key, entry] : offsets_.all()) {
      const auto& [group, id, partition] = key;
      const TopicPointer topic = image_->topic(id);
      if (!topic) continue;
      FetchOffsets fetch;
      fetch.group = group;
      fetch.topics = {{.name = topic->name, .id = id, .partitions = {partition}}};
      const auto reply = shell_.ask(fetch);
      ASSERT_EQ(reply.error, ErrorCode::kNone);
      ASSERT_EQ(reply.topics.size(), 1u);
      offsets_.expect_fetched(key, reply.topics[0].partitions.at(0).offset, around_.now_ms());
    }
  }

  void expect_consistent() {
    if (shell_.has_open_round()) shell_.commit();
    shell_.expect_state_is_in_the_log({groups_[0], groups_[1], kWildGroup}, image_);
    expect_offsets();
  }

  // No more troubles: the groups settle, then their members leave and nothing remains.
  void settle() {
    const int64_t end_ms = around_.now_ms() + kCalmMs;
    while (around_.now_ms() < end_ms && !testing::Test::HasFailure()) step();
    around_.tell("all leave");
    for (const auto& group : groups_) expect_all_owned(group);
    expect_consistent();
    if (testing::Test::HasFailure()) return;
    for (const auto& member : members_) member->leave(around_);
    while (around_.now_ms() < end_ms + 300'000 && !testing::Test::HasFailure()) step();
    if (shell_.has_open_round()) shell_.commit();
    EXPECT_EQ(shell_.waiting(), 0u) << "somebody got no answer";
    for (const std::string& group : {groups_[0], groups_[1], std::string(kWildGroup)}) {
      const auto reply = shell_.ask(DescribeClassicGroup{.group = group, .version = 6});
      EXPECT_TRUE(reply.response.group_state == "Empty" || reply.response.group_state == "Dead")
          << reply.response.group_state;
    }
  }

  void print_story() {
    std::string story;
    const size_t from = around_.story.size() > 400 ? around_.story.size() - 400 : 0;
    for (size_t i = from; i < around_.story.size(); ++i) story += around_.story[i] + "\n";
    for (const std::string& group : {groups_[0], groups_[1], std::string(kWildGroup)})
      story += shell_.described(group, image_) + "\n";
    ADD_FAILURE() << story;
  }

  // --- Troubles

  void trouble() {
    switch (dice_.below(40)) {
      case 0:
      case 1:
        return join_somebody();
      case 2:
        return lose_somebody();
      case 3:
        return change_topics();
      case 4:
        return restart();
      case 5:
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        return commit_somewhere();
      case 11:
        return administrate();
      case 13:
        return stranger_.bother(dice_.pick(groups_));
      case 14:
        return commit_as_stranger();
      case 15:
      case 16:
      case 17:
      case 18:
        return stranger_.send_anything(kWildGroup);
      case 12:
        if (dice_.one_in(4)) expect_consistent();
        return;
      default:
        return;
    }
  }

  void join_somebody() {
    if (members_.size() >= 10) return;
    const size_t group = static_cast<size_t>(dice_.below(2));
    const std::string name = "member" + std::to_string(++last_member_);
    std::vector<std::string> topics;
    for (int i = 0; i < kTopics; ++i) {
      if (!dice_.one_in(3)) topics.push_back(topic_name(i));
    }
    std::shared_ptr<HonestMember> member;
    if (dice_.one_in(2)) {
      member = std::make_shared<ClassicModel>(name, groups_[group], topics, are_cooperative_[group],
                                              dice_.one_in(3) ? Version{3} : Version{9});
    } else {
      auto modern = std::make_shared<ModernMember>(name, groups_[group], topics);
      if (dice_.one_in(3)) modern->use_regex("topic-[" + std::to_string(dice_.below(3)) + "-9]");
      if (dice_.one_in(3)) modern->use_assignor(dice_.one_in(2) ? "range" : "uniform");
      member = modern;
    }
    if (dice_.one_in(3)) {
      const std::string instance = "instance" + std::to_string(dice_.below(3));
      const bool is_free = std::ranges::none_of(members_, [&](const auto& other) {
        return other->group() == groups_[group] && other->instance_id() == instance;
      });
      if (is_free) member->make_static(instance);
    }
    around_.tell(name + " starts in " + groups_[group] +
                 (member->instance_id() ? " as " + *member->instance_id() : ""));
    members_.push_back(std::move(member));
  }

  void lose_somebody() {
    if (members_.empty()) return;
    const auto member = dice_.pick(members_);
    switch (dice_.below(4)) {
      case 0:
        around_.tell(member->name() + " is killed");
        return member->be_killed();
      case 1:
        return member->leave(around_);
      default:
        around_.tell(member->name() + " stalls");
        return member->stall(around_, dice_.below(2 * kSessionMs));
    }
  }

  void restart() {
    using Source = GroupShell::Source;
    const auto source = dice_.pick(
        std::vector{Source::kTable, Source::kTable, Source::kLog, Source::kCompactedLog});
    const bool is_round_lost = dice_.one_in(2);
    around_.tell(std::string("restart") + (is_round_lost ? ", the round is lost" : ""));
    shell_.restart(source, is_round_lost);
  }

  void commit_somewhere() {
    if (members_.empty()) return;
    const auto& member = dice_.pick(members_);
    if (member->owned().empty()) return;
    const auto& [id, partitions] = dice_.pick(member->owned());
    const TopicPointer topic = image_->topic(id);
    if (!topic) return;
    const int32_t partition = dice_.pick(partitions);
    auto commit = member->commit_for(topic->name, id, partition);
    if (!commit) return;
    const CommittedOffsets::Key key{member->group(), id, partition};
    const int64_t offset = offsets_.next(key);
    commit->partitions[0].offset = offset;
    shell_.submit(GroupEvent(*commit), [this, key, offset](const GroupReply* reply, int64_t at_ms) {
      if (!reply) return;
      const auto& answer = std::get<CommitOffsets::Reply>(*reply);
      if (answer.error == ErrorCode::kNone && answer.partitions.at(0) == ErrorCode::kNone)
        offsets_.acknowledge(key, offset, at_ms);
    });
  }

  // Only a group without members takes it from whoever claims no membership; where there is such a
  // claim, nobody knows the stranger.
  void commit_as_stranger() {
    const bool is_wild = dice_.one_in(2);
    CommitOffsets commit;
    commit.group = is_wild ? kWildGroup : dice_.pick(groups_);
    commit.member_id = is_wild ? stranger_.any_id() : "stranger";
    commit.generation = is_wild ? stranger_.any_number() : static_cast<int32_t>(dice_.below(9));
    commit.version = static_cast<Version>(1 + dice_.below(9));
    const TopicPointer topic = image_->topic(topic_name(dice_.below(kTopics)));
    if (!topic) return;
    const CommittedOffsets::Key key{commit.group, topic->id, 0};
    const int64_t offset = offsets_.next(key);
    commit.partitions.push_back(
        {.topic = topic->name, .topic_id = topic->id, .partition = 0, .offset = offset});
    shell_.submit(commit, [=, this](const GroupReply* reply, int64_t at_ms) {
      if (!reply || std::get<CommitOffsets::Reply>(*reply).error != ErrorCode::kNone) return;
      EXPECT_TRUE(is_wild) << "a stranger's commit is taken";
      offsets_.acknowledge(key, offset, at_ms);
    });
  }

  void administrate() {
    const std::string group = dice_.one_in(3) ? kWildGroup : dice_.pick(groups_);
    const auto of_group = [group](const auto& key) { return std::get<0>(key) == group; };
    const auto ignore = [](const GroupReply*, int64_t) {};
    switch (dice_.below(4)) {
      case 0:
        return shell_.submit(DeleteGroup{group}, [this, of_group](const GroupReply* reply, auto) {
          if (!reply || std::get<DeleteGroup::Reply>(*reply).error_code == 0)
            offsets_.may_be_gone(of_group);
        });
      case 1: {
        DeleteOffsets remove{.request = {}, .image = image_};
        remove.request.group_id = group;
        remove.request.topics.push_back({topic_name(dice_.below(kTopics)), {{0}, {1}}});
        return shell_.submit(remove, [this, of_group](const GroupReply* reply, auto) {
          if (!reply || has_deleted(std::get<DeleteOffsets::Reply>(*reply)))
            offsets_.may_be_gone(of_group);
        });
      }
      case 2:
        return shell_.submit(ListGroups{}, ignore);
      default:
        return shell_.submit(DescribeConsumerGroup{group, image_}, ignore);
    }
  }

  static bool has_deleted(const DeleteOffsets::Reply& reply) {
    return std::ranges::any_of(reply.topics, [](const auto& topic) {
      return std::ranges::any_of(topic.partitions,
                                 [](const auto& partition) { return partition.error_code == 0; });
    });
  }

  // --- Topics

  void change_topics() {
    const int64_t number = dice_.below(kTopics);
    const TopicPointer topic = working_.topic(topic_name(number));
    if (!topic) {
      create(number);
    } else if (topic->partitions.size() < 8 && !dice_.one_in(3)) {
      add_partitions(working_, topic->id, static_cast<int32_t>(topic->partitions.size()) + 2);
    } else {
      remove(*topic);
    }
    publish();
  }

  void create(int64_t number) {
    around_.tell(topic_name(number) + " is created as " + std::to_string(++last_topic_));
    create_topic(working_, topic_name(number), topic_id(static_cast<uint8_t>(last_topic_)),
                 static_cast<int32_t>(1 + dice_.below(5)));
  }

  void remove(const TopicImage& topic) {
    around_.tell(topic.name + " is deleted");
    const Uuid id = topic.id;
    const ForgetTopics forget{.topics = {{.name = topic.name, .id = id}}};
    delete_topic(working_, id);
    offsets_.may_be_gone([&](const auto& key) { return std::get<1>(key) == id; });
    shell_.submit(forget, [](const GroupReply*, int64_t) {});
  }

  void publish() {
    working_.set_position(working_.offset() + 1, 1);
    image_ = std::make_shared<const ClusterImage>(working_);
    around_.image = image_;
  }

  Dice dice_;
  GroupShell shell_{limits()};
  ClusterImage working_;
  std::shared_ptr<const ClusterImage> image_;
  Surroundings around_{.shell = shell_, .dice = dice_, .image = nullptr, .story = {}};
  CommittedOffsets offsets_{kRetentionMs};
  Stranger stranger_{around_};
  const std::vector<std::string> groups_{"group-a", "group-b"};
  std::vector<bool> are_cooperative_;
  std::vector<std::shared_ptr<HonestMember>> members_;
  int last_member_ = 0;
  int last_topic_ = 0;
};

int setting(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value ? std::atoi(value) : otherwise;
}

TEST(GroupCoreProperty, HonestMembersNeverShareAPartitionAndSettleInTheEnd) {
  const int first = setting("MOLDAU_GROUP_SEED", 1);
  const int seeds = setting("MOLDAU_GROUP_SEEDS", 50);
  for (int seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(static_cast<uint32_t>(seed)).run(2000);
  }
}

}  // namespace
}  // namespace moldau
