// What the tools ask about groups: each request goes to the coordinator of its group, which is
// looked up, and asked again while it moves or loads.
//
// Errors are in the words of Kafka's tools (java_errors.h); NotFound: no such group.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cli/client.h"
#include "protocol/topic_partition.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

using TopicPartitionSet = std::set<TopicPartition>;
using PartitionOffsets = std::map<TopicPartition, int64_t>;

struct GroupListing {
  std::string group;
  std::string protocol_type;
  std::string state;  // "Stable" and the like; empty where the broker does not say.
  std::string type;   // "Classic", "Consumer", ...
};

struct GroupDescription {
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string host;
    TopicPartitionSet assigned;
    TopicPartitionSet target;  // Consumer groups only, as the three below.
    std::optional<int32_t> epoch;
    std::optional<bool> is_upgraded;  // False: it still speaks the classic protocol.
  };
  std::string group;
  std::string type;
  std::string state;
  std::string assignor;
  int32_t coordinator_id = -1;
  ServerAddress coordinator;
  std::optional<int32_t> epoch;
  std::optional<int32_t> assignment_epoch;
  std::vector<Member> members;
};

struct CommittedOffset {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};
using CommittedOffsets = std::map<TopicPartition, CommittedOffset>;

// Who commits: nobody in particular, or a member of the group.
struct Committer {
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation_or_epoch = -1;
};

class GroupClient {
 public:
  // `timeout_ms` goes for each of the operations below.
  GroupClient(Client& client, int timeout_ms) : client_(client), timeout_ms_(timeout_ms) {}

  // Of all brokers, by name. Empty filters: all.
  absl::StatusOr<std::vector<GroupListing>> list(const std::vector<std::string>& states,
                                                 const std::vector<std::string>& types);
  // A group of any protocol: first as a consumer group, then as a classic one (KIP-848, KIP-1043).
  // InvalidArgument: it is no group of consumers.
  absl::StatusOr<GroupDescription> describe(const std::string& group);
  absl::StatusOr<CommittedOffsets> committed(const std::string& group);
  // Fails with the first partition that is refused.
  absl::Status commit(const std::string& group, const Committer& committer,
                      const PartitionOffsets& offsets);
  absl::StatusOr<ErrorCode> remove(const std::string& group);

  struct Removal {
    ErrorCode error = ErrorCode::kNone;  // Of the whole request.
    std::map<TopicPartition, ErrorCode> partitions;
  };
  absl::StatusOr<Removal> remove_offsets(const std::string& group,
                                         const TopicPartitionSet& partitions);

  // A request to the coordinator of `group`; `error_of` finds the group's error in the response.
  // `timeout_ms` is for the answer, 0 for the usual.
  template <class Response, class Request>
  absl::StatusOr<Reply<Response>> ask(const std::string& group, const Request& request,
                                      const std::function<ErrorCode(const Response&)>& error_of,
                                      int timeout_ms = 0, Version newest = Request::kApi.last) {
    const int64_t deadline_ms = now_ms() + timeout_ms_;
    while (true) {
      auto node = coordinator_of(group, deadline_ms);
      if (!node.ok()) return node.status();
      auto reply =
          client_.call<Response>(request, *node, timeout_ms > 0 ? timeout_ms : timeout_ms_, newest);
      const bool is_lost = absl::IsUnavailable(reply.status());
      if (!reply.ok() && !is_lost) return reply;
      if (reply.ok() && !is_coordinator_gone(error_of(reply->message))) return reply;
      coordinators_.erase(group);
      if (now_ms() >= deadline_ms) return reply;
      pause();
    }
  }

 private:
  struct Coordinator {
    int32_t node = -1;
    ServerAddress address;
  };
  static int64_t now_ms();
  static void pause();
  static bool is_coordinator_gone(ErrorCode error);
  absl::StatusOr<int32_t> coordinator_of(const std::string& group, int64_t deadline_ms);
  absl::StatusOr<Coordinator> find_coordinator(const std::string& group);
  absl::StatusOr<std::optional<GroupDescription>> describe_consumer(const std::string& group);
  absl::StatusOr<GroupDescription> describe_classic(const std::string& group);
  void name_coordinator(GroupDescription& description) const;

  Client& client_;
  int timeout_ms_;
  std::map<std::string, Coordinator> coordinators_;  // By group.
};

// The partitions of topics there are. NotFound: one of them is not there.
absl::StatusOr<TopicPartitionSet> partitions_of(Client& client,
                                                const std::set<std::string>& topics);

// Offsets of partitions at a timestamp (-1 latest, -2 earliest), asked from their leaders; -1 where
// there is no such record. Partitions without a leader, and those that do not exist, are left out.
absl::StatusOr<PartitionOffsets> log_offsets(Client& client, const TopicPartitionSet& partitions,
                                             int64_t timestamp, int timeout_ms);

}  // namespace moldau::cli
