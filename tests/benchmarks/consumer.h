// One connection that fetches: one request at a time, as consumers do, and the next as soon as the
// answer is there.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/benchmarks/event_loop.h"
#include "tests/benchmarks/fetch_walker.h"
#include "tests/benchmarks/options.h"
#include "tests/benchmarks/tally.h"

namespace moldau::bench {

// A Fetch request that is encoded once; only the offsets in it change.
class FetchFrame {
 public:
  FetchFrame(const Options& options, const std::vector<int32_t>& partitions);
  void set_offset(size_t place, int64_t offset);  // Of partitions[place].
  Bytes bytes() const { return as_bytes(frame_); }

 private:
  std::string frame_;
  std::vector<size_t> positions_;
};

class Consumer : public Handler, private FetchWalker::Listener {
 public:
  struct Setup {
    std::vector<int32_t> partitions;
    std::vector<int64_t> offsets;  // Of each of these.
    size_t head_bytes = 0;
    // Called with the head of every batch, if set.
    std::function<void(Bytes head, int64_t now_ns)> on_batch;
  };
  // `input` is shared by the consumers of a thread: one warm buffer. `in_all` counts the records of
  // all threads.
  Consumer(Socket socket, const Options& options, const Window& window, Setup setup,
           MutableBytes input, std::atomic<int64_t>& in_all, Tally& tally);

  const Socket& socket() const { return socket_; }
  absl::Status start();  // Sends the first request.
  absl::Status on_ready() override;

 private:
  absl::Status fetch();
  void on_entry(int32_t partition, int64_t next_offset, int32_t records, size_t size_bytes,
                Bytes head) override;
  void on_end_of_answer() override;

  Socket socket_;
  const Window& window_;
  Setup setup_;
  MutableBytes input_;
  std::atomic<int64_t>& in_all_;
  Tally& tally_;

  FetchFrame request_;
  FetchWalker walker_;
  Outbox outbox_;
  std::vector<int32_t> place_of_;  // By partition.
  std::string rest_;               // Input that was not enough for the walker.
  bool answered_ = false;
  int64_t records_ = 0;  // Of the answer being read.
  int64_t bytes_ = 0;
};

}  // namespace moldau::bench
