// The names of a log's files: a base offset in 20 digits and a suffix.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moldau {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kOffsetIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kTransactionIndexSuffix = ".txnindex";
inline constexpr std::string_view kSnapshotSuffix = ".snapshot";
inline constexpr std::string_view kDeletedSuffix = ".deleted";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";
inline constexpr std::string_view kTemporarySuffix = ".tmp";
inline constexpr std::string_view kLeaderEpochFile = "leader-epoch-checkpoint";
inline constexpr std::string_view kPartitionMetadataFile = "partition.metadata";

std::string log_file_name(int64_t base_offset, std::string_view suffix);
// The base offset in `name` if it is 20 digits and `suffix`.
std::optional<int64_t> offset_in_name(std::string_view name, std::string_view suffix);

}  // namespace moldau
