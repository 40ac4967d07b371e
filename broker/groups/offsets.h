// Committed offsets of the groups of one partition of __consumer_offsets.
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
// Who may commit for a group is decided before (group_core.h). A group without members that has an
// offset is one that its consumers manage themselves (Kafka calls it simple).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
  std::optional<std::string> member_id;  // A claim of membership (KIP-848), with its epoch.
  int32_t member_epoch = -1;
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
    Uuid id{};
  };
  std::vector<Topic> topics;
  // Wall clock. What was committed later is for a later topic of the same name, and kept.
  int64_t deleted_ms = std::numeric_limits<int64_t>::max();

  struct Reply {
    bool is_done = false;  // False: there is more, send it again.
  };
};

class Offsets {
 public:
  struct Limits {
    int32_t max_metadata = 4096;  // offset.metadata.max.bytes; in UTF-16 units, as Kafka counts it.
    size_t max_removed_at_once = 5000;   // Tombstones of one decision.
    size_t max_examined_at_once = 5000;  // Offsets that one part of a walk looks at.
  };
  template <class Reply>
  struct Decision {
    std::vector<CoordinatorRecord> records;
    Reply reply;
  };
  // A walk over all offsets, a part at a time.
  struct Walked {
    std::vector<CoordinatorRecord> records;
    std::optional<std::string> next;  // Where the walk goes on; nullopt: it is at its end.
  };
  using Condition = std::function<bool(const OffsetCommitKey&, const OffsetCommitValue&)>;

  Offsets(FoldedState& state, Limits limits);

  Decision<CommitOffsets::Reply> commit(const CommitOffsets& commit, Time now) const;
  FetchOffsets::Reply fetch(const FetchOffsets& fetch) const;
  Decision<ForgetTopics::Reply> forget(const ForgetTopics& forget) const;

  bool has_any(std::string_view group) const;
  std::vector<std::string> groups() const;  // That have an offset.
  // The tombstone of an offset; nullopt if there is none.
  std::optional<CoordinatorRecord> remove(std::string_view group, std::string_view topic,
                                          int32_t partition) const;
  std::vector<CoordinatorRecord> remove_all(std::string_view group) const;
  // Tombstones of those that `is_due`, and no transaction may yet change. `from` is "" or the
  // `next` of the part before.
  Walked remove_due(const std::string& from, const Condition& is_due) const;

  // Records of other kinds are left alone.
  void apply(const CoordinatorRecord& record);
  void end_transaction(int64_t producer_id, bool committed);

 private:
  FetchOffsets::Reply::Partition fetch_one(const FetchOffsets& fetch, const std::string& topic,
                                           const Uuid& topic_id, int32_t partition) const;
  std::vector<FetchOffsets::Reply::Topic> fetch_all(const FetchOffsets& fetch) const;
  bool is_pending(std::string_view committed_key) const;
  void drop_pending(std::string_view suffix);

  FoldedState& state_;
  const Limits limits_;
  std::set<std::string> pending_;  // The 't' keys: few at a time.
};

}  // namespace moldau
