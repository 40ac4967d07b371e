#include "tests/benchmarks/options.h"

#include <cstdlib>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

const std::map<std::string, Codec> kCodecs = {{"none", Codec::kNone},
                                              {"gzip", Codec::kGzip},
                                              {"snappy", Codec::kSnappy},
                                              {"lz4", Codec::kLz4},
                                              {"zstd", Codec::kZstd}};
const std::map<std::string, bool> kFrom = {{"earliest", false}, {"latest", true}};
const std::map<std::string, int> kAcks = {{"0", 0}, {"1", 1}, {"-1", -1}, {"all", -1}};

void add_common(CLI::App& command, Options& o) {
  command.add_option("--bootstrap", o.bootstrap, "HOST:PORT of the broker");
  command.add_option("--topic", o.topic, "A topic that exists");
  command.add_option("--partitions", o.partitions, "Use its partitions 0 to N-1")
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("--seconds", o.seconds, "Run for so long");
  command.add_option("--records", o.records, "Or until so many records have gone through");
  command.add_option("--warmup", o.warmup_seconds, "Seconds before, not counted (with --seconds)");
  command.add_option("--stall", o.stall_seconds, "Seconds without an answer that mean failure");
  command.add_option("--threads", o.threads, "Threads of this client")->check(CLI::Range(1, 64));
  command.add_option("--watch", o.watch_pid, "Process to report CPU, memory and writes of");
}

void add_producing(CLI::App& command, Options& o) {
  command.add_option("--producers", o.producers, "Connections that produce")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--record-size", o.record_bytes, "Bytes of a value")
      ->check(CLI::Range(8, 100 << 20));
  command.add_option("--batch-records", o.batch_records, "Records in a batch")
      ->check(CLI::Range(1, 1 << 20));
  command
      .add_option("--request-batches", o.request_batches,
                  "Partitions with a batch each in a request")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--acks", o.acks, "0, 1, -1 or all")->transform(CLI::Transformer(kAcks));
  command.add_option("--compression", o.codec, "none, gzip, snappy, lz4 or zstd")
      ->transform(CLI::CheckedTransformer(kCodecs));
  command.add_option("--in-flight", o.in_flight, "Requests in flight on a connection")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--rate", o.rate,
                     "Records per second in total; latency then counts from when one was due");
  command.add_flag("--keyed", o.keyed,
                   "Records have keys, and every producer walks over all partitions");
  command
      .add_option("--produce-version", o.produce_version,
                  "Version of Produce; below 3 sends message format 1")
      ->check(CLI::Range(2, 12));
}

void add_consuming(CLI::App& command, Options& o) {
  command.add_option("--consumers", o.consumers, "Connections that fetch")
      ->check(CLI::Range(1, 100'000));
  command.add_flag("--fan-out", o.fan_out,
                   "Every consumer reads all partitions; else they share them");
  command
      .add_option("--fetch-version", o.fetch_version,
                  "Version of Fetch; below 4 gets message formats 0 and 1")
      ->check(CLI::Range(0, 11));
  command.add_option("--max-bytes", o.max_bytes, "fetch.max.bytes");
  command.add_option("--partition-max-bytes", o.partition_max_bytes, "max.partition.fetch.bytes");
  command.add_option("--min-bytes", o.min_bytes, "fetch.min.bytes");
  command.add_option("--max-wait", o.max_wait_ms, "fetch.max.wait.ms");
}

void add_sink(CLI::App& command, Options& o) {
  command.add_option("--size", o.size_bytes, "Bytes of the file")
      ->check(CLI::Range(1LL, 1LL << 42));
  command.add_option("--chunk", o.chunk_bytes, "Bytes of one answer")
      ->check(CLI::Range(1, 1 << 30));
  command
      .add_option("--connections", o.connections, "Connections, each with one request at a time")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--folder", o.folder, "Where the file is made");
  command.add_option("--seconds", o.seconds, "Send it again for so long; default: once");
}

absl::Status check(const Options& o) {
  if (o.work == Work::kSink) return absl::OkStatus();
  if ((o.seconds > 0) == (o.records > 0))
    return absl::InvalidArgumentError("one of --seconds and --records is needed");
  if (o.warmup_seconds > 0 && o.records > 0)
    return absl::InvalidArgumentError("--warmup needs --seconds");
  if (o.acks < -1 || o.acks > 1) return absl::InvalidArgumentError("--acks is 0, 1, -1 or all");
  if (o.request_batches > o.partitions)
    return absl::InvalidArgumentError("--request-batches is more than --partitions");
  if (o.work == Work::kEndToEnd &&
      (o.rate <= 0 || o.seconds <= 0 || o.codec != Codec::kNone || o.fan_out ||
       o.produce_version < 3 || o.fetch_version < 4 || o.threads != 1 || o.request_batches != 1))
    return absl::InvalidArgumentError(
        "end-to-end needs --rate and --seconds, one thread, one batch a request, no "
        "compression, no --fan-out, and message format 2");
  if (o.work != Work::kProduce && !o.fan_out && o.consumers > o.partitions)
    return absl::InvalidArgumentError("more consumers than partitions, and no --fan-out");
  if (o.threads > (o.work == Work::kProduce ? o.producers : o.consumers))
    return absl::InvalidArgumentError("more threads than connections");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app("Loads a Kafka broker and prints one JSON object with what went through.",
               "moldau_load");
  app.option_defaults()->always_capture_default();
  app.require_subcommand(1);
  auto* produce = app.add_subcommand("produce", "Sends batches that were built beforehand");
  auto* consume = app.add_subcommand("consume", "Fetches, and counts by the headers of batches");
  auto* both =
      app.add_subcommand("end-to-end", "Both in one process; latency from due to received");
  auto* sink = app.add_subcommand("sink", "A bare sendfile server and a client of it: the limit");
  for (auto* command : {produce, consume, both}) add_common(*command, options);
  for (auto* command : {produce, both}) add_producing(*command, options);
  for (auto* command : {consume, both}) add_consuming(*command, options);
  consume->add_option("--from", options.from_latest, "earliest or latest")
      ->transform(CLI::CheckedTransformer(kFrom));
  add_sink(*sink, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);  // Prints help, or what is wrong.
    std::exit(code == 0 ? 0 : 2);
  }
  options.work = *produce   ? Work::kProduce
                 : *consume ? Work::kConsume
                 : *both    ? Work::kEndToEnd
                            : Work::kSink;
  if (options.work == Work::kEndToEnd) options.from_latest = true;
  if (auto status = check(options); !status.ok()) return status;
  return options;
}

}  // namespace moldau::bench
