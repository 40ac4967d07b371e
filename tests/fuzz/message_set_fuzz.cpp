// Message sets and logs of all formats: as they come, with the checksums made right, and as the
// inside of a wrapper.
#include <string>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"
#include "protocol/log_entry.h"
#include "protocol/message_set.h"
#include "tests/fuzz/require.h"

namespace moldau {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

int64_t count_messages(Bytes set) {
  int64_t count = 0;
  const auto status = for_each_message(
      set,
      [&](const Record&) {
        ++count;
        return true;
      },
      kMaxBytes);
  return status.ok() ? count : -1;
}

void convert_up_and_down(Bytes set) {
  const auto up = convert_up(set, kMaxBytes);
  const int64_t count = count_messages(set);
  if (!up.ok()) return;
  require(count == up->record_count || count == -1, "all messages are converted");
  const auto down = convert_down(as_bytes(up->batches), 1, 0, 2 * kMaxBytes, false);
  require(down.ok() && count_messages(as_bytes(*down)) == up->record_count, "and back");
}

void read_as_log(Bytes log) {
  (void)for_each_entry(log, [](const EntryHeader& entry, Bytes bytes) {
    require(entry.size_bytes == bytes.size(), "an entry is whole");
    if (check_entry(bytes).ok()) (void)first_offset(bytes);
    return true;
  });
  for (const int8_t magic : {0, 1}) {
    const auto cut = convert_down(log, magic, 3, 100, true);
    require(!cut.ok() || cut->size() <= 100, "a cut answer is within its bound");
  }
}

std::string mended(Bytes set) {
  std::string copy(as_text(set));
  auto* p = reinterpret_cast<uint8_t*>(copy.data());
  (void)for_each_entry(set, [&](const EntryHeader& entry, Bytes bytes) {
    const size_t checked_from = entry.magic == 2 ? 21 : 16;
    const Bytes checked{p + checked_from, bytes.size() - checked_from};
    if (entry.magic == 2) {
      store_big_endian(p + 17, crc32c(checked));
    } else {
      store_big_endian(p + 12, crc32_ieee(checked));
    }
    p += bytes.size();
    return true;
  });
  return copy;
}

// `inner` as the value of a wrapper.
std::string wrapped(Bytes inner, uint8_t choice) {
  const int8_t magic = choice & 1;
  const auto codec = static_cast<Codec>(1 + choice % 3);
  const std::string block = compress(codec, inner);
  std::string body;
  append_big_endian(body, magic);
  append_big_endian(body, static_cast<int8_t>(codec));
  if (magic == 1) append_big_endian(body, int64_t{1000});
  append_big_endian(body, int32_t{-1});
  append_big_endian(body, static_cast<int32_t>(block.size()));
  body += block;
  std::string out;
  append_big_endian(out, int64_t{choice});
  append_big_endian(out, static_cast<int32_t>(body.size() + 4));
  append_big_endian(out, crc32_ieee(as_bytes(body)));
  return out + body;
}

}  // namespace
}  // namespace moldau

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  const Bytes input{data, size};
  convert_up_and_down(input);
  read_as_log(input);
  const std::string good = mended(input);
  convert_up_and_down(as_bytes(good));
  read_as_log(as_bytes(good));
  const std::string wrapper = wrapped(as_bytes(good), size == 0 ? 0 : data[size - 1]);
  convert_up_and_down(as_bytes(wrapper));
  read_as_log(as_bytes(wrapper));
  return 0;
}
