// The files of a log from outside: the first byte says which one the rest is. A reader may refuse
// it; a log that opens on it must hold together.
#include <string>

#include "storage/leader_epochs.h"
#include "storage/log_directory.h"
#include "storage/log_files.h"
#include "storage/partition_metadata.h"
#include "storage/producer_state.h"
#include "storage/transaction_index.h"
#include "tests/fuzz/require.h"
#include "tests/storage/simulated_disk.h"

namespace moldau {
namespace {

const std::string kFolder = "/data/t-0";

void put(SimulatedDisk& disk, std::string_view suffix, Bytes bytes) {
  auto file = disk.open(join_path(kFolder, log_file_name(0, suffix)), Disk::Mode::kCreate);
  require((*file)->write_at(0, bytes).ok(), "memory can be written");
}

absl::StatusOr<std::unique_ptr<Log>> open(SimulatedDisk& disk, bool clean) {
  return Log::open(disk,
                   {.directory = kFolder, .topic_partition = {"t", 0}, .clean_shutdown = clean});
}

void use(Log& log) {
  for (int64_t offset = log.log_start_offset(); offset < log.log_end_offset();) {
    auto bytes = log.read(offset, INT64_MAX, 1 << 16);
    if (!bytes.ok() || bytes->next_offset <= offset) break;
    offset = bytes->next_offset;
  }
  (void)log.find_timestamp(1000);
  (void)log.find_max_timestamp();
  (void)log.aborted_transactions(0, INT64_MAX);
}

// After a scan everything that is left is whole, and a second scan agrees.
void recover(Bytes segment) {
  SimulatedDisk disk;
  (void)disk.make_directories(kFolder);
  put(disk, kLogSuffix, segment);
  int64_t end = 0;
  {
    auto log = open(disk, false);
    if (!log.ok()) return;
    end = (*log)->log_end_offset();
    use(**log);
    require((*log)->close().ok(), "a recovered log closes");
  }
  auto again = open(disk, false);
  require(again.ok() && (*again)->log_end_offset() == end, "a second scan finds the same end");
  require((*again)->recovery_report().bytes_truncated == 0, "and nothing more to cut off");
  again->reset();
  auto clean = open(disk, true);
  require(clean.ok() && (*clean)->log_end_offset() == end, "without a scan the end is the same");
}

void take_as_clean(Bytes segment, Bytes index) {
  SimulatedDisk disk;
  (void)disk.make_directories(kFolder);
  put(disk, kLogSuffix, segment);
  put(disk, kOffsetIndexSuffix, index);
  put(disk, kTimeIndexSuffix, index);
  if (auto log = open(disk, true); log.ok()) use(**log);
}

}  // namespace
}  // namespace moldau

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  if (size == 0) return 0;
  const Bytes rest(data + 1, size - 1);
  const std::string_view text = as_text(rest);
  switch (data[0] % 7) {
    case 0:
      recover(rest);
      break;
    case 1:
      take_as_clean(rest.first(rest.size() / 2), rest.subspan(rest.size() / 2));
      break;
    case 2:
      if (auto state = ProducerState::from_snapshot(rest); state.ok())
        require(ProducerState::from_snapshot(as_bytes(state->snapshot())).ok(), "snapshot again");
      break;
    case 3:
      (void)decode_aborted_transactions(rest);
      break;
    case 4:
      if (auto epochs = LeaderEpochs::parse(text); epochs.ok())
        require(LeaderEpochs::parse(epochs->text()).ok(), "epochs again");
      break;
    case 5:
      (void)parse_offset_checkpoint(text);
      break;
    case 6:
      (void)parse_partition_metadata(text);
      break;
  }
  return 0;
}
