// Makes appended bytes durable: one flusher per data directory, one round in flight, everything
// that arrives meanwhile is in the next round. A round syncs its files in parallel, each once.
//
// The caller keeps no thread waiting: `done` runs on the flusher's thread when all files of the
// request are durable, or with the first error, after which all further requests are refused (a
// failed fsync is never retried; the directory is failed).
//
// A round knows its requests and files before it syncs any: the place for a journal, into which a
// small round is copied and synced once, its own files later. Callers would notice nothing.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "storage/disk.h"

#include "absl/status/status.h"

namespace moldau {

class Flusher {
 public:
  using Done = std::function<void(absl::Status)>;
  virtual ~Flusher() = default;

  virtual void sync(std::vector<std::shared_ptr<File>> files, Done done) = 0;
};

// One thread runs the rounds and `parallelism` more sync beside it. Destruction finishes the rounds
// that were asked for.
std::unique_ptr<Flusher> make_threaded_flusher(int parallelism);
// Syncs within the call, on the caller's thread: for simulation, tests and tools.
std::unique_ptr<Flusher> make_inline_flusher();

}  // namespace moldau
