// Reads assigned partitions from their leaders, one fetch round at a time, without a group.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cli/client.h"
#include "broker/cli/record_text.h"
#include "protocol/messages/fetch.h"
#include "protocol/record_batch.h"
#include "protocol/topic_partition.h"

#include "absl/status/status.h"

namespace moldau::cli {

// Leaves out what aborted transactions wrote (read_committed, KIP-98). One for each partition.
class AbortedFilter {
 public:
  void expect(int64_t producer_id, int64_t first_offset) {
    expected_.emplace(first_offset, producer_id);
  }
  void clear() { expected_.clear(); }
  // In the order of the log, control batches too.
  bool drops(const BatchHeader& batch, Bytes bytes);

 private:
  std::multimap<int64_t, int64_t> expected_;  // First offset to producer.
  std::set<int64_t> aborted_;                 // Producers in the middle of such a transaction.
};

class PartitionReader {
 public:
  struct Options {
    std::vector<std::string> topics;                   // These, or:
    std::function<bool(const std::string&)> includes;  // whatever this says yes to.
    std::optional<int32_t> partition;                  // Of the one topic; else all.
    std::optional<int64_t> offset;                     // Else:
    int64_t start_timestamp = -1;                      // -1 latest, -2 earliest.
    bool read_committed = false;
    int32_t max_wait_ms = 500;
  };
  // False ends the reading in the middle of a round.
  using Visit = std::function<bool(const Record&, const RecordPlace&)>;

  PartitionReader(Client& client, Options options)
      : client_(client), options_(std::move(options)) {}

  // Waits for the topics to be there, within `timeout_ms`, and finds where to start.
  absl::Status begin(int64_t timeout_ms);
  // In place of begin(), and as often as a group assigns something else: reads these partitions.
  // Those in `starts` begin there, at -1 as options say; the others go on where they are.
  void assign(const std::set<TopicPartition>& partitions,
              const std::map<TopicPartition, int64_t>& starts);
  // The next offsets to visit, of the partitions that have one.
  std::map<TopicPartition, int64_t> positions() const;
  // One fetch from each leader, or a pause if there is none.
  absl::Status read(const Visit& visit, int32_t max_wait_ms);

 private:
  struct Partition {
    std::string topic;
    Uuid topic_id{};
    int32_t index = 0;
    int32_t leader = -1;
    int64_t next_offset = -1;  // -1: not known yet.
    AbortedFilter aborted;
  };

  std::optional<std::vector<std::string>> topics_to_learn() const;
  absl::Status learn_topics();
  absl::Status find_starts();
  absl::Status ask_starts(int32_t leader, const std::vector<Partition*>& partitions,
                          int64_t timestamp);
  void reset(Partition& partition);
  bool has(const std::string& topic, int32_t index) const;
  Partition& add(const MetadataResponse::Topic& topic, int32_t index);
  FetchRequest request_for(const std::vector<Partition*>& partitions, int32_t max_wait_ms) const;
  absl::Status take(const FetchResponse& response, const Visit& visit, bool& goes_on);
  absl::Status take_batches(Partition& partition, Bytes batches, const Visit& visit, bool& goes_on);
  Partition* find(const FetchResponse::Topic& topic, int32_t index);

  Client& client_;
  Options options_;
  std::vector<Partition> partitions_;
  bool is_stale_ = false;  // The leaders are to be asked for again.
  bool has_begun_ = false;
  bool is_assigned_ = false;  // By assign(): partitions are not looked for.
  int64_t learned_at_ms_ = 0;
};

}  // namespace moldau::cli
