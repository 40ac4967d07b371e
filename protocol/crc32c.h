// The checksums of record data: CRC-32C (Castagnoli) of record batches, CRC-32 (IEEE) of messages
// in formats 0 and 1. Both are ISA-L's, which uses the CPU's instructions.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"

namespace moldau {

uint32_t crc32c(Bytes bytes);
uint32_t crc32_ieee(Bytes bytes);

}  // namespace moldau
