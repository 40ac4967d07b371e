// Compares our bytes with those of Apache Kafka's own message classes. tests/golden/ says how the
// vectors are made; each line is `name version variant hex`.
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <zlib.h>

#include "protocol/message.h"
#include "tests/protocol/message_registry.h"

#include "gtest/gtest.h"

namespace moldau {
namespace {

struct Vector {
  std::string name;
  Version version = 0;
  std::string variant;
  std::string bytes;

  std::string label() const { return name + " v" + std::to_string(version) + " " + variant; }
};

std::string gunzip_file(const std::string& path) {
  std::string out;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int n; file != nullptr && (n = gzread(file, buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<size_t>(n));
  }
  gzclose(file);
  return out;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> list = [] {
    std::vector<Vector> vectors;
    std::istringstream lines(gunzip_file(SOURCE_DIR "/tests/golden/vectors.txt.gz"));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      Vector v;
      std::string hex;
      words >> v.name >> v.version >> v.variant >> hex;
      v.bytes = from_hex(hex);
      vectors.push_back(v);
    }
    return vectors;
  }();
  return list;
}

const MessageCodec* find_codec(const std::string& name) {
  static const auto by_name = [] {
    std::map<std::string, const MessageCodec*> map;
    for (const auto& codec : all_messages()) map[codec.name] = &codec;
    return map;
  }();
  auto it = by_name.find(name);
  return it == by_name.end() ? nullptr : it->second;
}

// Schemas of Kafka that are no messages here: headers (protocol/request_header.h), an index entry
// of the log, and what trial versions had.
bool is_left_out(const std::string& name) {
  static const std::set<std::string> names{
      "RequestHeader",
      "ResponseHeader",
      "AbortedTxn",
      "LegacyOffsetCommitKey",
      "LegacyOffsetCommitValue",
      "ListClientMetricsResourcesRequest",
      "ListClientMetricsResourcesResponse",
      "ShareGroupPartitionMetadataKey",
      "ShareGroupPartitionMetadataValue",
      "ZkMigrationStateRecord",
  };
  return names.contains(name);
}

// Versions of trials (of share groups in 3.9, of two-phase commit in 4.4), and the record types
// that 3.9 called versions of the key.
bool is_trial(const Vector& v) {
  return (v.name.starts_with("Share") && v.version == 0) || v.name.ends_with("Key") ||
         (v.name == "InitProducerIdResponse" && v.version == 6);
}

template <class F>
void for_each_vector(F&& check) {
  for (const Vector& v : vectors()) {
    const MessageCodec* codec = find_codec(v.name);
    if (codec != nullptr && codec->api.supports(v.version)) check(v, *codec);
  }
}

TEST(GoldenTest, EveryVectorHasAMessage) {
  ASSERT_GT(vectors().size(), 3000u);
  for (const Vector& v : vectors()) {
    const MessageCodec* codec = find_codec(v.name);
    if (codec == nullptr) {
      EXPECT_TRUE(is_left_out(v.name)) << v.label();
    } else {
      EXPECT_TRUE(codec->api.supports(v.version) || is_trial(v)) << v.label();
    }
  }
}

TEST(GoldenTest, EveryVersionOfEveryMessageHasVectors) {
  std::set<std::tuple<std::string, Version, std::string>> have;
  for (const Vector& v : vectors()) have.insert({v.name, v.version, v.variant});
  for (const MessageCodec& codec : all_messages()) {
    for (Version v = codec.api.first; v <= codec.api.last; ++v) {
      for (const char* variant : {"default", "full", "null", "empty"}) {
        EXPECT_TRUE(have.contains({codec.name, v, variant})) << codec.name << v << variant;
      }
      EXPECT_EQ(have.contains({codec.name, v, "unknown"}), v >= codec.api.flexible)
          << codec.name << v;
    }
  }
}

TEST(GoldenTest, DecodingAndEncodingGivesTheSameBytes) {
  for_each_vector([](const Vector& v, const MessageCodec& codec) {
    if (v.variant == "unknown") return;
    auto result = codec.round_trip(as_bytes(v.bytes), v.version);
    ASSERT_TRUE(result.ok()) << v.label() << ": " << result.status();
    EXPECT_EQ(result->encoded, v.bytes) << v.label() << "\n" << result->text;
    EXPECT_EQ(result->size, v.bytes.size()) << v.label();
    EXPECT_EQ(result->gathered, v.bytes) << v.label();
  });
}

TEST(GoldenTest, UnknownTagsAreSkipped) {
  std::map<std::pair<std::string, Version>, std::string> full;
  for (const Vector& v : vectors()) {
    if (v.variant == "full") full[{v.name, v.version}] = v.bytes;
  }
  for_each_vector([&](const Vector& v, const MessageCodec& codec) {
    if (v.variant != "unknown") return;
    auto result = codec.round_trip(as_bytes(v.bytes), v.version);
    ASSERT_TRUE(result.ok()) << v.label() << ": " << result.status();
    EXPECT_EQ(result->encoded, (full[{v.name, v.version}])) << v.label();
  });
}

TEST(GoldenTest, EveryTruncationIsAnError) {
  for_each_vector([](const Vector& v, const MessageCodec& codec) {
    size_t step = 1 + v.bytes.size() / 100;
    for (size_t size = 0; size < v.bytes.size(); size += step) {
      // A copy of exactly this size, so that a sanitizer sees a read past its end.
      std::vector<uint8_t> frame(v.bytes.begin(), v.bytes.begin() + static_cast<long>(size));
      EXPECT_FALSE(codec.round_trip(frame, v.version).ok()) << v.label() << " cut at " << size;
    }
  });
}

TEST(GoldenTest, ATrailingByteIsAnError) {
  for_each_vector([](const Vector& v, const MessageCodec& codec) {
    std::string frame = v.bytes + '\0';
    EXPECT_FALSE(codec.round_trip(as_bytes(frame), v.version).ok()) << v.label();
  });
}

}  // namespace
}  // namespace moldau
