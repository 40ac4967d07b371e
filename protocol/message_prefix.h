// Messages that others may have extended at the end, in a version that is not known here.
#pragma once

#include "protocol/message_codec.h"

namespace moldau {

namespace codec {
absl::Status decode_prefix(const Message& message, Bytes bytes);
}  // namespace codec

// As decode(), but what follows the last field is ignored. Only where a message is not framed by
// anything that would tell its version for sure.
template <class M>
absl::Status decode_prefix(M& message, Bytes bytes, Version version) {
  if (!M::kApi.supports(version)) return codec::unsupported_version(M::kApi, version);
  message = M{};
  return codec::decode_prefix(codec::erase(message, version), bytes);
}

}  // namespace moldau
