// One data directory (an entry of log.dirs) in Kafka's layout:
//
//   meta.properties                   version=1, cluster.id, node.id, directory.id
//   .lock                             held while a broker runs on it
//   .moldau-journal                   what the logs may not hold yet (journal.h); gone after a
//                                     clean stop
//   .kafka_cleanshutdown              {"version":0,"brokerEpoch":n}: consumed before logs are
//   loaded recovery-point-offset-checkpoint  durable offsets: a version line, a count line, then
//   lines of
//                                     "topic partition offset"; the same form for
//   replication-offset-checkpoint     high watermarks
//   log-start-offset-checkpoint       starts above the first segment's base
//   cleaner-offset-checkpoint
//   <topic>-<partition>/              logs; <topic>-<partition>.<uuid>-delete ones wait for removal
//   __cluster_metadata-0/             the metadata log, with quorum-state and *.checkpoint
//   snapshots
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/disk.h"
#include "storage/journal.h"
#include "storage/log.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

using OffsetCheckpoint = std::map<TopicPartition, int64_t>;

absl::StatusOr<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text);
// A missing file is an empty checkpoint.
absl::StatusOr<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, const std::string& path);
absl::Status write_offset_checkpoint(Disk& disk, const std::string& path,
                                     const OffsetCheckpoint& offsets);

class LogDirectory {
 public:
  struct Meta {
    std::string cluster_id;
    int32_t node_id = -1;
    Uuid directory_id{};
  };
  struct OpenOptions {
    std::string path;
    int32_t node_id = 1;
    std::string new_cluster_id;  // Used, with new_directory_id, when the directory is new.
    Uuid new_directory_id{};
  };
  // Takes the lock, reads or writes meta.properties (FailedPrecondition if it is another node's),
  // reads the checkpoints, puts what a journal holds into the logs (DataLoss if it can't be read),
  // consumes the clean-shutdown marker, removes leftovers of deleted partitions.
  static absl::StatusOr<std::unique_ptr<LogDirectory>> open(Disk& disk, OpenOptions options);

  const std::string& path() const { return options_.path; }
  const Meta& meta() const { return meta_; }
  bool was_clean_shutdown() const { return clean_shutdown_; }
  const ReplayedJournal& replayed_journal() const { return replayed_; }

  // Partitions that have a directory here (without __cluster_metadata-0).
  absl::StatusOr<std::vector<TopicPartition>> find_partitions() const;

  // Opens or creates the log of a partition. Any thread, several at once for different partitions.
  absl::StatusOr<std::unique_ptr<Log>> open_log(const TopicPartition& tp, const Uuid& topic_id,
                                                const LogConfig& config, int64_t now_ms) const;
  int64_t checkpointed_high_watermark(const TopicPartition& tp) const;  // 0 if there is none.

  // Renames the partition's directory for deletion, durably; returns the path to remove later. The
  // flusher has settled the directory before.
  absl::StatusOr<std::string> mark_for_deletion(const TopicPartition& tp, const Uuid& deletion_id);

  absl::Status write_recovery_points(const OffsetCheckpoint& offsets);
  absl::Status write_high_watermarks(const OffsetCheckpoint& offsets);
  absl::Status write_log_starts(const OffsetCheckpoint& offsets);
  // Makes everything that was written so far durable, in all files of the file system at once: for
  // a great many of them. Unimplemented where that can not be done; after another error what was
  // written counts as lost. Any thread.
  absl::Status sync_everything();
  // The last step of a clean stop, after every log and the flusher are closed and the checkpoints
  // are written.
  absl::Status write_clean_shutdown_marker(int64_t broker_epoch);

 private:
  LogDirectory(Disk& disk, OpenOptions options) : disk_(disk), options_(std::move(options)) {}

  std::string file(std::string_view name) const;
  absl::Status load_meta();
  absl::Status load_checkpoints();
  absl::Status replay_or_discard_journal();
  absl::Status consume_clean_marker();
  absl::Status remove_leftovers();

  Disk& disk_;
  OpenOptions options_;
  Meta meta_;
  std::shared_ptr<void> lock_;
  absl::StatusOr<std::shared_ptr<File>> file_system_;
  bool clean_shutdown_ = false;
  ReplayedJournal replayed_;
  // Logs are opened on several threads while others write checkpoints.
  mutable std::mutex offsets_mutex_;
  OffsetCheckpoint recovery_points_;
  OffsetCheckpoint high_watermarks_;
  OffsetCheckpoint log_starts_;
};

}  // namespace moldau
