// Every message from outside: whatever decodes is bounded in memory and encodes to something that
// decodes to the same again.
//
//   input := kind:byte (0 request, 1 response, 2 record)  key:byte (api key, or place in the list
//   of
//            records)  version:byte  frame
#include <cstdlib>
#include <new>

#include "tests/fuzz/require.h"
#include "tests/protocol/message_registry.h"

namespace {

size_t allocated_bytes = 0;  // Since it was last set to zero.

}  // namespace

void* operator new(size_t size) {
  allocated_bytes += size;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace moldau {
namespace {

// The decoder itself, its error and its stack of structs.
constexpr size_t kOverheadBytes = 4096;

const MessageCodec* pick(uint8_t kind, uint8_t key) {
  uint8_t record = 0;
  for (const MessageCodec& codec : all_messages()) {
    const bool is_request = codec.name.ends_with("Request");
    const bool is_response = codec.name.ends_with("Response");
    if (!is_request && !is_response) {
      if (kind == 2 && record++ == key) return &codec;
    } else if (kind == (is_request ? 0 : 1) && codec.api.key == key) {
      return &codec;
    }
  }
  return nullptr;
}

void check(const MessageCodec& codec, Bytes frame, Version version) {
  allocated_bytes = 0;
  const bool decodes = codec.only_decode(frame, version).ok();
  require(allocated_bytes <= kDecodeFactor * frame.size() + kDecodeSlackBytes + kOverheadBytes,
          "decoding stays within its memory");
  const auto first = codec.round_trip(frame, version);
  require(first.ok() == decodes, "decoding says the same twice");
  if (!decodes) return;
  require(first->encoded == first->gathered, "both encodings are the same");
  require(first->encoded.size() == first->size, "the size is known beforehand");
  const auto second = codec.round_trip(as_bytes(first->encoded), version);
  require(second.ok(), "what was encoded decodes");
  require(second->encoded == first->encoded, "and encodes to the same bytes");
}

}  // namespace
}  // namespace moldau

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace moldau;
  if (size < 3) return 0;
  const MessageCodec* codec = pick(data[0], data[1]);
  if (codec != nullptr) check(*codec, Bytes{data + 3, size - 3}, data[2]);
  return 0;
}
