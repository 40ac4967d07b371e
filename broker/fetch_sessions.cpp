#include "broker/fetch_sessions.h"

#include <algorithm>
#include <limits>

namespace moldau {
namespace {

// Epochs of a request that begin or do without a session.
constexpr int32_t kInitialEpoch = 0;
constexpr int32_t kFinalEpoch = -1;

int32_t epoch_after(int32_t epoch) {
  return epoch == std::numeric_limits<int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

void FetchSession::update(const FetchRequest& request) {
  for (const auto& topic : request.topics) {
    for (const auto& p : topic.partitions) {
      const auto [entry, is_new] = by_key_.try_emplace({topic.topic, topic.topic_id, p.partition});
      if (is_new) {
        entry->second = std::make_shared<FetchPartition>();
        entry->second->place = partitions_.insert(partitions_.end(), entry->second);
        entry->second->topic = topic.topic;
        entry->second->topic_id = topic.topic_id;
        entry->second->partition = p.partition;
      }
      FetchPartition& wanted = *entry->second;
      wanted.current_leader_epoch = p.current_leader_epoch;
      wanted.last_fetched_epoch = p.last_fetched_epoch;
      wanted.fetch_offset = p.fetch_offset;
      wanted.max_bytes = p.partition_max_bytes;
    }
  }
  for (const auto& topic : request.forgotten_topics) {
    for (const int32_t partition : topic.partitions) {
      const auto entry = by_key_.find({topic.topic, topic.topic_id, partition});
      if (entry == by_key_.end()) continue;
      entry->second->is_forgotten = true;
      partitions_.erase(entry->second->place);
      by_key_.erase(entry);
    }
  }
}

void FetchSession::move_to_end(const FetchPartition& partition) {
  if (!partition.is_forgotten) partitions_.splice(partitions_.end(), partitions_, partition.place);
}

FetchSessions::Opened FetchSessions::open(const FetchRequest& request, bool uses_topic_ids,
                                          int64_t now_ms) {
  if (request.session_epoch == kInitialEpoch || request.session_epoch == kFinalEpoch) {
    sessions_.erase(request.session_id);
    return start(request, uses_topic_ids, now_ms);
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return {.error = ErrorCode::kFetchSessionIdNotFound};
  auto& session = *found->second;
  if (request.session_epoch != session.next_epoch_)
    return {.error = ErrorCode::kInvalidFetchSessionEpoch};
  if (uses_topic_ids != session.uses_topic_ids_)
    return {.error = ErrorCode::kFetchSessionTopicIdError};
  session.update(request);
  session.next_epoch_ = epoch_after(session.next_epoch_);
  session.last_used_ms_ = now_ms;
  Opened opened{.session = found->second, .session_id = session.id_, .is_incremental = true};
  if (session.size() == 0) {  // Nothing left to fetch: the session ends, and the answer says so.
    opened.session_id = 0;
    sessions_.erase(found);
  }
  return opened;
}

FetchSessions::Opened FetchSessions::start(const FetchRequest& request, bool uses_topic_ids,
                                           int64_t now_ms) {
  const bool keep =
      request.session_epoch == kInitialEpoch && !request.topics.empty() && make_room(now_ms);
  int32_t id = 0;
  if (keep) {
    id = next_id_;
    next_id_ = next_id_ > std::numeric_limits<int32_t>::max() - stride_
                   ? next_id_ % stride_ + stride_
                   : next_id_ + stride_;
  }
  auto session = std::make_shared<FetchSession>(id, uses_topic_ids);
  session->update(request);
  session->last_used_ms_ = now_ms;
  if (keep) sessions_[id] = session;
  return {.session = std::move(session), .session_id = id};
}

bool FetchSessions::make_room(int64_t now_ms) {
  if (sessions_.size() < capacity_) return true;
  const auto oldest = std::ranges::min_element(sessions_, {}, [](const auto& entry) {
    return std::pair(entry.second->last_used_ms_, entry.first);
  });
  if (oldest == sessions_.end() || now_ms - oldest->second->last_used_ms_ < eviction_ms_)
    return false;
  sessions_.erase(oldest);
  return true;
}

}  // namespace moldau
