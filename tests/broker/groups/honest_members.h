// Models of clients that keep to their protocol: they give up what they are told to give up before
// they say so, they own what they are given, and when their session may have ended, or they are
// told that they are no members, they own nothing.
//
// They are also what real clients are: slow, sometimes silent for too long, sometimes killed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "broker/groups/assignor.h"
#include "broker/groups/consumer_protocol.h"
#include "broker/groups/topic_regex.h"
#include "tests/broker/groups/group_shell.h"

namespace moldau {

constexpr int32_t kSessionMs = 45'000;
constexpr int32_t kRebalanceMs = 120'000;
constexpr int64_t kNeverMs = std::numeric_limits<int64_t>::max();

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int64_t below(int64_t end) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(end));
  }
  bool one_in(int64_t n) { return below(n) == 0; }
  template <class Range>
  const auto& pick(const Range& range) {
    return *std::next(std::begin(range), below(static_cast<int64_t>(std::size(range))));
  }

 private:
  std::minstd_rand engine_;
};

// What members see of the world, and the only way in which they act on it.
struct Surroundings {
  GroupShell& shell;
  Dice& dice;
  std::shared_ptr<const ClusterImage> image;
  int64_t last_uuid = 0;
  std::vector<std::string> story;  // What happened, for whoever looks for the reason of a failure.

  int64_t now_ms() const { return shell.now().steady_ms; }
  std::string fresh_uuid() { return "uuid" + std::to_string(++last_uuid); }
  void tell(const std::string& line) { story.push_back(std::to_string(now_ms()) + " " + line); }
};

// As "topic:partition,partition" by the last byte of the topic's id.
inline std::string text(const TopicPartitions& set) {
  std::string text = "{";
  for (const auto& [id, partitions] : set) {
    text += " " + std::to_string(id.back()) + ":";
    for (const int32_t partition : partitions) text += std::to_string(partition) + ",";
  }
  return text + " }";
}

class HonestMember : public std::enable_shared_from_this<HonestMember> {
 public:
  HonestMember(std::string name, std::string group, std::vector<std::string> topics)
      : name_(std::move(name)), group_(std::move(group)), topics_(std::move(topics)) {}
  virtual ~HonestMember() = default;

  const std::string& name() const { return name_; }
  const std::string& group() const { return group_; }
  const TopicPartitions& owned() const { return owned_; }
  const std::optional<std::string>& instance_id() const { return instance_id_; }
  bool is_gone() const { return is_gone_; }
  int64_t next_ms() const { return is_gone_ ? kNeverMs : std::min(next_ms_, session_ends()); }
  virtual std::set<std::string> subscribed(const ClusterImage&) const {
    return {topics_.begin(), topics_.end()};
  }
  virtual void leave(Surroundings& around) = 0;  // As a client that is closed in order.

  void make_static(std::string instance_id) { instance_id_ = std::move(instance_id); }
  // Its time has come, or its session may have ended.
  void act(Surroundings& around) {
    if (session_ends() <= around.now_ms()) lose(around, "its session may be over");
    if (next_ms_ > around.now_ms()) return;
    next_ms_ = around.now_ms() + 1000 + around.dice.below(4000);
    if (!is_waiting_) go_on(around);
  }
  void stall(Surroundings& around, int64_t ms) { next_ms_ = around.now_ms() + ms; }
  void be_killed() {
    is_gone_ = true;
    owned_.clear();
  }

  // A commit of this member for a partition that it owns, if it can make one now.
  virtual std::optional<CommitOffsets> commit_for(const std::string& topic, const Uuid& id,
                                                  int32_t partition) const = 0;

 protected:
  virtual void go_on(Surroundings& around) = 0;  // Nothing is on its way.
  virtual void forget_membership() = 0;

  int64_t session_ends() const { return is_safe_ ? kNeverMs : session_ends_ms_; }

  void lose(Surroundings& around, const std::string& why) {
    around.tell(name_ + " loses all: " + why);
    owned_.clear();
    session_ends_ms_ = kNeverMs;
    forget_membership();
  }

  // Sends, and comes back with the reply, or nullptr if the coordinator was lost. A reply to a
  // member that is gone reaches nobody.
  template <class E, class Then>
  void send(Surroundings& around, E event, Then then) {
    is_waiting_ = true;
    around.shell.submit(GroupEvent(std::move(event)), [self = shared_from_this(), &around, then](
                                                          const GroupReply* reply, int64_t at_ms) {
      if (self->is_gone_) return;
      self->is_waiting_ = false;
      self->next_ms_ = std::min(self->next_ms_, around.now_ms() + around.dice.below(3000));
      then(reply ? &std::get<typename E::Reply>(*reply) : nullptr, at_ms);
    });
  }

  Caller caller(Version version) const {
    return {.client_id = name_, .client_host = "/127.0.0.1", .version = version};
  }

  const std::string name_;
  const std::string group_;
  std::vector<std::string> topics_;
  std::optional<std::string> instance_id_;
  TopicPartitions owned_;
  bool is_waiting_ = false;
  bool is_safe_ = false;  // It waits in the coordinator, which keeps its session.
  bool is_gone_ = false;
  int64_t next_ms_ = 0;
  int64_t session_ends_ms_ = kNeverMs;
};

// A member of the consumer protocol (KIP-848).
class ModernMember final : public HonestMember {
 public:
  using HonestMember::HonestMember;

  void use_regex(std::string regex) { regex_ = std::move(regex); }
  void use_assignor(std::string assignor) { assignor_ = std::move(assignor); }
  void subscribe(std::vector<std::string> topics) {
    topics_ = std::move(topics);
    is_full_ = true;
  }

  std::set<std::string> subscribed(const ClusterImage& image) const override {
    if (!regex_) return HonestMember::subscribed(image);
    const auto matching = topics_matching(*regex_, image);
    return {matching.begin(), matching.end()};
  }

  void leave(Surroundings& around) override {
    owned_.clear();
    ConsumerGroupHeartbeat event = heartbeat(around);
    event.request.member_epoch = instance_id_ && around.dice.one_in(2) ? -2 : -1;
    around.tell(name_ + " leaves with " + std::to_string(event.request.member_epoch));
    if (epoch_ > 0) around.shell.submit(GroupEvent(event), [](const GroupReply*, int64_t) {});
    be_killed();
  }

  std::optional<CommitOffsets> commit_for(const std::string& topic, const Uuid& id,
                                          int32_t partition) const override {
    if (epoch_ <= 0) return std::nullopt;
    CommitOffsets commit{.group = group_, .generation = epoch_, .member_id = name_, .version = 9};
    commit.instance_id = instance_id_;
    commit.partitions.push_back({.topic = topic, .topic_id = id, .partition = partition});
    return commit;
  }

 private:
  ConsumerGroupHeartbeat heartbeat(Surroundings& around) const {
    ConsumerGroupHeartbeat event;
    event.request.group_id = group_;
    event.request.member_id = name_;
    event.request.member_epoch = epoch_;
    event.request.instance_id = instance_id_;
    event.caller = caller(1);
    event.fresh_uuid = around.fresh_uuid();
    event.image = around.image;
    return event;
  }

  void go_on(Surroundings& around) override {
    if (target_ && reconcile_at_ms_ <= around.now_ms()) {
      owned_ = *std::exchange(target_, std::nullopt);
      has_news_ = true;
      around.tell(name_ + " owns " + text(owned_));
    }
    ConsumerGroupHeartbeat event = heartbeat(around);
    ConsumerGroupHeartbeatRequest& request = event.request;
    if (is_full_ || epoch_ == 0) {
      request.rebalance_timeout_ms = kRebalanceMs;
      request.server_assignor = assignor_;
      if (regex_) {
        request.subscribed_topic_regex = regex_;
      } else {
        request.subscribed_topic_names = topics_;
      }
    }
    if (has_news_ || is_full_ || epoch_ == 0) {
      using Listed = ConsumerGroupHeartbeatRequest::TopicPartitions;
      request.topic_partitions = to_list<Listed>(owned_);
    }
    const int64_t sent_ms = around.now_ms();
    is_full_ = has_news_ = false;
    send(around, std::move(event), [this, &around, sent_ms](const auto* reply, int64_t) {
      if (!reply) {
        is_full_ = true;
      } else {
        hear(around, *reply, sent_ms);
      }
    });
  }

  void hear(Surroundings& around, const ConsumerGroupHeartbeatResponse& reply, int64_t sent_ms) {
    switch (static_cast<ErrorCode>(reply.error_code)) {
      case ErrorCode::kNone:
        epoch_ = reply.member_epoch;
        session_ends_ms_ = sent_ms + kSessionMs;
        if (reply.assignment) {
          target_ = to_topic_partitions(reply.assignment->topic_partitions);
          reconcile_at_ms_ = around.now_ms() + around.dice.below(3000);
          around.tell(name_ + " epoch " + std::to_string(epoch_) + " is given " + text(*target_));
        }
        return;
      case ErrorCode::kFencedMemberEpoch:
      case ErrorCode::kUnknownMemberId:
      case ErrorCode::kGroupIdNotFound:  // A classic group meanwhile, or again.
        return lose(around, "fenced with " + std::to_string(reply.error_code));
      case ErrorCode::kUnreleasedInstanceId:
        return;
      case ErrorCode::kFencedInstanceId:
        return be_killed();
      default:
        ADD_FAILURE() << name_ << ": unexpected error " << reply.error_code << " "
                      << reply.error_message.value_or("");
    }
  }

  void forget_membership() override {
    epoch_ = 0;
    target_.reset();
    has_news_ = false;
  }

  int32_t epoch_ = 0;
  std::optional<std::string> regex_, assignor_;
  std::optional<TopicPartitions> target_;  // Given, and not yet taken up.
  int64_t reconcile_at_ms_ = 0;
  bool has_news_ = false;  // What it owns has changed.
  bool is_full_ = false;   // The last heartbeat may not have arrived.
};

// A member of the classic protocol, of an assignor with the eager or the cooperative protocol
// (KIP-429).
class ClassicModel final : public HonestMember {
 public:
  ClassicModel(std::string name, std::string group, std::vector<std::string> topics,
               bool is_cooperative, Version join_version)
      : HonestMember(std::move(name), std::move(group), std::move(topics)),
        is_cooperative_(is_cooperative),
        join_version_(join_version) {}

  void leave(Surroundings& around) override {
    owned_.clear();
    if (!member_id_.empty() && !instance_id_) {
      around.tell(name_ + " leaves");
      LeaveGroup event{.request = {}, .caller = caller(4)};
      event.request.group_id = group_;
      event.request.members.push_back(
          {.member_id = member_id_, .group_instance_id = std::nullopt, .reason = std::nullopt});
      around.shell.submit(GroupEvent(event), [](const GroupReply*, int64_t) {});
    }
    be_killed();
  }

  std::optional<CommitOffsets> commit_for(const std::string& topic, const Uuid& id,
                                          int32_t partition) const override {
    if (state_ != State::kStable) return std::nullopt;
    CommitOffsets commit{
        .group = group_, .generation = generation_, .member_id = member_id_, .version = 8};
    commit.instance_id = instance_id_;
    commit.partitions.push_back({.topic = topic, .topic_id = id, .partition = partition});
    return commit;
  }

 private:
  enum class State { kUnjoined, kJoined, kStable };

  void go_on(Surroundings& around) override {
    if (state_ == State::kStable && is_leader_ && joined_with_ != around.image) {
      state_ = State::kUnjoined;  // Topics may have changed: its to see to.
    }
    switch (state_) {
      case State::kUnjoined:
        return join(around);
      case State::kJoined:
        return sync(around);
      case State::kStable:
        return heartbeat(around);
    }
  }

  std::string metadata(const ClusterImage& image) const {
    ConsumerProtocolSubscription subscription;
    subscription.topics = topics_;
    subscription.generation_id = owned_generation_;
    for (const auto& [id, partitions] : owned_) {
      if (const TopicPointer topic = image.topic(id))
        subscription.owned_partitions.push_back({topic->name, partitions});
    }
    return write_subscription(subscription, 3);
  }

  void join(Surroundings& around) {
    if (!is_cooperative_) owned_.clear();
    const std::string bytes = metadata(*around.image);
    JoinGroup event;
    event.request.group_id = group_;
    event.request.session_timeout_ms = kSessionMs;
    event.request.rebalance_timeout_ms = kRebalanceMs;
    event.request.member_id = member_id_;
    event.request.group_instance_id = instance_id_;
    event.request.protocol_type = kConsumerProtocolType;
    event.request.protocols.push_back(
        {is_cooperative_ ? "cooperative-sticky" : "range", as_bytes(bytes)});
    event.caller = caller(join_version_);
    event.fresh_uuid = around.fresh_uuid();
    event.image = around.image;
    is_safe_ = true;
    around.tell(name_ + " joins as '" + member_id_ + "' with " + text(owned_));
    const auto hear_reply = [this, &around, image = around.image](const auto* reply,
                                                                  int64_t at_ms) {
      is_safe_ = false;
      session_ends_ms_ = at_ms + kSessionMs;
      if (reply) hear(around, reply->response, image);
    };
    send(around, std::move(event), hear_reply);
  }

  void hear(Surroundings& around, const JoinGroupResponse& reply,
            const std::shared_ptr<const ClusterImage>& sent_with) {
    switch (static_cast<ErrorCode>(reply.error_code)) {
      case ErrorCode::kNone:
        member_id_ = reply.member_id;
        generation_ = reply.generation_id;
        state_ = State::kJoined;
        is_leader_ = reply.leader == member_id_ && !reply.skip_assignment;
        // A coordinator that assigns itself (KIP-848) knows the topics of the request.
        joined_with_ = reply.leader.empty() ? sent_with : around.image;
        is_leader_ ? assign(reply, *around.image) : assignments_.clear();
        around.tell(name_ + " is '" + member_id_ + "' in generation " +
                    std::to_string(generation_) + (is_leader_ ? " and leads" : ""));
        return;
      case ErrorCode::kMemberIdRequired:
        member_id_ = reply.member_id;
        return;
      case ErrorCode::kUnknownMemberId:
        member_id_.clear();
        return lose(around, "not a member");
      case ErrorCode::kFencedInstanceId:
        return be_killed();
      case ErrorCode::kRebalanceInProgress:
      case ErrorCode::kInconsistentGroupProtocol:
        return;
      default:
        ADD_FAILURE() << name_ << ": unexpected error " << reply.error_code << " to join";
    }
  }

  // As leader. What a member says that it owns goes to another only when it is given up.
  void assign(const JoinGroupResponse& reply, const ClusterImage& image) {
    AssignSpec spec;
    TopicPartitions claimed;
    for (const auto& member : reply.members) {
      const auto subscription = read_subscription(member.metadata);
      ASSERT_TRUE(subscription.ok()) << subscription.status();
      MemberSpec& added = spec.members[member.member_id];
      for (const auto& name : subscription->topics) {
        const TopicPointer topic = image.topic(name);
        if (!topic) continue;
        added.subscribed.push_back(topic->id);
        spec.partition_counts[topic->id] = static_cast<int32_t>(topic->partitions.size());
      }
      std::ranges::sort(added.subscribed);
      for (const auto& [name, partitions] : subscription->owned_partitions) {
        if (const TopicPointer topic = image.topic(name)) {
          insert(added.owned, topic->id, partitions);
          insert(claimed, topic->id, partitions);
        }
      }
    }
    assignments_ = assign_uniform(spec);
    for (auto& [id, assigned] : assignments_) {
      assigned = difference_of(assigned, difference_of(claimed, spec.members[id].owned));
    }
  }

  void sync(Surroundings& around) {
    SyncGroup event;
    event.request.group_id = group_;
    event.request.generation_id = generation_;
    event.request.member_id = member_id_;
    event.request.group_instance_id = instance_id_;
    event.caller = caller(4);
    std::vector<std::string> bytes;
    for (const auto& [id, assigned] : assignments_) bytes.push_back(written(assigned, around));
    size_t next = 0;
    for (const auto& [id, assigned] : assignments_)
      event.request.assignments.push_back({id, as_bytes(bytes[next++])});
    is_safe_ = true;
    send(around, std::move(event), [this, &around](const SyncGroup::Reply* reply, int64_t at_ms) {
      is_safe_ = false;
      session_ends_ms_ = at_ms + kSessionMs;
      if (reply) hear(around, reply->response);
    });
  }

  static std::string written(const TopicPartitions& assigned, const Surroundings& around) {
    ConsumerProtocolAssignment assignment;
    for (const auto& [id, partitions] : assigned) {
      if (const TopicPointer topic = around.image->topic(id))
        assignment.assigned_partitions.push_back({topic->name, partitions});
    }
    return write_assignment(assignment, 3);
  }

  void hear(Surroundings& around, const SyncGroupResponse& reply) {
    switch (static_cast<ErrorCode>(reply.error_code)) {
      case ErrorCode::kNone: {
        const auto assignment = read_assignment(reply.assignment);
        ASSERT_TRUE(assignment.ok()) << assignment.status();
        take_up(around, *assignment);
        return;
      }
      case ErrorCode::kRebalanceInProgress:
        state_ = State::kUnjoined;
        return;
      default:
        return lose_for(around, reply.error_code, "sync");
    }
  }

  void take_up(Surroundings& around, const ConsumerProtocolAssignment& assignment) {
    TopicPartitions assigned;
    for (const auto& [name, partitions] : assignment.assigned_partitions) {
      if (const TopicPointer topic = joined_with_->topic(name))
        insert(assigned, topic->id, partitions);
    }
    const bool has_revoked = !contains_all(assigned, owned_);
    owned_ = assigned;
    owned_generation_ = generation_;
    state_ = is_cooperative_ && has_revoked ? State::kUnjoined : State::kStable;
    around.tell(name_ + " owns " + text(owned_));
  }

  void heartbeat(Surroundings& around) {
    GroupHeartbeat event;
    event.request.group_id = group_;
    event.request.generation_id = generation_;
    event.request.member_id = member_id_;
    event.request.group_instance_id = instance_id_;
    event.caller = caller(4);
    const int64_t sent_ms = around.now_ms();
    send(around, std::move(event), [this, &around, sent_ms](const auto* reply, int64_t) {
      if (!reply) return;
      switch (static_cast<ErrorCode>(reply->error_code)) {
        case ErrorCode::kNone:
          session_ends_ms_ = sent_ms + kSessionMs;
          return;
        case ErrorCode::kRebalanceInProgress:
          state_ = State::kUnjoined;
          return;
        default:
          return lose_for(around, reply->error_code, "heartbeat");
      }
    });
  }

  void lose_for(Surroundings& around, int16_t error_code, const char* what) {
    switch (static_cast<ErrorCode>(error_code)) {
      case ErrorCode::kUnknownMemberId:
        member_id_.clear();
        return lose(around, "not a member");
      case ErrorCode::kIllegalGeneration:
      case ErrorCode::kInconsistentGroupProtocol:
        return lose(around, "another generation");
      case ErrorCode::kFencedInstanceId:
        return be_killed();
      default:
        ADD_FAILURE() << name_ << ": unexpected error " << error_code << " to " << what;
    }
  }

  void forget_membership() override {
    generation_ = owned_generation_ = -1;
    state_ = State::kUnjoined;
  }

  const bool is_cooperative_;
  const Version join_version_;
  State state_ = State::kUnjoined;
  std::string member_id_;
  int32_t generation_ = -1;
  int32_t owned_generation_ = -1;  // In which it was given what it owns.
  bool is_leader_ = false;
  // What names of topics stand for in an assignment: they may be other topics meanwhile.
  std::shared_ptr<const ClusterImage> joined_with_;
  TargetAssignment assignments_;  // That it made as leader.
};

}  // namespace moldau
