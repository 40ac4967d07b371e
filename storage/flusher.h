// Makes appended bytes durable: one flusher per data directory, one round in flight, everything
// that arrives meanwhile is in the next round. A round syncs its files in parallel, each once; if
// it is small, and there is a journal (journal.h), that is synced in their stead.
//
// The caller keeps no thread waiting: `done` runs on the flusher's thread when all files of the
// request are durable, or with the first error, after which all further requests are refused (a
// failed fsync is never retried; the directory is failed).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"

namespace moldau {

class Flusher {
 public:
  using Done = std::function<void(absl::Status)>;
  virtual ~Flusher() = default;

  virtual void sync(std::vector<Unsynced> files, Done done) = 0;

  // For who is about to change the files in `directory`, a log's, in another way than by appending,
  // or to free its name: what was durable there is durable in the files themselves, and no crash
  // brings anything back that was in them until now. Waits; nothing of it may be under way.
  virtual absl::Status settle(const std::string& /*directory*/) { return absl::OkStatus(); }
  // The clean end: everything that was durable is durable in its own file, and no journal is left.
  // What is asked for later is synced without one. Waits.
  virtual absl::Status close() { return absl::OkStatus(); }
};

struct JournalOptions {
  Disk* disk = nullptr;   // Outlives the flusher.
  std::string directory;  // The data directory. A journal of earlier is gone (replay_journal()).
  uint64_t size_bytes = 32 << 20;
  // The file is made when so many rounds would have had use for it.
  int wanted_rounds = 64;
  int64_t longest_hold_ms = 30'000;  // No file waits longer for its own sync to begin.
};

// One thread runs the rounds, `parallelism` more sync beside it, and one sees to the journal.
// Destruction finishes the rounds that were asked for, and leaves the journal as after a crash.
std::unique_ptr<Flusher> make_threaded_flusher(int parallelism,
                                               std::optional<JournalOptions> journal = {});
// Syncs within the call, on the caller's thread: for simulation, tests and tools.
std::unique_ptr<Flusher> make_inline_flusher();

}  // namespace moldau
