// Record data as other implementations wrote it: Apache's own clients
// (tests/golden/GoldenRecords.java says how the files read) and kafka-node; and ours for Apache's
// to read back.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "protocol/crc32c.h"
#include "protocol/log_entry.h"
#include "protocol/message_set.h"
#include "protocol/record_batch.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kPlenty = 64u << 20;

std::string from_hex(const std::string& hex) { return absl::HexStringToBytes(hex); }
std::string to_hex(Bytes bytes) {
  return absl::BytesToHexString({as_text(bytes).data(), bytes.size()});
}

// --- The listing that GoldenRecords.java makes too
// ------------------------------------------------

std::string shown(const std::optional<Bytes>& bytes) {
  if (!bytes) return "-";
  if (bytes->size() <= 64) return ":" + to_hex(*bytes);
  return absl::StrCat("#", bytes->size(), ":", crc32_ieee(*bytes));
}

std::string record_line(const Record& r, bool with_headers = true) {
  std::string line =
      absl::StrCat("record ", r.offset, " ", r.timestamp, " ", shown(r.key), " ", shown(r.value));
  for (const auto& h : r.headers) {
    if (with_headers) absl::StrAppend(&line, " ", shown(as_bytes(h.key)), "=", shown(h.value));
  }
  return line + "\n";
}

std::string entry_line(const EntryHeader& e, Bytes bytes) {
  std::string line =
      absl::StrCat("entry ", e.magic, " ", e.size_bytes, " ", e.last_offset, " ", e.max_timestamp,
                   " ", codec_name(e.codec),
                   e.timestamp_type == TimestampType::kLogAppendTime ? " append" : " create");
  if (e.magic < 2) return line + "\n";
  const BatchHeader h = *parse_batch_header(bytes);
  return absl::StrCat(line, " ", h.base_offset, " ", h.partition_leader_epoch, " ", h.record_count,
                      " ", h.producer_id, " ", h.producer_epoch, " ", h.base_sequence,
                      h.is_transactional() ? " 1" : " 0", h.is_control() ? " 1" : " 0") +
         "\n";
}

std::string listing(Bytes entries) {
  std::string text;
  size_t seen = 0;
  auto status = for_each_entry(entries, [&](const EntryHeader& entry, Bytes bytes) {
    absl::StrAppend(&text, entry_line(entry, bytes));
    absl::Status inner = check_entry(bytes);
    if (inner.ok()) {
      inner = for_each_entry_record(bytes, [&](const Record& r) {
        absl::StrAppend(&text, record_line(r));
        return true;
      });
    }
    if (!inner.ok()) absl::StrAppend(&text, inner.ToString(), "\n");
    seen += bytes.size();
    return inner.ok();
  });
  if (!status.ok()) absl::StrAppend(&text, status.ToString(), "\n");
  if (seen != entries.size()) absl::StrAppend(&text, "bytes left over\n");
  return text;
}

// A record that owns its bytes.
struct Kept {
  int64_t offset = 0, timestamp = 0;
  std::optional<std::string> key, value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

std::optional<std::string> kept(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

// Every record that a client would be given.
std::vector<Kept> data_records(Bytes entries) {
  std::vector<Kept> out;
  const auto status = for_each_entry(entries, [&](const EntryHeader& entry, Bytes bytes) {
    if (entry.is_control) return true;
    return for_each_entry_record(bytes,
                                 [&](const Record& r) {
                                   Kept k{r.offset, r.timestamp, kept(r.key), kept(r.value), {}};
                                   for (const auto& h : r.headers)
                                     k.headers.emplace_back(h.key, kept(h.value));
                                   out.push_back(std::move(k));
                                   return true;
                                 })
        .ok();
  });
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

// --- The golden files
// -----------------------------------------------------------------------------

struct Case {
  std::string name;
  std::string bytes;
  std::string listing;
  std::string down[2];  // Where Apache's client converts it to the same bytes that we must.
};

std::vector<Case> cases_of(const std::string& version) {
  std::ifstream in(std::string(SOURCE_DIR "/tests/golden/records/clients-") + version + ".txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    const size_t space = line.find(' ');
    const std::string word = line.substr(0, space), rest = line.substr(space + 1);
    if (word == "case") cases.push_back({.name = version + " " + rest});
    if (word == "bytes") cases.back().bytes = from_hex(rest);
    if (word == "down") cases.back().down[rest[0] - '0'] = from_hex(rest.substr(2));
    if (word == "entry" || word == "record") cases.back().listing += line + "\n";
  }
  EXPECT_GT(cases.size(), 40u) << version;
  return cases;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all = cases_of("3.9.2");
    for (Case& c : cases_of("4.4.0")) all.push_back(std::move(c));
    return all;
  }();
  return cases;
}

bool is_plain_batch(const Case& c) {
  const auto h = parse_entry_header(as_bytes(c.bytes));
  return h.ok() && h->magic == 2 && h->codec == Codec::kNone && h->size_bytes == c.bytes.size() &&
         h->timestamp_type == TimestampType::kCreateTime;
}

BatchBuilder::Options options_of(const BatchHeader& h) {
  return {.base_offset = h.base_offset,
          .leader_epoch = h.partition_leader_epoch,
          .codec = h.codec(),
          .timestamp_type = h.timestamp_type(),
          .producer_id = h.producer_id,
          .producer_epoch = h.producer_epoch,
          .base_sequence = h.base_sequence,
          .is_transactional = h.is_transactional(),
          .is_control = h.is_control()};
}

TEST(GoldenRecordsTest, EveryRecordIsReadAsApachesClientReadsIt) {
  for (const Case& c : all_cases()) EXPECT_EQ(listing(as_bytes(c.bytes)), c.listing) << c.name;
}

TEST(GoldenRecordsTest, UncompressedBatchesAreBuiltToTheSameBytes) {
  int built = 0;
  for (const Case& c : all_cases()) {
    const auto header = parse_batch_header(as_bytes(c.bytes));
    if (!is_plain_batch(c) || header->has_delete_horizon() || header->record_count == 0) continue;
    BatchBuilder builder(options_of(*header));
    EXPECT_TRUE(for_each_record(as_bytes(c.bytes), [&](const Record& r) {
                  builder.add_at(r.offset, r.timestamp, r.key, r.value, r.headers);
                  return true;
                }).ok());
    EXPECT_EQ(to_hex(as_bytes(builder.build())), to_hex(as_bytes(c.bytes))) << c.name;
    ++built;
  }
  EXPECT_GE(built, 15);
}

TEST(GoldenRecordsTest, DownConversionGivesTheSameBytesWhereNothingIsCompressed) {
  int converted = 0;
  for (const Case& c : all_cases()) {
    for (int8_t magic = 0; magic < 2; ++magic) {
      if (c.down[magic].empty()) continue;
      const auto down = convert_down(as_bytes(c.bytes), magic, 0, kPlenty, false);
      ASSERT_TRUE(down.ok()) << c.name << ": " << down.status();
      EXPECT_EQ(to_hex(as_bytes(*down)), to_hex(as_bytes(c.down[magic]))) << c.name;
      ++converted;
    }
  }
  EXPECT_GE(converted, 8);
}

TEST(GoldenRecordsTest, DownConversionKeepsEveryRecord) {
  for (const Case& c : all_cases()) {
    const auto before = data_records(as_bytes(c.bytes));
    for (int8_t magic = 0; magic < 2; ++magic) {
      const auto down = convert_down(as_bytes(c.bytes), magic, 0, kPlenty, false);
      ASSERT_TRUE(down.ok()) << c.name << ": " << down.status();
      const auto after = data_records(as_bytes(*down));
      ASSERT_EQ(after.size(), before.size()) << c.name;
      for (size_t i = 0; i < after.size(); ++i) {
        EXPECT_EQ(after[i].offset, before[i].offset) << c.name;
        EXPECT_EQ(after[i].timestamp, magic == 0 ? kNoTimestamp : before[i].timestamp) << c.name;
        EXPECT_EQ(after[i].key, before[i].key) << c.name;
        EXPECT_EQ(after[i].value, before[i].value) << c.name;
      }
    }
  }
}

TEST(GoldenRecordsTest, UpConversionKeepsEveryMessage) {
  int converted = 0;
  for (const Case& c : all_cases()) {
    if (first_magic(as_bytes(c.bytes)) == 2 || c.name.find("all formats") != c.name.npos) continue;
    const auto up = convert_up(as_bytes(c.bytes), kPlenty);
    ASSERT_TRUE(up.ok()) << c.name << ": " << up.status();
    const auto before = data_records(as_bytes(c.bytes)),
               after = data_records(as_bytes(up->batches));
    ASSERT_EQ(after.size(), before.size()) << c.name;
    EXPECT_EQ(up->record_count, static_cast<int64_t>(before.size())) << c.name;
    for (size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(after[i].offset, static_cast<int64_t>(i)) << c.name;
      EXPECT_EQ(after[i].timestamp, before[i].timestamp) << c.name;
      EXPECT_EQ(after[i].key, before[i].key) << c.name;
      EXPECT_EQ(after[i].value, before[i].value) << c.name;
    }
    const auto was = *parse_entry_header(as_bytes(c.bytes)),
               is = *parse_entry_header(as_bytes(up->batches));
    EXPECT_EQ(is.codec, was.codec) << c.name;
    EXPECT_EQ(is.timestamp_type, was.timestamp_type) << c.name;
    EXPECT_EQ(is.max_timestamp, was.codec == Codec::kNone ? is.max_timestamp : was.max_timestamp)
        << c.name;
    ++converted;
  }
  EXPECT_GE(converted, 30);
}

TEST(GoldenRecordsTest, FirstOffsetOfAWrapperIsThatOfItsFirstMessage) {
  for (const Case& c : all_cases()) {
    if (c.listing.find("record ") == c.listing.npos || c.name.find("gaps") != c.name.npos) continue;
    const int64_t first = data_records(as_bytes(c.bytes)).empty()
                              ? parse_batch_header(as_bytes(c.bytes))->base_offset
                              : data_records(as_bytes(c.bytes))[0].offset;
    EXPECT_EQ(*first_offset(as_bytes(c.bytes)), first) << c.name;
  }
}

// kafka-node's offsets are all 0, its wrappers have timestamp 0 and hold format 1 under either
// format, its snappy is one raw block (tests/golden/kafka_node_sets.js).
TEST(GoldenRecordsTest, WhatKafkaNodeProducesIsConvertedUp) {
  std::ifstream in(SOURCE_DIR "/tests/golden/records/kafka-node.txt");
  int version = 0, sets = 0;
  std::string codec, hex;
  while (in >> version >> codec >> hex) {
    const std::string set = from_hex(hex);
    const auto up = convert_up(as_bytes(set), kPlenty);
    ASSERT_TRUE(up.ok()) << version << codec << ": " << up.status();
    EXPECT_EQ(codec_name(parse_batch_header(as_bytes(up->batches))->codec()), codec);
    const bool has_timestamps = version == 2 || codec != "none";
    const std::optional<std::string> keys[] = {"key", std::nullopt, "", "gone"};
    const std::optional<std::string> values[] = {"value", "Hello, Kafka!", "", std::nullopt};
    const auto records = data_records(as_bytes(up->batches));
    ASSERT_EQ(records.size(), 4u);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(records[i].offset, static_cast<int64_t>(i));
      EXPECT_EQ(records[i].timestamp,
                has_timestamps ? 1500000000000 + static_cast<int64_t>(i) : kNoTimestamp);
      EXPECT_EQ(records[i].key, keys[i]);
      EXPECT_EQ(records[i].value, values[i]);
    }
    ++sets;
  }
  EXPECT_EQ(sets, 9);
}

// --- Ours, for Apache's clients to read
// -----------------------------------------------------------

// Writes the bytes and what is in them for records.sh verify, if it asks for that.
void offer(const std::string& name, Bytes bytes) {
  const char* folder = std::getenv("MOLDAU_DUMP_RECORDS");
  if (folder == nullptr) return;
  const std::string path = std::string(folder) + "/" + name;
  std::ofstream(path + ".bin", std::ios::binary) << as_text(bytes);
  std::ofstream(path + ".txt", std::ios::binary) << listing(bytes);
}

// Each golden case written anew by us: as a batch with every codec, and as older messages.
TEST(GoldenRecordsTest, OurEncodingsHoldTheSameRecords) {
  constexpr Codec kCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4,
                               Codec::kZstd};
  int number = 0;
  for (const Case& c : all_cases()) {
    const auto header = parse_batch_header(as_bytes(c.bytes));
    if (!is_plain_batch(c) || header->record_count == 0 || header->has_delete_horizon()) continue;
    for (const Codec codec : kCodecs) {
      auto options = options_of(*header);
      options.codec = codec;
      BatchBuilder builder(options);
      ASSERT_TRUE(for_each_record(as_bytes(c.bytes), [&](const Record& r) {
                    builder.add_at(r.offset, r.timestamp, r.key, r.value, r.headers);
                    return true;
                  }).ok());
      const std::string batch = builder.build();
      EXPECT_EQ(data_records(as_bytes(batch)).size(), data_records(as_bytes(c.bytes)).size());
      offer(absl::StrCat("batch", ++number, codec_name(codec)), as_bytes(batch));
    }
  }
  for (const Case& c : all_cases()) {
    ++number;
    for (int8_t magic = 0; magic < 2; ++magic) {
      const auto down = convert_down(as_bytes(c.bytes), magic, 0, kPlenty, false);
      ASSERT_TRUE(down.ok());
      offer(absl::StrCat("down", number, "to", magic), as_bytes(*down));
    }
    if (first_magic(as_bytes(c.bytes)) == 2 || c.name.find("all formats") != c.name.npos) continue;
    const auto up = convert_up(as_bytes(c.bytes), kPlenty);
    ASSERT_TRUE(up.ok());
    offer(absl::StrCat("up", number), as_bytes(up->batches));
  }
}

// The old LZ4 header checksum is in what the client of format 0 writes, and only there.
TEST(GoldenRecordsTest, Lz4InFormat0CarriesTheLegacyChecksum) {
  int seen = 0;
  for (const Case& c : all_cases()) {
    const auto entry = parse_entry_header(as_bytes(c.bytes));
    if (!entry.ok() || entry->codec != Codec::kLz4) continue;
    const size_t frame = c.bytes.find(from_hex("04224d18"));
    ASSERT_NE(frame, c.bytes.npos);
    const Bytes input = as_bytes("x");
    const auto like =
        compress(Codec::kLz4, input, 0,
                 entry->magic == 0 ? Lz4Header::kLegacyChecksum : Lz4Header::kCorrect);
    EXPECT_EQ(to_hex(as_bytes(c.bytes).subspan(frame, 7)), to_hex(as_bytes(like).first(7)))
        << c.name;
    ++seen;
  }
  EXPECT_GE(seen, 10);
}

}  // namespace
}  // namespace moldau
