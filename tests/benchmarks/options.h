// What moldau_load is asked to do, from its command line.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/compression.h"

#include "absl/status/statusor.h"

namespace moldau::bench {

enum class Work { kProduce, kConsume, kEndToEnd, kSink };

struct Options {
  Work work = Work::kProduce;

  // Where.
  std::string bootstrap = "127.0.0.1:9092";
  std::string topic = "bench";
  int partitions = 1;  // Number 0 to partitions-1 of the topic are used; they must be there.

  // How long: one of the two.
  double seconds = 0;
  int64_t records = 0;
  double warmup_seconds = 0;  // Before `seconds`, not counted.
  double stall_seconds = 30;  // Without an answer for so long is a failure.

  int threads = 1;
  int watch_pid = 0;  // A process whose CPU, memory and writes are reported too; 0: none.

  // Producing.
  int producers = 1;
  int record_bytes = 1024;  // Of one value.
  int batch_records = 16;   // Records in one batch.
  int request_batches = 1;  // Partitions, each with one batch, in one request.
  int acks = 1;
  Codec codec = Codec::kNone;
  int in_flight = 5;  // Requests of one producer.
  double rate = 0;    // Records per second of all producers together; 0: as fast as possible.
  bool keyed = false;
  int produce_version = 8;

  // Consuming.
  int consumers = 1;
  bool fan_out = false;  // Every consumer reads all partitions, else they share them.
  bool from_latest = false;
  int fetch_version = 11;
  int max_bytes = 50 << 20;
  int partition_max_bytes = 1 << 20;
  int min_bytes = 1;
  int max_wait_ms = 500;

  // Sink.
  int64_t size_bytes = 1LL << 30;
  int chunk_bytes = 1 << 20;
  int connections = 1;
  std::string folder = "/tmp";

  int64_t records_per_request() const { return int64_t{batch_records} * request_batches; }
};

// InvalidArgument: what to write on stderr; the text of --help as OK is not an error: it is printed
// and the process ends with 0.
absl::StatusOr<Options> parse_options(int argc, char** argv);

}  // namespace moldau::bench
