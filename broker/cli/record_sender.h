// Writes records to one topic, a batch for each partition at a time, and waits for the answers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/cli/client.h"
#include "broker/cli/line_reader.h"
#include "protocol/compression.h"

#include "absl/status/status.h"

namespace moldau::cli {

class RecordSender {
 public:
  struct Options {
    std::string topic;
    int16_t acks = -1;
    Codec codec = Codec::kNone;
    int32_t timeout_ms = 30'000;
    int retries = 3;
    int retry_backoff_ms = 100;
    size_t batch_bytes = 256 << 10;
  };
  RecordSender(Client& client, Options options) : client_(client), options_(std::move(options)) {}

  // Sends what is waiting once it fills a batch. Errors are about the records that were waiting.
  absl::Status add(InputRecord record, int64_t timestamp_ms);
  absl::Status flush();
  bool has_waiting() const { return waiting_bytes_ > 0; }

 private:
  struct Waiting {
    InputRecord record;
    int64_t timestamp_ms = 0;
  };
  using Batch = std::vector<Waiting>;

  absl::Status learn_partitions();
  absl::Status send_with_retries(int32_t partition, const Batch& batch);
  absl::Status send_once(int32_t partition, const Batch& batch);
  std::string build(const Batch& batch) const;

  Client& client_;
  Options options_;
  MetadataResponse::Topic topic_;
  std::map<int32_t, Batch> waiting_;
  size_t waiting_bytes_ = 0;
  uint32_t keyless_batches_ = 0;  // Records without a key go round the partitions by batches.
};

}  // namespace moldau::cli
