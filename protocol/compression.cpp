#include "protocol/compression.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <lz4frame.h>
#include <memory>
#include <snappy.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "protocol/big_endian.h"
#include "protocol/lz4_header.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace moldau {
namespace {

constexpr size_t kStepBytes = 64 << 10;

// xerial framing: this header, a version and the oldest version able to read it (both int32 1),
// then blocks of int32 length and raw snappy. Streams may follow one another, each with its header.
constexpr uint8_t kXerialMagic[8] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t kXerialHeaderBytes = 16;
constexpr size_t kXerialBlockBytes = 32 << 10;

// The densest raw snappy is copies of 64 bytes in 3; what claims more than this ratio lies.
constexpr size_t kMaxSnappyRatio = 22;

absl::Status bad(const char* codec, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(codec, ": ", what));
}

// Only out of memory or a wrong argument of ours can fail while compressing.
void require(bool ok) {
  if (!ok) std::abort();
}

// Collects output up to a bound.
class Output {
 public:
  explicit Output(size_t max_bytes) : max_bytes_(max_bytes) {}

  absl::Status append(const char* data, size_t size) {
    if (size > max_bytes_ - text_.size()) return too_big();
    text_.append(data, size);
    return absl::OkStatus();
  }
  // `size` more bytes to be written by the caller, which knows them to be plausible.
  absl::StatusOr<char*> extend(size_t size) {
    if (size > max_bytes_ - text_.size()) return too_big();
    text_.resize(text_.size() + size);
    return text_.data() + text_.size() - size;
  }
  std::string take() { return std::move(text_); }

 private:
  absl::Status too_big() const {
    return absl::ResourceExhaustedError(
        absl::StrCat("decompressed data exceeds ", max_bytes_, " bytes"));
  }
  size_t max_bytes_;
  std::string text_;
};

// --- gzip
// -----------------------------------------------------------------------------------------

constexpr int kGzipWindowBits = 15 + 16;  // The largest window, in gzip's framing.

std::string compress_gzip(Bytes input, int level) {
  z_stream z{};
  const int chosen = level == 0 ? Z_DEFAULT_COMPRESSION : std::clamp(level, 1, 9);
  require(deflateInit2(&z, chosen, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, input.size()), '\0');
  z.next_in = const_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  require(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

absl::Status inflate_members(z_stream& z, Output& out) {
  char step[kStepBytes];
  while (true) {
    z.next_out = reinterpret_cast<Bytef*>(step);
    z.avail_out = sizeof step;
    const int rc = inflate(&z, Z_NO_FLUSH);
    if (rc != Z_OK && rc != Z_STREAM_END) return bad("gzip", z.msg ? z.msg : "cut short");
    if (auto s = out.append(step, sizeof step - z.avail_out); !s.ok()) return s;
    if (rc != Z_STREAM_END) continue;
    if (z.avail_in == 0) return absl::OkStatus();
    inflateReset(&z);  // Another member follows.
  }
}

absl::Status decompress_gzip(Bytes input, Output& out) {
  z_stream z{};
  require(inflateInit2(&z, kGzipWindowBits) == Z_OK);
  z.next_in = const_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  auto status = inflate_members(z, out);
  inflateEnd(&z);
  return status;
}

// --- snappy
// ---------------------------------------------------------------------------------------

std::string compress_snappy(Bytes input) {
  std::string out(reinterpret_cast<const char*>(kXerialMagic), sizeof kXerialMagic);
  append_big_endian<int32_t>(out, 1);
  append_big_endian<int32_t>(out, 1);
  std::vector<char> block(snappy::MaxCompressedLength(kXerialBlockBytes));
  while (!input.empty()) {
    const Bytes part = input.first(std::min(input.size(), kXerialBlockBytes));
    size_t size = 0;
    snappy::RawCompress(as_text(part).data(), part.size(), block.data(), &size);
    append_big_endian(out, static_cast<int32_t>(size));
    out.append(block.data(), size);
    input = input.subspan(part.size());
  }
  return out;
}

absl::Status decompress_snappy_block(Bytes block, Output& out) {
  const char* data = as_text(block).data();
  size_t size = 0;
  if (!snappy::GetUncompressedLength(data, block.size(), &size)) return bad("snappy", "no length");
  if (size > kMaxSnappyRatio * block.size()) return bad("snappy", "claims an impossible length");
  auto to = out.extend(size);
  if (!to.ok()) return to.status();
  if (!snappy::RawUncompress(data, block.size(), *to)) return bad("snappy", "bad block");
  return absl::OkStatus();
}

bool starts_xerial(Bytes input) {
  return input.size() >= kXerialHeaderBytes &&
         std::memcmp(input.data(), kXerialMagic, sizeof kXerialMagic) == 0;
}

absl::Status decompress_xerial(Bytes input, Output& out) {
  while (!input.empty()) {
    if (starts_xerial(input)) {
      input = input.subspan(kXerialHeaderBytes);
      continue;
    }
    if (input.size() < 4) return bad("snappy", "cut in a block's length");
    const auto size = load_big_endian<uint32_t>(input.data());
    input = input.subspan(4);
    if (size > input.size()) return bad("snappy", "a block passes the end");
    if (auto s = decompress_snappy_block(input.first(size), out); !s.ok()) return s;
    input = input.subspan(size);
  }
  return absl::OkStatus();
}

absl::Status decompress_snappy(Bytes input, Output& out) {
  return starts_xerial(input) ? decompress_xerial(input, out) : decompress_snappy_block(input, out);
}

// --- lz4
// ------------------------------------------------------------------------------------------

// Kafka's readers take independent blocks only, and expect blocks of 64 KiB.
std::string compress_lz4(Bytes input, int level, Lz4Header header) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level == 0 ? 0 : std::clamp(level, 1, LZ4F_compressionLevel_max());
  std::string out(LZ4F_compressFrameBound(input.size(), &preferences), '\0');
  const size_t size =
      LZ4F_compressFrame(out.data(), out.size(), input.data(), input.size(), &preferences);
  require(!LZ4F_isError(size));
  out.resize(size);
  if (header == Lz4Header::kLegacyChecksum) {
    const size_t n = *lz4_header_size(as_bytes(out));
    out[n - 1] = static_cast<char>(lz4_legacy_header_checksum(as_bytes(out).first(n)));
  }
  return out;
}

// Gives the frame's header to `context` with the checksum that the library expects.
absl::Status begin_lz4_frame(LZ4F_dctx* context, Bytes& input) {
  const auto size = lz4_header_size(input);
  if (!size) return bad("lz4", "no frame header");
  uint8_t header[kMaxLz4HeaderBytes];
  std::copy_n(input.begin(), *size, header);
  uint8_t& checksum = header[*size - 1];
  if (checksum == lz4_legacy_header_checksum({header, *size})) {
    checksum = lz4_header_checksum({header, *size});
  }
  size_t consumed = *size, produced = 0;
  const size_t rc = LZ4F_decompress(context, nullptr, &produced, header, &consumed, nullptr);
  if (LZ4F_isError(rc)) return bad("lz4", LZ4F_getErrorName(rc));
  if (consumed != *size) return bad("lz4", "bad frame header");
  input = input.subspan(*size);
  return absl::OkStatus();
}

absl::Status decompress_lz4_frame(LZ4F_dctx* context, Bytes& input, Output& out) {
  if (auto s = begin_lz4_frame(context, input); !s.ok()) return s;
  char step[kStepBytes];
  while (true) {
    size_t consumed = input.size(), produced = sizeof step;
    const size_t rc = LZ4F_decompress(context, step, &produced, input.data(), &consumed, nullptr);
    if (LZ4F_isError(rc)) return bad("lz4", LZ4F_getErrorName(rc));
    if (auto s = out.append(step, produced); !s.ok()) return s;
    input = input.subspan(consumed);
    if (rc == 0) return absl::OkStatus();
    if (consumed == 0 && produced == 0) return bad("lz4", "cut short");
  }
}

absl::Status decompress_lz4(Bytes input, Output& out) {
  LZ4F_dctx* raw = nullptr;
  require(!LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)));
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(
      raw, LZ4F_freeDecompressionContext);
  do {
    if (auto s = decompress_lz4_frame(context.get(), input, out); !s.ok()) return s;
  } while (!input.empty());
  return absl::OkStatus();
}

// --- zstd
// -----------------------------------------------------------------------------------------

std::string compress_zstd(Bytes input, int level) {
  std::string out(ZSTD_compressBound(input.size()), '\0');
  const int chosen =
      level == 0 ? ZSTD_defaultCLevel() : std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
  const size_t size = ZSTD_compress(out.data(), out.size(), input.data(), input.size(), chosen);
  require(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

absl::Status decompress_zstd(Bytes input, Output& out) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  require(context != nullptr);
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  char step[kStepBytes];
  while (true) {
    const size_t before = in.pos;
    ZSTD_outBuffer chunk{step, sizeof step, 0};
    const size_t rc = ZSTD_decompressStream(context.get(), &chunk, &in);
    if (ZSTD_isError(rc)) return bad("zstd", ZSTD_getErrorName(rc));
    if (auto s = out.append(step, chunk.pos); !s.ok()) return s;
    if (rc == 0 && in.pos == in.size) return absl::OkStatus();
    if (rc != 0 && in.pos == before && chunk.pos == 0) return bad("zstd", "cut short");
  }
}

absl::Status decompress_into(Codec codec, Bytes input, Output& out) {
  switch (codec) {
    case Codec::kNone:
      return out.append(as_text(input).data(), input.size());
    case Codec::kGzip:
      return decompress_gzip(input, out);
    case Codec::kSnappy:
      return decompress_snappy(input, out);
    case Codec::kLz4:
      return decompress_lz4(input, out);
    case Codec::kZstd:
      return decompress_zstd(input, out);
  }
  return absl::DataLossError(absl::StrCat("unknown codec ", static_cast<int>(codec)));
}

}  // namespace

const char* codec_name(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return "none";
    case Codec::kGzip:
      return "gzip";
    case Codec::kSnappy:
      return "snappy";
    case Codec::kLz4:
      return "lz4";
    case Codec::kZstd:
      return "zstd";
  }
  return "unknown";
}

std::string compress(Codec codec, Bytes input, int level, Lz4Header lz4) {
  switch (codec) {
    case Codec::kNone:
      return std::string(as_text(input));
    case Codec::kGzip:
      return compress_gzip(input, level);
    case Codec::kSnappy:
      return compress_snappy(input);
    case Codec::kLz4:
      return compress_lz4(input, level, lz4);
    case Codec::kZstd:
      return compress_zstd(input, level);
  }
  std::abort();
}

absl::StatusOr<std::string> decompress(Codec codec, Bytes input, size_t max_bytes) {
  Output out(max_bytes);
  if (input.empty() && codec != Codec::kNone) return bad(codec_name(codec), "nothing there");
  if (auto s = decompress_into(codec, input, out); !s.ok()) return s;
  return out.take();
}

}  // namespace moldau
