// A log on the real disk, in a folder of its own under TMPDIR (or /tmp) that goes with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "storage/log.h"
#include "tests/benchmarks/micro/batches.h"

namespace moldau {

class ScratchLog {
 public:
  explicit ScratchLog(LogConfig config = {}) {
    const char* parent = std::getenv("TMPDIR");
    std::string folder = std::string(parent != nullptr ? parent : "/tmp") + "/moldau_micro_XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder;
    log_ = Log::open(*disk_, {.directory = folder + "/orders-0",
                              .topic_partition = {"orders", 0},
                              .config = config})
               .value();
  }
  ~ScratchLog() {
    log_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ScratchLog(const ScratchLog&) = delete;
  ScratchLog& operator=(const ScratchLog&) = delete;

  Log& operator*() { return *log_; }
  Log* operator->() { return log_.get(); }
  Disk& disk() { return *disk_; }
  const std::string& folder() const { return folder_; }

  // Appends the batch as from a producer; false if it was refused.
  bool append(std::string& batch) {
    const MutableBytes bytes(reinterpret_cast<uint8_t*>(batch.data()), batch.size());
    return log_->append(bytes, {.now_ms = 1'750'000'000'000}).error == ErrorCode::kNone;
  }

 private:
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::string folder_;
  std::unique_ptr<Log> log_;
};

}  // namespace moldau
