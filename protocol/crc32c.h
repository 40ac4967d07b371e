// The checksums of record data: CRC-32C (Castagnoli) of record batches, by ISA-L, which uses the
// CPU's instructions, and CRC-32 (IEEE) of messages in formats 0 and 1, by zlib.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"

namespace moldau {

uint32_t crc32c(Bytes bytes);
uint32_t crc32_ieee(Bytes bytes);

}  // namespace moldau
