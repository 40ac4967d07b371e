// Writes a partition with everything a log can hold into FOLDER/orders-0, for Kafka's own tools to
// look at: dump_log_segments.sh. Prints the number of records.
//
//   write_sample_log FOLDER
#include <cstdio>
#include <string>

#include "protocol/record_batch.h"
#include "storage/log_directory.h"

namespace moldau {
namespace {

constexpr int64_t kStart = 1'700'000'000'000;

class Writer {
 public:
  explicit Writer(Log& log) : log_(log) {}

  bool write(BatchBuilder::Options options, int records) {
    BatchBuilder builder(options);
    for (int i = 0; i < records; ++i) {
      const std::string text = "value " + std::to_string(time_);
      builder.add(time_++, as_bytes("key"), as_bytes(text),
                  {{.key = "kind", .value = as_bytes("sample")}});
    }
    return append(builder.build(), AppendOrigin::kClient, records);
  }

  bool end_transaction(int64_t producer_id, bool is_commit) {
    BatchBuilder builder({.producer_id = producer_id,
                          .producer_epoch = 0,
                          .is_transactional = true,
                          .is_control = true});
    const uint8_t key[] = {0, 0, 0, static_cast<uint8_t>(is_commit)};
    const uint8_t value[] = {0, 0, 0, 0, 0, 3};
    builder.add(time_++, Bytes(key), Bytes(value));
    return append(builder.build(), AppendOrigin::kCoordinator, 1);
  }

  int count() const { return count_; }

 private:
  bool append(std::string batch, AppendOrigin origin, int records) {
    const MutableBytes bytes(reinterpret_cast<uint8_t*>(batch.data()), batch.size());
    const auto result =
        log_.append(bytes, {.leader_epoch = count_ / 1000, .origin = origin, .now_ms = time_});
    if (result.error != ErrorCode::kNone)
      std::fprintf(stderr, "append: %s\n", result.error_message.c_str());
    count_ += records;
    return result.error == ErrorCode::kNone;
  }

  Log& log_;
  int64_t time_ = kStart;
  int count_ = 0;
};

bool write_everything(Writer& writer) {
  bool fine = true;
  int32_t sequence = 0;
  int32_t transactional = 0;
  for (int round = 0; round < 100; ++round) {
    for (int8_t codec = 0; codec <= 4; ++codec)
      fine &= writer.write({.codec = static_cast<Codec>(codec)}, 10 + round % 7);
    fine &= writer.write({.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence}, 4);
    fine &= writer.write({.producer_id = 8,
                          .producer_epoch = 0,
                          .base_sequence = transactional,
                          .is_transactional = true},
                         3);
    fine &= writer.end_transaction(8, round % 3 == 0);
    sequence += 4;
    transactional += 3;
  }
  return fine;
}

absl::Status run(const std::string& folder) {
  auto disk = make_posix_disk();
  auto directory = LogDirectory::open(
      *disk, {.path = folder, .new_cluster_id = "sample", .new_directory_id = {1, 2, 3}});
  if (!directory.ok()) return directory.status();
  LogConfig config;
  config.segment_bytes = 64 << 10;
  config.index_interval_bytes = 1000;
  auto log = (*directory)->open_log({"orders", 0}, {4, 5, 6}, config, kStart);
  if (!log.ok()) return log.status();
  Writer writer(**log);
  if (!write_everything(writer)) return absl::InternalError("an append failed");
  std::printf("%d\n", writer.count());
  return (*log)->close();
}

}  // namespace
}  // namespace moldau

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "write_sample_log FOLDER\n");
    return 2;
  }
  const auto status = moldau::run(argv[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
