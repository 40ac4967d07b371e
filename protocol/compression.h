// The four codecs of Kafka record data, whole block in and out, with the framings that clients use.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/bytes.h"

#include "absl/status/statusor.h"

namespace moldau {

enum class Codec : int8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// What one block may grow to when nothing else bounds it.
constexpr size_t kMaxDecompressedBytes = 256u << 20;

const char* codec_name(Codec codec);  // "none", "gzip", "snappy", "lz4", "zstd"; else "unknown".
constexpr bool is_known(Codec codec) { return codec >= Codec::kNone && codec <= Codec::kZstd; }

// Which LZ4 frame a block is in: format 0 and 1 clients before Kafka 0.10 computed the header
// checksum over the wrong bytes (KAFKA-3160), and format 0 still carries it.
enum class Lz4Header { kCorrect, kLegacyChecksum };

// `level` is the codec's own (gzip 1-9, lz4 1-17, zstd -131072-22, as in compression.<codec>.level,
// KIP-390) and is brought into what the library takes; 0 is the codec's default. Snappy has none,
// and comes out in xerial framing, as Kafka's Java clients write it.
std::string compress(Codec codec, Bytes input, int level = 0, Lz4Header lz4 = Lz4Header::kCorrect);

// Decompresses in bounded steps: memory follows what has been produced, never what a header claims.
// Snappy is taken both as a raw block and in xerial framing; LZ4 with either header checksum; gzip,
// LZ4, zstd and xerial streams as one or more end to end. DataLoss on bad input: cut, empty, or
// with bytes after the end. ResourceExhausted when the output would pass `max_bytes`.
absl::StatusOr<std::string> decompress(Codec codec, Bytes input, size_t max_bytes);

}  // namespace moldau
