// Incremental fetch sessions (KIP-227): the broker remembers what a client fetches, so that a
// request names only what changes and a response only what is new.
//
// One cache a shard: a session belongs to the connections of its shard, and a client that comes
// back on another one is told FETCH_SESSION_ID_NOT_FOUND and starts anew, which the protocol
// provides for.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/messages/fetch.h"

#include "absl/container/flat_hash_map.h"

namespace moldau {

struct FetchPartition;
using FetchPartitions = std::list<std::shared_ptr<FetchPartition>>;

// What is wanted of one partition, as the last request that named it said. Shared: a request that
// waits may hold one that another request of the session has made it forget.
struct FetchPartition {
  std::string topic;  // Before v13; empty when the topic goes by its id.
  Uuid topic_id{};
  int32_t partition = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
  int64_t fetch_offset = 0;
  int32_t max_bytes = 0;

  // What the last response said; a session's response leaves a partition out when this still holds.
  int64_t sent_high_watermark = -1;
  int64_t sent_log_start_offset = -1;
  bool sent_error = true;  // Not answered yet, or with an error: answer again.

  bool is_forgotten = false;
  FetchPartitions::iterator place;  // In its session, until forgotten.
};

class FetchSession {
 public:
  FetchSession(int32_t id, bool uses_topic_ids) : id_(id), uses_topic_ids_(uses_topic_ids) {}

  int32_t id() const { return id_; }
  bool uses_topic_ids() const { return uses_topic_ids_; }
  size_t size() const { return partitions_.size(); }
  // In the order in which they are to be read: what was answered with records goes to the end.
  const FetchPartitions& partitions() const { return partitions_; }

  // Adds or updates what the request names and drops what it forgets.
  void update(const FetchRequest& request);
  void move_to_end(const FetchPartition& partition);

 private:
  friend class FetchSessions;
  using Key = std::tuple<std::string, Uuid, int32_t>;

  int32_t id_;
  bool uses_topic_ids_;
  int32_t next_epoch_ = 1;  // The epoch that the next request must carry.
  int64_t last_used_ms_ = 0;
  FetchPartitions partitions_;
  absl::flat_hash_map<Key, std::shared_ptr<FetchPartition>> by_key_;
};

class FetchSessions {
 public:
  // At most `capacity` sessions; an idle one may be evicted for a new one after `eviction_ms`.
  // Ids are first_id, first_id + stride, ...: different in every shard.
  FetchSessions(size_t capacity, int64_t eviction_ms, int32_t first_id, int32_t stride)
      : capacity_(capacity), eviction_ms_(eviction_ms), next_id_(first_id), stride_(stride) {}

  struct Opened {
    ErrorCode error = ErrorCode::kNone;
    std::shared_ptr<FetchSession> session;  // Of this request alone when session_id is 0.
    int32_t session_id = 0;                 // To be answered.
    bool is_incremental = false;            // Answer only what is new.
  };
  // Finds, makes or ends the session that the request speaks of.
  Opened open(const FetchRequest& request, bool uses_topic_ids, int64_t now_ms);

  size_t size() const { return sessions_.size(); }

 private:
  Opened start(const FetchRequest& request, bool uses_topic_ids, int64_t now_ms);
  bool make_room(int64_t now_ms);

  size_t capacity_;
  int64_t eviction_ms_;
  int32_t next_id_;
  int32_t stride_;
  absl::flat_hash_map<int32_t, std::shared_ptr<FetchSession>> sessions_;
};

}  // namespace moldau
