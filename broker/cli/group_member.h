// A member of a consumer group, for tools that read with --group: joins, keeps up, commits, leaves.
//
// There is no thread behind it: keep_up() is to be called more often than the heartbeat interval,
// and does what has become due.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/cli/client.h"
#include "broker/cli/group_client.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

class GroupMember {
 public:
  struct Options {
    std::string group;
    std::vector<std::string> topics;                   // These, or:
    std::function<bool(const std::string&)> includes;  // whatever this says yes to.
    std::optional<std::string> instance_id;            // A static member (KIP-345).
    std::optional<std::string> assignor;               // Of the broker; consumer protocol only.
    int32_t session_timeout_ms = 45'000;               // Classic protocol only, as the next.
    int32_t heartbeat_interval_ms = 3'000;
    int32_t max_poll_interval_ms = 300'000;
    bool auto_commit = true;
    int32_t auto_commit_interval_ms = 5'000;
  };
  // What the group lets us read.
  struct Assignment {
    TopicPartitionSet all;
    PartitionOffsets starts;  // Of those that are new: what is committed, or -1.
  };
  // How far the partitions are read that are assigned.
  using Positions = std::function<PartitionOffsets()>;

  // The classic protocol, with the range assignor.
  static std::unique_ptr<GroupMember> classic(Client& client, Options options, Positions positions);
  // KIP-848, with the broker's assignor.
  static std::unique_ptr<GroupMember> consumer(Client& client, Options options,
                                               Positions positions);
  virtual ~GroupMember() = default;

  // Waits up to `timeout_ms` where it has to. Set: the assignment is another from now on. Fails
  // where the group refuses us for good, and if the coordinator cannot be found.
  absl::StatusOr<std::optional<Assignment>> keep_up(int64_t timeout_ms);
  // Commits, if options say so, and leaves the group.
  absl::Status leave();

 protected:
  GroupMember(Client& client, Options options, Positions positions);

  // What a protocol does. step() sets assigned_ and new_, and returns whether it did.
  virtual absl::StatusOr<bool> step(int64_t timeout_ms) = 0;
  virtual absl::Status say_goodbye() = 0;
  virtual Committer committer() const = 0;

  static int64_t now_ms();
  // Commits the positions of what is assigned. A failure is left to the next heartbeat to explain.
  absl::Status commit();
  // The topics subscribed to that exist, with their partitions; asked again when they are old.
  absl::StatusOr<bool> learn_topics(bool must_be_new);  // Whether they changed.

  Client& client_;
  const Options options_;
  GroupClient coordinator_;
  std::vector<MetadataResponse::Topic> topics_;
  TopicPartitionSet assigned_;
  TopicPartitionSet new_;  // Of them, those whose positions have to be found.
  int64_t next_heartbeat_ms_ = 0;

 private:
  const Positions positions_;
  int64_t next_commit_ms_ = 0;
  int64_t learn_topics_ms_ = 0;
};

}  // namespace moldau::cli
