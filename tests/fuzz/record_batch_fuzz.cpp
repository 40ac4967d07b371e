// Record batches from outside: as they come, and with length and checksum made right so that what
// lies behind them is reached too.
#include <string>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"
#include "protocol/record_batch.h"
#include "tests/fuzz/require.h"

namespace moldau {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

// A good batch's records, built anew, are read again as they were.
void build_again(Bytes batch, const BatchHeader& header) {
  BatchBuilder builder(
      {.base_offset = header.base_offset, .timestamp_type = header.timestamp_type()});
  size_t key_bytes = 0, header_count = 0;
  require(for_each_record(
              batch,
              [&](const Record& r) {
                builder.add_at(r.offset, r.timestamp, r.key, r.value, r.headers);
                key_bytes += r.key ? r.key->size() : 0;
                header_count += r.headers.size();
                return true;
              },
              kMaxBytes)
              .ok(),
          "checked records can be visited");
  if (builder.record_count() == 0) return;
  const std::string again = builder.build();
  require(check_batch(as_bytes(again)).ok(), "a built batch passes the check");
  require(for_each_record(
              as_bytes(again),
              [&](const Record& r) {
                key_bytes -= r.key ? r.key->size() : 0;
                header_count -= r.headers.size();
                return true;
              }).ok() &&
              key_bytes == 0 && header_count == 0,
          "a built batch has the records that were added");
}

void read(Bytes batch) {
  if (!check_batch(batch).ok()) return;
  const auto header = parse_batch_header(batch);
  require(header.ok() && header->size_bytes() == batch.size(), "a checked batch is whole");
  if (check_records(batch, kMaxBytes).ok()) build_again(batch, *header);

  std::string copy(as_text(batch));
  const MutableBytes bytes{reinterpret_cast<uint8_t*>(copy.data()), copy.size()};
  set_offset_and_epoch(bytes, 5, 6);
  set_log_append_time(bytes, 7);
  require(check_batch(bytes).ok(), "a leader's changes keep a batch good");
}

}  // namespace
}  // namespace moldau

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  const Bytes input{data, size};
  read(input);
  size_t seen = 0;
  (void)for_each_batch(input, [&](const BatchHeader&, Bytes batch) {
    seen += batch.size();
    return true;
  });
  require(seen <= size, "batches lie in the input");

  if (size < kBatchHeaderBytes) return 0;
  std::string mended(as_text(input));
  auto* p = reinterpret_cast<uint8_t*>(mended.data());
  p[kMagicPosition] = 2;
  store_big_endian(p + 8, static_cast<int32_t>(size - kLogOverhead));
  store_big_endian(p + 17, crc32c(as_bytes(mended).subspan(21)));
  read(as_bytes(mended));
  return 0;
}
