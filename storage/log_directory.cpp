#include "storage/log_directory.h"

#include <utility>

#include "storage/checkpoint_file.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr std::string_view kMetaFile = "meta.properties";
constexpr std::string_view kLockFile = ".lock";
constexpr std::string_view kCleanShutdownFile = ".kafka_cleanshutdown";
constexpr std::string_view kRecoveryPoints = "recovery-point-offset-checkpoint";
constexpr std::string_view kHighWatermarks = "replication-offset-checkpoint";
constexpr std::string_view kLogStarts = "log-start-offset-checkpoint";
constexpr std::string_view kMetadataTopic = "__cluster_metadata";
constexpr std::string_view kDeleteSuffix = "-delete";
constexpr std::string_view kFutureSuffix = "-future";
constexpr std::string_view kStraySuffix = "-stray";
constexpr size_t kMaxNameBytes = 255;

absl::Status malformed(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

// "a-topic-7" is partition 7 of "a-topic".
std::optional<TopicPartition> partition_in_name(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const auto partition = parse_number<int32_t>(name.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), *partition};
}

int64_t value_or_zero(const OffsetCheckpoint& offsets, const TopicPartition& tp) {
  const auto it = offsets.find(tp);
  return it == offsets.end() ? 0 : it->second;
}

absl::StatusOr<LogDirectory::Meta> parse_meta(const std::string& path, std::string_view text) {
  LogDirectory::Meta meta;
  bool is_known_version = false;
  for (const auto line : split(text, '\n')) {
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const auto key = without_spaces_around(line.substr(0, equals));
    const auto value = without_spaces_around(line.substr(equals + 1));
    if (key == "version") is_known_version = value == "0" || value == "1";
    if (key == "cluster.id") meta.cluster_id = std::string(value);
    if (key == "node.id" || key == "broker.id") {
      const auto node_id = parse_number<int32_t>(value);
      if (!node_id) return malformed(path, "bad node id");
      meta.node_id = *node_id;
    }
    if (key == "directory.id") {
      const auto id = parse_uuid(value);
      if (!id) return malformed(path, "bad directory.id");
      meta.directory_id = *id;
    }
  }
  if (!is_known_version) return malformed(path, "no version 0 or 1");
  return meta;
}

std::string meta_text(const LogDirectory::Meta& meta) {
  return absl::StrCat("#\ncluster.id=", meta.cluster_id,
                      "\ndirectory.id=", to_string(meta.directory_id), "\nnode.id=", meta.node_id,
                      "\nversion=1\n");
}

}  // namespace

absl::StatusOr<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text) {
  if (text.empty()) return OffsetCheckpoint();  // Kafka makes the file before it writes any.
  auto lines = parse_checkpoint_file(text, 3);
  if (!lines.ok()) return lines.status();
  OffsetCheckpoint offsets;
  for (const auto& fields : *lines) {
    const auto partition = parse_number<int32_t>(fields[1]);
    const auto offset = parse_number<int64_t>(fields[2]);
    if (!partition || !offset) return absl::DataLossError("a line without two numbers");
    offsets[{std::string(fields[0]), *partition}] = *offset;
  }
  return offsets;
}

absl::StatusOr<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, const std::string& path) {
  auto contents = disk.read_file(path);
  if (absl::IsNotFound(contents.status())) return OffsetCheckpoint();
  if (!contents.ok()) return contents.status();
  auto offsets = parse_offset_checkpoint(*contents);
  if (!offsets.ok()) return malformed(path, offsets.status().message());
  return offsets;
}

absl::Status write_offset_checkpoint(Disk& disk, const std::string& path,
                                     const OffsetCheckpoint& offsets) {
  std::vector<std::string> lines;
  for (const auto& [tp, offset] : offsets)
    lines.push_back(absl::StrCat(tp.topic, " ", tp.partition, " ", offset));
  return disk.write_file(path, as_bytes(checkpoint_file_text(lines)));
}

absl::StatusOr<std::unique_ptr<LogDirectory>> LogDirectory::open(Disk& disk, OpenOptions options) {
  if (auto status = disk.make_directories(options.path); !status.ok()) return status;
  std::unique_ptr<LogDirectory> directory(new LogDirectory(disk, std::move(options)));
  auto lock = disk.lock(directory->file(kLockFile));
  if (!lock.ok()) return lock.status();
  directory->lock_ = *std::move(lock);
  directory->file_system_ = disk.open_file_system(directory->path());
  if (auto status = directory->load_meta(); !status.ok()) return status;
  if (auto status = directory->load_checkpoints(); !status.ok()) return status;
  if (auto status = directory->replay_or_discard_journal(); !status.ok()) return status;
  if (auto status = directory->consume_clean_marker(); !status.ok()) return status;
  if (auto status = directory->remove_leftovers(); !status.ok()) return status;
  return directory;
}

std::string LogDirectory::file(std::string_view name) const {
  return join_path(options_.path, name);
}

absl::Status LogDirectory::load_meta() {
  const std::string path = file(kMetaFile);
  auto contents = disk_.read_file(path);
  if (absl::IsNotFound(contents.status())) {
    meta_ = {.cluster_id = options_.new_cluster_id,
             .node_id = options_.node_id,
             .directory_id = options_.new_directory_id};
    return disk_.write_file(path, as_bytes(meta_text(meta_)));
  }
  if (!contents.ok()) return contents.status();
  auto meta = parse_meta(path, *contents);
  if (!meta.ok()) return meta.status();
  if (meta->node_id != options_.node_id)
    return absl::FailedPreconditionError(absl::StrCat(path, " belongs to node ", meta->node_id,
                                                      ", this is node ", options_.node_id));
  meta_ = *std::move(meta);
  if (meta_.directory_id != Uuid{}) return absl::OkStatus();
  meta_.directory_id = options_.new_directory_id;  // Directories got ids with KIP-858.
  return disk_.write_file(path, as_bytes(meta_text(meta_)));
}

absl::Status LogDirectory::load_checkpoints() {
  for (const auto& [name, offsets] :
       {std::pair{kRecoveryPoints, &recovery_points_},
        std::pair{kHighWatermarks, &high_watermarks_}, std::pair{kLogStarts, &log_starts_}}) {
    auto read = read_offset_checkpoint(disk_, file(name));
    if (!read.ok()) return read.status();
    *offsets = *std::move(read);
  }
  return absl::OkStatus();
}

// A clean stop leaves none: with one, the marker is of another program, and the logs have moved on.
absl::Status LogDirectory::replay_or_discard_journal() {
  if (disk_.exists(file(kCleanShutdownFile))) return remove_journal(disk_, options_.path);
  auto replayed = replay_journal(disk_, options_.path);
  if (!replayed.ok()) return replayed.status();
  replayed_ = *replayed;
  return absl::OkStatus();
}

// The marker must be gone before anything is written, or a crash would look like a clean stop.
absl::Status LogDirectory::consume_clean_marker() {
  const std::string path = file(kCleanShutdownFile);
  clean_shutdown_ = disk_.exists(path);
  if (!clean_shutdown_) return absl::OkStatus();
  if (auto status = disk_.remove(path); !status.ok()) return status;
  return disk_.sync_directory(options_.path);
}

absl::Status LogDirectory::remove_leftovers() {
  auto names = disk_.list(options_.path);
  if (!names.ok()) return names.status();
  for (const auto& name : *names) {
    if (!name.ends_with(kDeleteSuffix)) continue;
    if (auto status = disk_.remove_directory(file(name)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TopicPartition>> LogDirectory::find_partitions() const {
  auto names = disk_.list_directories(options_.path);
  if (!names.ok()) return names.status();
  std::vector<TopicPartition> found;
  for (const auto& name : *names) {
    if (name.ends_with(kDeleteSuffix) || name.ends_with(kFutureSuffix) ||
        name.ends_with(kStraySuffix))
      continue;
    auto tp = partition_in_name(name);
    if (tp && tp->topic != kMetadataTopic) found.push_back(*std::move(tp));
  }
  return found;
}

absl::StatusOr<std::unique_ptr<Log>> LogDirectory::open_log(const TopicPartition& tp,
                                                            const Uuid& topic_id,
                                                            const LogConfig& config,
                                                            int64_t now_ms) const {
  Log::OpenOptions options{.directory = file(tp.to_string()),
                           .topic_partition = tp,
                           .topic_id = topic_id,
                           .config = config,
                           .clean_shutdown = clean_shutdown_,
                           .now_ms = now_ms};
  {
    std::lock_guard lock(offsets_mutex_);
    options.recovery_point = value_or_zero(recovery_points_, tp);
    options.log_start_offset = value_or_zero(log_starts_, tp);
  }
  return Log::open(disk_, std::move(options));
}

int64_t LogDirectory::checkpointed_high_watermark(const TopicPartition& tp) const {
  std::lock_guard lock(offsets_mutex_);
  return value_or_zero(high_watermarks_, tp);
}

// The offsets go first: a new topic of the same name must not be measured by the old one's.
absl::StatusOr<std::string> LogDirectory::mark_for_deletion(const TopicPartition& tp,
                                                            const Uuid& deletion_id) {
  std::lock_guard lock(offsets_mutex_);
  for (const auto& [name, offsets] :
       {std::pair{kRecoveryPoints, &recovery_points_},
        std::pair{kHighWatermarks, &high_watermarks_}, std::pair{kLogStarts, &log_starts_}}) {
    if (offsets->erase(tp) == 0) continue;
    if (auto status = write_offset_checkpoint(disk_, file(name), *offsets); !status.ok())
      return status;
  }
  std::string hex;
  for (const uint8_t byte : deletion_id) absl::StrAppend(&hex, absl::Hex(byte, absl::kZeroPad2));
  // Kafka keeps the name below 255 bytes by cutting the topic's.
  const std::string tail = absl::StrCat("-", tp.partition, ".", hex, std::string(kDeleteSuffix));
  const std::string to = file(absl::StrCat(tp.topic.substr(0, kMaxNameBytes - tail.size()), tail));
  if (auto status = disk_.rename(file(tp.to_string()), to); !status.ok()) return status;
  if (auto status = disk_.sync_directory(options_.path); !status.ok()) return status;
  return to;
}

absl::Status LogDirectory::write_recovery_points(const OffsetCheckpoint& offsets) {
  std::lock_guard lock(offsets_mutex_);
  recovery_points_ = offsets;
  return write_offset_checkpoint(disk_, file(kRecoveryPoints), offsets);
}

absl::Status LogDirectory::write_high_watermarks(const OffsetCheckpoint& offsets) {
  std::lock_guard lock(offsets_mutex_);
  high_watermarks_ = offsets;
  return write_offset_checkpoint(disk_, file(kHighWatermarks), offsets);
}

absl::Status LogDirectory::write_log_starts(const OffsetCheckpoint& offsets) {
  std::lock_guard lock(offsets_mutex_);
  log_starts_ = offsets;
  return write_offset_checkpoint(disk_, file(kLogStarts), offsets);
}

absl::Status LogDirectory::sync_everything() {
  return file_system_.ok() ? (*file_system_)->sync() : file_system_.status();
}

absl::Status LogDirectory::write_clean_shutdown_marker(int64_t broker_epoch) {
  const std::string text = absl::StrCat("{\"version\":0,\"brokerEpoch\":", broker_epoch, "}");
  return disk_.write_file(file(kCleanShutdownFile), as_bytes(text));
}

}  // namespace moldau
