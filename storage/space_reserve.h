// Keeps a part of a disk free of records: what is written there is refused while there is room left
// for metadata, for committed offsets and for the deletions that make space again.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "storage/disk.h"

namespace moldau {

class SpaceReserve {
 public:
  // Told once whenever writing stops or goes on, with a line for the operator.
  using Report = std::function<void(bool is_full, const std::string& line)>;

  // Of the file system that `path` is on; `reserved_bytes` 0 reserves nothing.
  SpaceReserve(Disk& disk, std::string path, int64_t reserved_bytes, Report report)
      : disk_(disk),
        path_(std::move(path)),
        reserved_(reserved_bytes),
        report_(std::move(report)) {}

  // Whether `bytes` of records may be written now. Any thread. Asks the file system only when what
  // it allowed last is used up, or while it is full.
  bool allows(int64_t bytes);

 private:
  bool look();

  Disk& disk_;
  const std::string path_;
  const int64_t reserved_;
  const Report report_;
  std::atomic<int64_t> allowed_ = 0;  // Bytes that may be written without looking again.
  std::atomic<bool> is_full_ = false;
};

}  // namespace moldau
