// The header of an LZ4 frame, and its two checksums.
//
//   magic          uint32  0x184D2204, little-endian like the rest of the frame
//   FLG            uint8   bits 6-7 version (1), 5 independent blocks, 4 block checksums,
//                          3 content size is present, 2 content checksum, 0 dictionary id is
//                          present
//   BD             uint8   bits 4-6 largest block
//   [content_size  uint64]
//   [dictionary_id uint32]
//   HC             uint8   second byte of xxHash-32 over FLG up to here; Kafka's clients before
//   0.10
//                          hashed the magic too, and message format 0 still does (KAFKA-3160)
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/bytes.h"

namespace moldau {

constexpr size_t kMaxLz4HeaderBytes = 19;

// The bytes of the header at the front of `frame`, HC included; nothing if it is cut or not LZ4.
std::optional<size_t> lz4_header_size(Bytes frame);

// What HC should be for a whole header, by the frame format and by the old clients.
uint8_t lz4_header_checksum(Bytes header);
uint8_t lz4_legacy_header_checksum(Bytes header);

}  // namespace moldau
