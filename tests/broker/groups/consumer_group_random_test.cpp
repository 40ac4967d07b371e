// Consumers that keep to the protocol, in any order, with answers that get lost, topics that come
// and go and a coordinator that starts over: no partition has two owners, and when it gets quiet
// each has one.
#include <random>
#include <set>

#include "broker/groups/consumer_protocol.h"
#include "tests/broker/groups/consumer_group_fixture.h"

namespace moldau {
namespace {

using OnePartition = std::pair<Uuid, int32_t>;

// What a client knows. It gives up what it is told to at a pace of its own.
struct Client {
  std::string id;
  bool is_classic = false;
  bool is_eager = false;  // Of the classic ones: gives up everything before it joins.
  bool is_joined = false;
  bool has_to_join = false, has_to_sync = false;
  int32_t epoch = 0;
  std::vector<std::string> topics;
  std::string regex;
  TopicPartitions owned;
  TopicPartitions assigned;                 // As it was told last.
  std::optional<TopicPartitions> reported;  // Known to have arrived; nullopt: nothing is.
};

class ConsumerGroupRandomTest : public ConsumerGroupTest,
                                public testing::WithParamInterface<uint64_t> {
 protected:
  ConsumerGroupRandomTest() : random_(GetParam()) {
    limits_.session_timeout_ms = 45'000;
    group_ = ConsumerGroup("g", limits_);
    for (const char* topic : {"orders", "bills", "parcels"}) add_topic(topic);
  }

  size_t pick(size_t n) { return random_() % n; }
  bool one_in(size_t n) { return pick(n) == 0; }
  void add_topic(const std::string& topic) {
    sizes_[topic] = 1 + static_cast<int32_t>(pick(8));
    cluster_.create(topic, sizes_[topic]);
  }

  // --- The consumer protocol

  Request request_of(Client& client) {
    Request request = beating(client.id, client.epoch);
    if (!client.reported) {  // All is said again after an error.
      request.rebalance_timeout_ms = 60'000;
      request.subscribed_topic_names = client.topics;
      request.subscribed_topic_regex = client.regex;
    }
    if (!client.reported || *client.reported != client.owned)
      request.topic_partitions = to_list<Request::TopicPartitions>(client.owned);
    return request;
  }
  void beat_of(Client& client) {
    give_up_some(client);
    const Request request = request_of(client);
    const std::string line = send(request);
    if (line == "UNKNOWN_MEMBER_ID" || line == "FENCED_MEMBER_EPOCH") return lose_all(client);
    ASSERT_EQ(last_.error_code, 0) << line;
    if (one_in(8)) {  // The answer is lost.
      client.reported.reset();
      return;
    }
    client.is_joined = true;
    client.epoch = last_.member_epoch;
    if (request.topic_partitions) client.reported = client.owned;
    if (!last_.assignment) return;
    client.assigned = to_topic_partitions(last_.assignment->topic_partitions);
    client.owned = union_of(client.owned, client.assigned);
  }
  void give_up_some(Client& client) {
    if (!one_in(2)) return;
    client.owned = intersection_of(client.owned, client.assigned);
  }
  void lose_all(Client& client) {
    client.is_joined = client.has_to_sync = false;
    client.epoch = 0;
    client.owned.clear();
    client.assigned.clear();
    client.reported.reset();
  }

  // --- The classic protocol

  void beat_of_classic(Client& client) {
    if (!client.is_joined || client.has_to_join) return join_of(client);
    if (client.has_to_sync) return sync_of(client);
    GroupHeartbeat event;
    event.request.group_id = "g";
    event.request.member_id = client.id;
    event.request.generation_id = client.epoch;
    const auto reply = std::get<HeartbeatResponse>(run(
        event, [](ConsumerGroup& g, const auto& e, Time now) { return g.heartbeat(7, e, now); }));
    take_error(client, static_cast<ErrorCode>(reply.error_code));
  }
  void join_of(Client& client) {
    if (client.is_eager) client.owned.clear();
    ConsumerProtocolSubscription subscription{.topics = client.topics};
    for (const auto& [topic, partitions] : client.owned)
      subscription.owned_partitions.push_back({cluster_.name(topic), partitions});
    const std::string metadata = write_subscription(subscription, 1);
    JoinGroup event{
        .caller = {"client", "/127.0.0.1", 9}, .fresh_uuid = "fresh", .image = cluster_.image()};
    event.request.group_id = "g";
    event.request.member_id = client.id;
    event.request.session_timeout_ms = 45'000;
    event.request.rebalance_timeout_ms = 60'000;
    event.request.protocol_type = "consumer";
    event.request.protocols.push_back({"range", as_bytes(metadata)});
    const auto reply = std::get<JoinGroup::Reply>(
        run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.join(7, e, now); }));
    ASSERT_EQ(reply.response.error_code, 0);
    if (one_in(8)) return;  // The answer is lost.
    client.is_joined = client.has_to_sync = true;
    client.has_to_join = false;
    client.epoch = reply.response.generation_id;
  }
  void sync_of(Client& client) {
    SyncGroup event;
    event.request.group_id = "g";
    event.request.member_id = client.id;
    event.request.generation_id = client.epoch;
    const bool had_twin = std::exchange(has_twin_, false);  // It has no names of topics.
    const auto reply = std::get<SyncGroup::Reply>(
        run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.sync(7, e, now); }));
    has_twin_ = had_twin;
    const auto error = static_cast<ErrorCode>(reply.response.error_code);
    if (error != ErrorCode::kNone) return take_error(client, error);
    client.has_to_sync = false;
    client.owned.clear();
    const auto assignment = read_assignment(reply.response.assignment);
    for (const auto& [topic, partitions] : assignment->assigned_partitions)
      insert(client.owned, cluster_.id(topic), partitions);
    client.has_to_join = false;
  }
  void take_error(Client& client, ErrorCode error) {
    if (error == ErrorCode::kRebalanceInProgress) client.has_to_join = true;
    if (error == ErrorCode::kUnknownMemberId || error == ErrorCode::kIllegalGeneration)
      lose_all(client);
  }

  // --- What happens

  void step() {
    switch (pick(20)) {
      case 0:
        return add_client();
      case 1:
        return one_leaves();
      case 2:
        if (!clients_.empty() && one_in(2)) clients_.erase(clients_.begin() + chosen());  // Killed.
        return;
      case 3:
        return change_subscription();
      case 4:
        return change_topics();
      case 5:
        if (one_in(2)) restart();
        return;
      case 6:
        return let_time_pass(one_in(10) ? 50'000 : 12'000);
      default:
        if (!clients_.empty()) beat_any(clients_[static_cast<size_t>(chosen())]);
        return;
    }
  }
  void beat_any(Client& client) { client.is_classic ? beat_of_classic(client) : beat_of(client); }
  std::ptrdiff_t chosen() { return static_cast<std::ptrdiff_t>(pick(clients_.size())); }
  std::vector<std::string> some_topics() {
    std::vector<std::string> topics;
    for (const auto& [topic, size] : sizes_)
      if (one_in(2)) topics.push_back(topic);
    return topics;
  }
  void add_client() {
    if (clients_.size() >= 6) return;
    Client client{.id = "m" + std::to_string(++last_client_)};
    // A classic one first would make a classic group.
    client.is_classic = !group_.is_empty() && one_in(3);
    client.is_eager = one_in(2);
    client.topics = some_topics();
    if (!client.is_classic && one_in(3)) client.regex = one_in(2) ? ".*s" : "[a-o].*";
    clients_.push_back(client);
  }
  void one_leaves() {
    if (clients_.empty()) return;
    const auto at = chosen();
    const Client client = clients_[static_cast<size_t>(at)];
    clients_.erase(clients_.begin() + at);
    if (!client.is_joined) return;
    if (!client.is_classic) {
      beat(client.id, -1);
    } else {
      LeaveGroup event{.caller = {"client", "/127.0.0.1", 3}};
      event.request.members.push_back({.member_id = client.id});
      const bool had_twin = std::exchange(has_twin_, false);  // Without topics it has no new hash.
      run(event, [](ConsumerGroup& g, const auto& e, Time now) { return g.leave(7, e, now); });
      has_twin_ = had_twin;
    }
  }
  void change_subscription() {
    if (clients_.empty()) return;
    Client& client = clients_[static_cast<size_t>(chosen())];
    client.topics = some_topics();
    client.reported.reset();
    client.has_to_join = client.is_classic;
  }
  void change_topics() {
    const std::vector<std::string> names = {"orders", "bills", "parcels", "news"};
    const std::string& topic = names[pick(names.size())];
    if (!sizes_.contains(topic)) return add_topic(topic);
    if (one_in(3)) {
      cluster_.remove(topic);
      sizes_.erase(topic);
    } else if (sizes_[topic] < 12) {
      cluster_.grow(topic, sizes_[topic], sizes_[topic] + 1);
      ++sizes_[topic];
    }
  }
  void let_time_pass(int64_t ms) {
    pass(ms);
    for (auto& client : clients_)
      if (client.is_joined && !group_.durable().member(client.id)) lose_all(client);
  }

  // --- What must hold

  void check_owners() {
    std::map<OnePartition, std::string> owners;
    for (const auto& client : clients_)
      for (const auto& [topic, partitions] : client.owned)
        for (const int32_t partition : partitions) {
          const auto [it, is_new] = owners.emplace(OnePartition{topic, partition}, client.id);
          ASSERT_TRUE(is_new) << it->second << " and " << client.id << " own "
                              << cluster_.name(topic) << "-" << partition;
        }
  }
  void check_all_is_owned() {
    size_t owned = 0, wanted = 0;
    std::set<std::string> subscribed = group_.durable().subscribed_topics();
    for (const auto& topic : subscribed)
      if (sizes_.contains(topic)) wanted += static_cast<size_t>(sizes_[topic]);
    for (const auto& client : clients_) owned += count(client.owned);
    EXPECT_EQ(owned, wanted);
    EXPECT_STREQ(group_.state(), clients_.empty() ? "Empty" : "Stable");
    const auto described = group_.describe(*cluster_.image());
    EXPECT_EQ(described.members.size(), clients_.size());
  }

  std::mt19937_64 random_;
  std::vector<Client> clients_;
  std::map<std::string, int32_t> sizes_;
  int last_client_ = 0;
};

TEST_P(ConsumerGroupRandomTest, NoPartitionHasTwoOwnersAndAllHaveOneInTheEnd) {
  limits_.migration = MigrationPolicy::kUpgrade;  // It stays a consumer group.
  group_ = ConsumerGroup("g", limits_);
  has_twin_ = GetParam() % 4 == 0;  // Not too long; and resolving is not put off then.
  if (has_twin_) limits_.regex_refresh_interval_ms = 0;
  group_ = ConsumerGroup("g", limits_);
  for (int i = 0; i < 400 && !HasFatalFailure(); ++i) {
    step();
    check_owners();
  }
  for (int round = 0; round < 60 && !HasFatalFailure(); ++round) {
    let_time_pass(round < 20 ? 4'000 : 1'000);
    for (auto& client : clients_) {
      beat_any(client);
      check_owners();
    }
  }
  check_all_is_owned();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConsumerGroupRandomTest, testing::Range<uint64_t>(1, 61));

}  // namespace
}  // namespace moldau
