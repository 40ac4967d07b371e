// Decompression of anything, by each codec; and what we compress comes back. The first byte of the
// input picks the codec.
#include "protocol/compression.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  constexpr size_t kMaxBytes = 1 << 20;
  if (size == 0) return 0;
  const auto codec = static_cast<Codec>(data[0] % 6);
  const Bytes input{data + 1, size - 1};

  const auto plain = decompress(codec, input, kMaxBytes);
  require(!plain.ok() || plain->size() <= kMaxBytes, "output is within the bound");
  if (!is_known(codec)) {
    require(!plain.ok(), "an unknown codec is an error");
    return 0;
  }
  if (plain.ok()) {
    require(plain->empty() || !decompress(codec, input, plain->size() - 1).ok(), "bound is exact");
  }

  const int level = static_cast<int8_t>(data[0]);
  const auto back = decompress(codec, as_bytes(compress(codec, input, level)), input.size());
  require(back.ok() && *back == as_text(input), "compressed data comes back");
  return 0;
}
