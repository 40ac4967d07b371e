// The four codecs of Kafka record data, whole-block in and out, with the framings that clients use.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/bytes.h"

#include "absl/status/statusor.h"

namespace moldau {

enum class Codec : int8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// What one block may grow to when nothing else bounds it.
constexpr size_t kMaxDecompressedBytes = 256u << 20;

const char* codec_name(Codec codec);  // "none", "gzip", "snappy", "lz4", "zstd".

// Which LZ4 frame a block is in: format 0 and 1 clients before Kafka 0.10 computed the header
// checksum over the wrong bytes (KAFKA-3160), and format 0 still carries it.
enum class Lz4Header { kCorrect, kLegacyChecksum };

// `level` 0 is the codec's default.
std::string compress(Codec codec, Bytes input, int level = 0, Lz4Header lz4 = Lz4Header::kCorrect);

// Decompresses in bounded steps. Snappy is taken both as a raw block and in xerial framing; LZ4
// with either header checksum; gzip and zstd as one or more concatenated members or frames.
// DataLoss on bad input; ResourceExhausted when the output would pass `max_bytes`.
absl::StatusOr<std::string> decompress(Codec codec, Bytes input, size_t max_bytes);

}  // namespace moldau
