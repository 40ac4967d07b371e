#include "protocol/compression.h"

#include <random>

#include <gtest/gtest.h>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"

namespace moldau {
namespace {

constexpr Codec kCodecs[] = {Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};
constexpr size_t kPlenty = 16u << 20;

std::string from_hex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

// Words that compress, with noise that does not.
std::string sample(size_t size) {
  std::mt19937 random(7);
  std::string out;
  while (out.size() < size) {
    out += "key=";
    out += std::to_string(random());
    out += ";flow=quiet;";
  }
  out.resize(size);
  return out;
}

std::string packed(Codec codec, std::string_view text) { return compress(codec, as_bytes(text)); }

absl::StatusOr<std::string> unpacked(Codec codec, std::string_view bytes, size_t max = kPlenty) {
  return decompress(codec, as_bytes(bytes), max);
}

TEST(CompressionTest, EveryCodecGivesBackWhatItTook) {
  for (const Codec codec : kCodecs) {
    for (const size_t size : {0, 1, 100, 32768, 32769, 65536, 1000000}) {
      const auto back = unpacked(codec, packed(codec, sample(size)));
      ASSERT_TRUE(back.ok()) << codec_name(codec) << " " << size << ": " << back.status();
      EXPECT_EQ(*back, sample(size)) << codec_name(codec) << " " << size;
    }
  }
}

TEST(CompressionTest, EveryLevelIsReadable) {
  for (const Codec codec : kCodecs) {
    for (const int level : {-200000, -1, 1, 3, 9, 12, 17, 22, 100}) {
      const auto back = unpacked(codec, compress(codec, as_bytes(sample(5000)), level));
      ASSERT_TRUE(back.ok()) << codec_name(codec) << " " << level << ": " << back.status();
      EXPECT_EQ(*back, sample(5000));
    }
  }
}

TEST(CompressionTest, HigherLevelsAreSmaller) {
  const std::string text = sample(200000);
  for (const auto& [codec, low, high] :
       {std::tuple(Codec::kGzip, 1, 9), {Codec::kLz4, 1, 9}, {Codec::kZstd, -50, 19}}) {
    EXPECT_LT(compress(codec, as_bytes(text), high).size(),
              compress(codec, as_bytes(text), low).size())
        << codec_name(codec);
  }
}

TEST(CompressionTest, OneByteOverTheBoundIsResourceExhausted) {
  for (const Codec codec : kCodecs) {
    const std::string bytes = packed(codec, sample(100000));
    EXPECT_TRUE(unpacked(codec, bytes, 100000).ok()) << codec_name(codec);
    EXPECT_TRUE(absl::IsResourceExhausted(unpacked(codec, bytes, 99999).status()))
        << codec_name(codec);
  }
}

TEST(CompressionTest, BombStopsAtTheBound) {
  const std::string zeros(kPlenty, '\0');
  for (const Codec codec : kCodecs) {
    EXPECT_TRUE(absl::IsResourceExhausted(unpacked(codec, packed(codec, zeros), 1000).status()))
        << codec_name(codec);
  }
}

TEST(CompressionTest, EveryCutIsDataLoss) {
  const std::string text = sample(300);
  for (const Codec codec : kCodecs) {
    const std::string bytes = packed(codec, text);
    for (size_t size = 0; size < bytes.size(); ++size) {
      // Xerial framing has no end mark: without its only block it is an empty stream.
      if (codec == Codec::kSnappy && size == 16) continue;
      const auto cut = unpacked(codec, std::string_view(bytes).substr(0, size));
      EXPECT_TRUE(absl::IsDataLoss(cut.status())) << codec_name(codec) << " cut at " << size;
    }
  }
}

TEST(CompressionTest, BytesAfterTheEndAreDataLoss) {
  for (const Codec codec : kCodecs) {
    for (const std::string_view garbage : {"x", "garbage after the end of the block"}) {
      const auto out = unpacked(codec, packed(codec, sample(300)).append(garbage));
      EXPECT_TRUE(absl::IsDataLoss(out.status())) << codec_name(codec);
    }
  }
}

TEST(CompressionTest, StreamsEndToEndAreOne) {
  for (const Codec codec : kCodecs) {
    const auto out = unpacked(codec, packed(codec, "the river ") + packed(codec, "flows on"));
    ASSERT_TRUE(out.ok()) << codec_name(codec) << ": " << out.status();
    EXPECT_EQ(*out, "the river flows on") << codec_name(codec);
  }
}

TEST(CompressionTest, UnknownCodecIsDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(unpacked(static_cast<Codec>(5), "bytes").status()));
  EXPECT_FALSE(is_known(static_cast<Codec>(5)));
}

TEST(CompressionTest, NoCodecCopiesWithinTheBound) {
  EXPECT_EQ(*unpacked(Codec::kNone, "bytes", 5), "bytes");
  EXPECT_TRUE(absl::IsResourceExhausted(unpacked(Codec::kNone, "bytes", 4).status()));
}

// Twelve bytes "a": length 12, a literal of one byte, a copy of 11 from offset 1.
TEST(CompressionTest, RawSnappyBlockIsRead) {
  EXPECT_EQ(*unpacked(Codec::kSnappy, from_hex("0c00611d01")), std::string(12, 'a'));
}

TEST(CompressionTest, RawSnappyThatClaimsGigabytesIsDataLossWithoutAllocating) {
  // Length varint 0xffffffff, then one literal byte.
  const auto out = unpacked(Codec::kSnappy, from_hex("ffffffff0f0061"), ~size_t{0} >> 1);
  EXPECT_TRUE(absl::IsDataLoss(out.status())) << out.status();
}

TEST(CompressionTest, SnappyIsWrittenInXerialFraming) {
  const std::string bytes = packed(Codec::kSnappy, sample(40000));
  EXPECT_EQ(bytes.substr(0, 16), from_hex("82534e41505059000000000100000001"));
  const auto first = load_big_endian<uint32_t>(as_bytes(bytes).data() + 16);
  ASSERT_LT(20 + first, bytes.size());
  const auto second = load_big_endian<uint32_t>(as_bytes(bytes).data() + 20 + first);
  EXPECT_EQ(bytes.size(), 24 + first + second);
}

// Header by the frame format: 64 KiB independent blocks, nothing else, checksum 0x82.
TEST(CompressionTest, Lz4FrameHasIndependentBlocksOf64KiB) {
  EXPECT_EQ(packed(Codec::kLz4, "abc").substr(0, 7), from_hex("04224d18604082"));
}

TEST(CompressionTest, Lz4WithTheLegacyChecksumIsReadToo) {
  const std::string bytes =
      compress(Codec::kLz4, as_bytes(sample(1000)), 0, Lz4Header::kLegacyChecksum);
  EXPECT_NE(bytes[6], packed(Codec::kLz4, sample(1000))[6]);
  EXPECT_EQ(*unpacked(Codec::kLz4, bytes), sample(1000));
}

TEST(CompressionTest, Lz4WithAnotherHeaderChecksumIsDataLoss) {
  std::string bytes = packed(Codec::kLz4, "abc");
  bytes[6] = 0x33;
  EXPECT_TRUE(absl::IsDataLoss(unpacked(Codec::kLz4, bytes).status()));
}

TEST(ChecksumTest, MatchesThePublishedCheckValues) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32_ieee(as_bytes("123456789")), 0xCBF43926u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32_ieee({}), 0u);
}

}  // namespace
}  // namespace moldau
