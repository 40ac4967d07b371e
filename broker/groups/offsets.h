// Committed offsets: the coordinator of the groups of one partition of __consumer_offsets.
//
// In the log: Kafka's OffsetCommit records (protocol/records/offset_commit.h). A value is written
// in version 4, with the id of the topic, or in version 1 where an old client asked for a retention
// time of its own, which only that version can hold. Other records are left alone.
//
// Folded state (folded_state.h), where `name` is length:uint16 bytes, integers big-endian:
//   'o' group:name topic:name partition:int32    the value as it is in the log
//   't' producer_id:int64 group:name topic:name partition:int32
//                                                the same, pending the end of a transaction
//
// There are no members yet: every group is one that its consumers manage themselves (Kafka calls it
// simple), and it exists while it has an offset.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/coordinator_core.h"
#include "broker/folded_state.h"
#include "protocol/error_code.h"
#include "protocol/message.h"
#include "protocol/records/offset_commit.h"

namespace moldau {

// Partitions must exist; that is checked against the cluster's metadata before. Answers are in the
// order of the request.
struct CommitOffsets {
  struct Partition {
    std::string topic;
    Uuid topic_id{};
    int32_t partition = 0;
    int64_t offset = 0;
    int32_t leader_epoch = -1;
    int64_t commit_timestamp_ms = -1;     // Version 1 only; -1: now.
    std::optional<std::string> metadata;  // Null is stored as "".
  };
  std::string group;
  int32_t generation = -1;
  std::string member_id;
  std::optional<std::string> instance_id;
  Version version = 0;        // Of the request: some errors are younger than old clients.
  int64_t retention_ms = -1;  // -1: as the broker is configured.
  std::vector<Partition> partitions;

  struct Reply {
    ErrorCode error = ErrorCode::kNone;  // Of the whole; if set, `partitions` is empty.
    std::vector<ErrorCode> partitions;
  };
};

struct FetchOffsets {
  struct Topic {
    std::string name;
    Uuid id{};  // Zero: not known. Offsets of another topic of that name are not told.
    std::vector<int32_t> partitions;
  };
  std::string group;
  std::optional<std::vector<Topic>> topics;  // nullopt: all that the group has.
  bool require_stable = false;  // Offsets that a transaction may yet change are refused (KIP-447).

  struct Reply {
    struct Partition {
      int32_t partition = 0;
      int64_t offset = -1;
      int32_t leader_epoch = -1;
      std::string metadata;  // As it was committed; "" where nothing was.
      ErrorCode error = ErrorCode::kNone;
    };
    struct Topic {
      std::string name;
      std::vector<Partition> partitions;
    };
    ErrorCode error = ErrorCode::kNone;
    std::vector<Topic> topics;
  };
};

// Topics are gone, and with them what was committed for them. Works off a part at a time.
struct ForgetTopics {
  struct Topic {
    std::string name;
    Uuid id{};  // Offsets of a later topic of the same name are kept.
  };
  std::vector<Topic> topics;

  struct Reply {
    bool is_done = false;  // False: there is more, send it again.
  };
};

class Offsets {
 public:
  using Event = std::variant<CommitOffsets, FetchOffsets, ForgetTopics>;
  using Reply = std::variant<CommitOffsets::Reply, FetchOffsets::Reply, ForgetTopics::Reply>;
  static constexpr uint8_t kStateVersion = 1;

  struct Limits {
    int32_t max_metadata = 4096;  // offset.metadata.max.bytes; in UTF-16 units, as Kafka counts it.
    size_t max_forgotten_at_once = 5000;
  };

  Offsets(FoldedState& state, Limits limits);

  Outcome<Reply> step(Ticket ticket, const Event& event, Time now);
  Outcome<Reply> wake(Time) { return {}; }
  std::optional<int64_t> wake_at() const { return std::nullopt; }
  void apply(const CoordinatorRecord& record);
  void end_transaction(int64_t producer_id, bool committed);

 private:
  struct Decision {
    std::vector<CoordinatorRecord> records;
    Reply reply;
  };
  Decision decide(const CommitOffsets& commit, Time now) const;
  Decision decide(const FetchOffsets& fetch, Time now) const;
  Decision decide(const ForgetTopics& forget, Time now) const;
  ErrorCode check_member(const CommitOffsets& commit) const;
  FetchOffsets::Reply::Partition fetch_one(const FetchOffsets& fetch, const std::string& topic,
                                           const Uuid& topic_id, int32_t partition) const;
  std::vector<FetchOffsets::Reply::Topic> fetch_all(const FetchOffsets& fetch) const;
  bool is_pending(std::string_view group, std::string_view topic, int32_t partition) const;
  void drop_pending(std::string_view suffix);

  FoldedState& state_;
  const Limits limits_;
  std::set<std::string> pending_;  // The 't' keys: few at a time.
};

}  // namespace moldau
