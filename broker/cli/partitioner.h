// Which partition a key goes to: as Kafka's Java client decides, so that a key stays together
// whoever writes it.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"

namespace moldau::cli {

uint32_t murmur2(Bytes data);  // With the seed of Kafka's clients.
int32_t partition_for_key(Bytes key, int32_t partition_count);

}  // namespace moldau::cli
