// Opening a log: takes up what is on disk after a clean stop without reading it, and after any
// other stop reads what may not have been durable, from the segment that holds the recovery point.
//
// The scan accepts an entry whose checksum holds, whose offsets go up, and whose leader epoch does
// not go down. Indexes, leader epochs and producer state are made again on the way. Where it stops,
// see log.h.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/entry_scanner.h"
#include "storage/log.h"

#include "absl/status/status.h"

namespace moldau {

class LogLoader {
 public:
  LogLoader(Log& log, Disk& disk) : log_(log), disk_(disk) {}

  absl::Status load(const Log::OpenOptions& options);
  // Producer state, snapshots and transaction index after the end of the log has moved down.
  absl::Status reload_after_truncation();
  // Producer state alone, as the log has it.
  absl::Status reload_producers();

 private:
  struct Found {
    std::set<int64_t> bases;
    std::set<int64_t> with_indexes[2];  // Offset index, time index.
    std::set<int64_t> with_aborted;
    std::set<int64_t> snapshots;
    bool has_epochs = false;
    bool has_metadata = false;
  };

  absl::Status list_files();
  absl::Status complete_swaps(std::vector<std::string>& names);
  absl::Status load_metadata(const Uuid& wanted);
  absl::Status make_segments();
  absl::Status load_epochs();
  absl::Status rebuild_epochs();
  bool has_files_of_clean_stop() const;
  absl::Status check_old_indexes(size_t count);
  absl::Status recover_from(size_t first, int64_t recovery_point);
  struct Damage {
    bool found = false;
    uint64_t position = 0;
    std::string reason;
  };
  bool is_lost_tail(const Segment& next, int64_t recovery_point) const;
  absl::StatusOr<Damage> scan(Segment& segment);
  std::string objection(const LogEntry& entry) const;
  absl::Status take_in(Segment& segment, const LogEntry& entry);
  absl::Status handle_damage(size_t index, const Damage& damage, int64_t recovery_point);
  absl::Status start_at(int64_t offset);

  absl::Status load_producers_up_to(int64_t offset);
  absl::Status replay(int64_t from, int64_t to);
  absl::Status remove_stray_snapshots();
  absl::Status cut_transaction_index();

  void note(std::string text) { log_.report_.notes.push_back(std::move(text)); }

  Log& log_;
  Disk& disk_;
  Found found_;
  int32_t last_epoch_ = -1;  // Of the scan.
};

}  // namespace moldau
