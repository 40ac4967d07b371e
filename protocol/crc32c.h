// CRC-32C (Castagnoli), the checksum of record batches; ISA-L's, which uses the CPU's instructions.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"

namespace moldau {

uint32_t crc32c(Bytes bytes);

}  // namespace moldau
