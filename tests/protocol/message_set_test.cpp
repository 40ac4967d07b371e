#include "protocol/message_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"
#include "protocol/log_entry.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

using testing::ElementsAre;

constexpr size_t kPlenty = 1u << 20;
constexpr int8_t kAppendTime = 0x08;

struct MessageFields {
  int8_t magic = 1;
  int8_t attributes = 0;
  int64_t offset = 0;
  int64_t timestamp = 0;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
};

void append_nullable(std::string& out, const std::optional<Bytes>& bytes) {
  append_big_endian(out, bytes ? static_cast<int32_t>(bytes->size()) : -1);
  if (bytes) out.append(as_text(*bytes));
}

// A message as a client would write it, wrong in whatever way its fields are.
std::string message(const MessageFields& m) {
  std::string body;
  append_big_endian(body, m.magic);
  append_big_endian(body, m.attributes);
  if (m.magic == 1) append_big_endian(body, m.timestamp);
  append_nullable(body, m.key);
  append_nullable(body, m.value);
  std::string out;
  append_big_endian(out, m.offset);
  append_big_endian(out, static_cast<int32_t>(body.size() + 4));
  append_big_endian(out, crc32_ieee(as_bytes(body)));
  return out + body;
}

std::string plain(int8_t magic, int64_t offset, int64_t timestamp, std::string_view value) {
  return message(
      {.magic = magic, .offset = offset, .timestamp = timestamp, .value = as_bytes(value)});
}

std::string wrapper(int8_t magic, Codec codec, std::string_view inner, int64_t offset = 0,
                    int64_t timestamp = 0, int8_t more_attributes = 0) {
  const std::string block = compress(codec, as_bytes(inner));
  return message({.magic = magic,
                  .attributes = static_cast<int8_t>(static_cast<int8_t>(codec) | more_attributes),
                  .offset = offset,
                  .timestamp = timestamp,
                  .value = as_bytes(block)});
}

std::string line(const Record& r) {
  return absl::StrCat(r.offset, "@", r.timestamp, " ",
                      r.value ? std::string(as_text(*r.value)) : "null");
}

// What is in a message set: "offset@timestamp value" each.
std::vector<std::string> messages(std::string_view set) {
  std::vector<std::string> out;
  const auto status = for_each_message(as_bytes(set), [&](const Record& r) {
    out.push_back(line(r));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

// What up-conversion makes: a line "codec type" for each batch, then its records.
std::vector<std::string> converted_up(std::string_view set) {
  std::vector<std::string> out;
  const auto up = convert_up(as_bytes(set), kPlenty);
  EXPECT_TRUE(up.ok()) << up.status();
  if (!up.ok()) return out;
  const auto status = for_each_batch(as_bytes(up->batches), [&](const BatchHeader& h, Bytes batch) {
    EXPECT_TRUE(check_produced_batch(batch).ok());
    const bool append = h.timestamp_type() == TimestampType::kLogAppendTime;
    out.push_back(absl::StrCat(codec_name(h.codec()), append ? " append" : " create"));
    return for_each_record(batch,
                           [&](const Record& r) {
                             out.push_back(line(r));
                             return true;
                           })
        .ok();
  });
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

absl::Status up_error(std::string_view set) {
  const absl::Status up = convert_up(as_bytes(set), kPlenty).status();
  const absl::Status walk = for_each_message(
      as_bytes(set), [](const Record&) { return true; }, kPlenty);
  EXPECT_EQ(up.code(), walk.code()) << up << " but " << walk;
  return up;
}

// --- Up ---

TEST(ConvertUpTest, NeighbouringPlainMessagesBecomeOneBatch) {
  EXPECT_THAT(converted_up(plain(1, 0, 100, "a") + plain(1, 0, 90, "b")),
              ElementsAre("none create", "0@100 a", "1@90 b"));
}

TEST(ConvertUpTest, Format0HasNoTimestamp) {
  EXPECT_THAT(converted_up(plain(0, 0, 0, "a") + plain(1, 0, 90, "b")),
              ElementsAre("none create", "0@-1 a", "1@90 b"));
}

TEST(ConvertUpTest, NullsAndEmptiesStayApart) {
  const std::string set = message({.key = Bytes{}, .value = std::nullopt}) +
                          message({.key = std::nullopt, .value = Bytes{}});
  std::vector<std::string> seen;
  const auto up = convert_up(as_bytes(set), kPlenty);
  ASSERT_TRUE(up.ok());
  EXPECT_EQ(up->record_count, 2);
  EXPECT_TRUE(for_each_record(as_bytes(up->batches), [&](const Record& r) {
                seen.push_back(absl::StrCat(r.key.has_value(), r.value.has_value()));
                return true;
              }).ok());
  EXPECT_THAT(seen, ElementsAre("10", "01"));
}

TEST(ConvertUpTest, WrapperBecomesABatchOfItsCodec) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 1, 6, "b");
  for (const Codec codec : {Codec::kGzip, Codec::kSnappy, Codec::kLz4}) {
    EXPECT_THAT(converted_up(wrapper(1, codec, inner, 1, 6)),
                ElementsAre(absl::StrCat(codec_name(codec), " create"), "0@5 a", "1@6 b"));
  }
}

// kafka-node: offsets all 0, the wrapper's timestamp 0.
TEST(ConvertUpTest, InnerOffsetsAndWrapperTimestampOfZeroDoNotMatter) {
  const std::string inner = plain(1, 0, 500, "a") + plain(1, 0, 501, "b") + plain(1, 0, 502, "c");
  EXPECT_THAT(converted_up(wrapper(1, Codec::kGzip, inner, 0, 0)),
              ElementsAre("gzip create", "0@500 a", "1@501 b", "2@502 c"));
}

// kafka-node through Produce v0-v1.
TEST(ConvertUpTest, Format1InsideAFormat0WrapperKeepsItsTimestamps) {
  EXPECT_THAT(converted_up(wrapper(0, Codec::kGzip, plain(1, 0, 500, "a"))),
              ElementsAre("gzip create", "0@500 a"));
}

TEST(ConvertUpTest, Format0InsideAFormat1WrapperIsTaken) {
  EXPECT_THAT(converted_up(wrapper(1, Codec::kGzip, plain(0, 0, 0, "a"), 0, 77)),
              ElementsAre("gzip create", "0@-1 a"));
}

TEST(ConvertUpTest, AppendTimeOfAWrapperGoesToAllInside) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 1, 6, "b");
  EXPECT_THAT(converted_up(wrapper(1, Codec::kGzip, inner, 1, 999, kAppendTime)),
              ElementsAre("gzip append", "0@999 a", "1@999 b"));
}

TEST(ConvertUpTest, MessagesOfDifferentAppendTimesAreDifferentBatches) {
  const auto at = [](int64_t timestamp, std::string_view value) {
    return message({.attributes = kAppendTime, .timestamp = timestamp, .value = as_bytes(value)});
  };
  EXPECT_THAT(
      converted_up(at(5, "a") + at(5, "b") + at(6, "c") + plain(1, 0, 6, "d")),
      ElementsAre("none append", "0@5 a", "1@5 b", "none append", "2@6 c", "none create", "3@6 d"));
}

TEST(ConvertUpTest, PlainMessagesAndWrappersMayBeMixed) {
  const std::string set = plain(1, 0, 1, "a") + wrapper(1, Codec::kSnappy, plain(1, 0, 2, "b")) +
                          wrapper(0, Codec::kLz4, plain(0, 0, 0, "c")) + plain(0, 9, 0, "d");
  EXPECT_THAT(converted_up(set), ElementsAre("none create", "0@1 a", "snappy create", "1@2 b",
                                             "lz4 create", "2@-1 c", "none create", "3@-1 d"));
}

// kafka-node writes snappy as one raw block. Here it is all literals: length 27, tag, bytes.
TEST(ConvertUpTest, RawSnappyIsTaken) {
  const std::string inner = plain(0, 0, 0, "a");
  ASSERT_EQ(inner.size(), 27u);
  const std::string block = absl::StrCat(std::string{27, 26 << 2}, inner);
  EXPECT_THAT(converted_up(message({.magic = 0, .attributes = 2, .value = as_bytes(block)})),
              ElementsAre("snappy create", "0@-1 a"));
}

TEST(ConvertUpTest, OldLz4HeaderChecksumIsTaken) {
  const std::string inner = plain(0, 0, 0, "a");
  const std::string block = compress(Codec::kLz4, as_bytes(inner), 0, Lz4Header::kLegacyChecksum);
  EXPECT_THAT(converted_up(message({.magic = 0, .attributes = 3, .value = as_bytes(block)})),
              ElementsAre("lz4 create", "0@-1 a"));
}

TEST(ConvertUpTest, NothingIsNoBatch) {
  const auto up = convert_up({}, kPlenty);
  ASSERT_TRUE(up.ok());
  EXPECT_EQ(up->batches, "");
  EXPECT_EQ(up->record_count, 0);
}

// --- What is refused ---

TEST(MessageSetTest, EveryChangedByteAfterTheOffsetIsDataLoss) {
  for (const std::string& good : {plain(0, 0, 0, "value"), plain(1, 0, 5, "value"),
                                  wrapper(1, Codec::kGzip, plain(1, 0, 5, "value"))}) {
    for (size_t i = 8; i < good.size(); ++i) {
      std::string changed = good;
      changed[i] = static_cast<char>(changed[i] ^ 0x41);
      EXPECT_TRUE(absl::IsDataLoss(up_error(changed))) << "byte " << i;
      EXPECT_TRUE(absl::IsDataLoss(check_message(as_bytes(changed)))) << "byte " << i;
    }
  }
}

TEST(MessageSetTest, EveryCutIsDataLoss) {
  const std::string set = plain(1, 0, 5, "first") + plain(0, 0, 0, "second");
  const size_t first = plain(1, 0, 5, "first").size();
  for (size_t size = 1; size < set.size(); ++size) {
    if (size != first) {
      EXPECT_TRUE(absl::IsDataLoss(up_error(set.substr(0, size)))) << size;
    }
  }
}

TEST(MessageSetTest, CutMessageInsideAWrapperIsDataLoss) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 1, 6, "b");
  EXPECT_TRUE(
      absl::IsDataLoss(up_error(wrapper(1, Codec::kGzip, inner.substr(0, inner.size() - 1), 1))));
}

TEST(MessageSetTest, WrapperInAWrapperIsDataLoss) {
  const std::string inner = wrapper(1, Codec::kGzip, plain(1, 0, 5, "a"));
  EXPECT_TRUE(absl::IsDataLoss(up_error(wrapper(1, Codec::kGzip, inner))));
}

TEST(MessageSetTest, EmptyAndNullWrappersAreDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(up_error(wrapper(1, Codec::kGzip, ""))));
  EXPECT_TRUE(absl::IsDataLoss(up_error(message({.attributes = 1, .value = std::nullopt}))));
  EXPECT_TRUE(absl::IsDataLoss(up_error(message({.attributes = 1, .value = Bytes{}}))));
}

TEST(MessageSetTest, ZstdAndUnknownCodecsAreDataLoss) {
  for (const int8_t codec : {4, 5, 6, 7}) {
    EXPECT_TRUE(absl::IsDataLoss(up_error(message({.attributes = codec, .value = as_bytes("x")}))));
  }
}

TEST(MessageSetTest, Format2AmongOldMessagesIsDataLoss) {
  BatchBuilder builder({});
  builder.add(0, std::nullopt, as_bytes("v"));
  EXPECT_TRUE(absl::IsDataLoss(up_error(plain(1, 0, 5, "a") + builder.build())));
}

TEST(MessageSetTest, BytesLeftInAMessageAreDataLoss) {
  // The value's length says one byte less than there is, under a right checksum.
  std::string set = plain(0, 0, 0, "ab");
  auto* p = reinterpret_cast<uint8_t*>(set.data());
  store_big_endian(p + 22, int32_t{1});
  store_big_endian(p + 12, crc32_ieee(as_bytes(set).subspan(16)));
  EXPECT_TRUE(absl::IsDataLoss(up_error(set)));
}

TEST(MessageSetTest, WrappersTogetherAreBounded) {
  const std::string zeros(kPlenty / 2, '\0');
  const std::string half = wrapper(1, Codec::kGzip, plain(1, 0, 5, zeros));
  EXPECT_TRUE(up_error(half).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(up_error(half + half)));
}

// --- Offsets in a log ---

TEST(MessageSetTest, Format0InnerOffsetsAreAbsolute) {
  const std::string inner = plain(0, 40, 0, "a") + plain(0, 42, 0, "b");
  EXPECT_THAT(messages(wrapper(0, Codec::kGzip, inner, 42)), ElementsAre("40@-1 a", "42@-1 b"));
}

TEST(MessageSetTest, Format1InnerOffsetsAreRelativeToTheFirst) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 2, 6, "b");
  EXPECT_THAT(messages(wrapper(1, Codec::kGzip, inner, 42)), ElementsAre("40@5 a", "42@6 b"));
}

TEST(MessageSetTest, Format1WrapperOfOffsetZeroCountsFromZero) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 1, 6, "b");
  EXPECT_THAT(messages(wrapper(1, Codec::kGzip, inner, 0)), ElementsAre("0@5 a", "1@6 b"));
}

TEST(MessageSetTest, InnerOffsetPastItsWrappersIsDataLoss) {
  const std::string set = wrapper(1, Codec::kGzip, plain(1, 9, 5, "a"), 8);
  EXPECT_TRUE(
      absl::IsDataLoss(for_each_message(as_bytes(set), [](const Record&) { return true; })));
}

TEST(MessageSetTest, VisitorStopsTheWalkInsideAWrapperToo) {
  const std::string inner = plain(1, 0, 5, "a") + plain(1, 1, 6, "b");
  int seen = 0;
  EXPECT_TRUE(
      for_each_message(as_bytes(wrapper(1, Codec::kGzip, inner, 1) + inner), [&](const Record&) {
        ++seen;
        return false;
      }).ok());
  EXPECT_EQ(seen, 1);
}

TEST(MessageSetTest, FirstMagicNeedsSeventeenBytes) {
  EXPECT_EQ(first_magic(as_bytes(plain(0, 0, 0, "a"))), 0);
  EXPECT_EQ(first_magic(as_bytes(plain(1, 0, 0, "a"))), 1);
  EXPECT_EQ(first_magic(as_bytes(plain(1, 0, 0, "a")).first(17)), 1);
  EXPECT_EQ(first_magic(as_bytes(plain(1, 0, 0, "a")).first(16)), -1);
}

// --- Entries of a log, whatever their format ---

TEST(LogEntryTest, HeaderOfAWrapperHasItsLastOffsetAndItsTimestamp) {
  const std::string set =
      wrapper(1, Codec::kGzip, plain(1, 0, 5, "a") + plain(1, 2, 6, "b"), 42, 6);
  const auto entry = parse_entry_header(as_bytes(set));
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->magic, 1);
  EXPECT_EQ(entry->size_bytes, set.size());
  EXPECT_EQ(entry->last_offset, 42);
  EXPECT_EQ(entry->max_timestamp, 6);
  EXPECT_EQ(entry->codec, Codec::kGzip);
  EXPECT_EQ(*first_offset(as_bytes(set)), 40);
  EXPECT_TRUE(check_entry(as_bytes(set)).ok());
}

TEST(LogEntryTest, SizeIsKnownFromSeventeenBytesOn) {
  const std::string set = plain(0, 0, 0, "a");
  EXPECT_TRUE(absl::IsOutOfRange(entry_size(as_bytes(set).first(16)).status()));
  EXPECT_EQ(*entry_size(as_bytes(set).first(17)), set.size());
  EXPECT_TRUE(absl::IsOutOfRange(parse_entry_header(as_bytes(set).first(17)).status()));
}

TEST(LogEntryTest, ImpossibleSizesAndUnknownMagicsAreDataLoss) {
  for (const auto& [magic, smallest] : {std::pair{0, 14}, {1, 22}, {2, 49}}) {
    std::string bytes(100, '\0');
    auto* p = reinterpret_cast<uint8_t*>(bytes.data());
    p[kMagicPosition] = static_cast<uint8_t>(magic);
    store_big_endian(p + 8, int32_t{smallest});
    EXPECT_EQ(*entry_size(as_bytes(bytes)), kLogOverhead + static_cast<size_t>(smallest));
    store_big_endian(p + 8, int32_t{smallest - 1});
    EXPECT_TRUE(absl::IsDataLoss(entry_size(as_bytes(bytes)).status())) << magic;
    store_big_endian(p + 8, int32_t{-1});
    EXPECT_TRUE(absl::IsDataLoss(entry_size(as_bytes(bytes)).status())) << magic;
    p[kMagicPosition] = 3;
    EXPECT_TRUE(absl::IsDataLoss(entry_size(as_bytes(bytes)).status()));
  }
}

// --- Down ---

// Three records at 10, 11 and 12.
std::string three_records(Codec codec = Codec::kNone, bool is_control = false) {
  BatchBuilder builder({.base_offset = 10, .codec = codec, .is_control = is_control});
  for (const std::string_view value : {"a", "b", "c"}) {
    builder.add(100 + value[0], as_bytes("key"), as_bytes(value), {{"lost", as_bytes("header")}});
  }
  return builder.build();
}

std::string down(std::string_view batches, int8_t magic, int64_t from = 0, size_t max = kPlenty,
                 bool cut_last = false) {
  const auto out = convert_down(as_bytes(batches), magic, from, max, cut_last);
  EXPECT_TRUE(out.ok()) << out.status();
  return out.value_or("");
}

TEST(ConvertDownTest, OffsetsAndTimestampsStay) {
  for (const Codec codec :
       {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    EXPECT_THAT(messages(down(three_records(codec), 1)),
                ElementsAre("10@197 a", "11@198 b", "12@199 c"));
    EXPECT_THAT(messages(down(three_records(codec), 0)),
                ElementsAre("10@-1 a", "11@-1 b", "12@-1 c"));
  }
}

TEST(ConvertDownTest, RecordsBeforeTheAskedOffsetAreLeftOut) {
  EXPECT_THAT(messages(down(three_records(), 1, 11)), ElementsAre("11@198 b", "12@199 c"));
  EXPECT_EQ(down(three_records(), 1, 13), "");
}

TEST(ConvertDownTest, ControlBatchesAreLeftOut) {
  EXPECT_EQ(down(three_records(Codec::kNone, true), 1), "");
}

TEST(ConvertDownTest, AppendTimeStaysAppendTime) {
  std::string batch = three_records();
  set_log_append_time({reinterpret_cast<uint8_t*>(batch.data()), batch.size()}, 7777);
  const std::string set = down(batch, 1);
  EXPECT_EQ(parse_entry_header(as_bytes(set))->timestamp_type, TimestampType::kLogAppendTime);
  EXPECT_THAT(messages(set), ElementsAre("10@7777 a", "11@7777 b", "12@7777 c"));
  EXPECT_EQ(parse_entry_header(as_bytes(down(batch, 0)))->timestamp_type,
            TimestampType::kCreateTime);
}

TEST(ConvertDownTest, FetchUpToV2IsCutInMidMessage) {
  const std::string all = down(three_records(), 0);
  for (size_t max = 0; max <= all.size() + 1; ++max) {
    EXPECT_EQ(down(three_records(), 0, 0, max, true), all.substr(0, max)) << max;
  }
}

TEST(ConvertDownTest, FetchV3GivesWholeMessagesAndAtLeastOne) {
  const std::string all = down(three_records(), 1);
  const size_t one = all.size() / 3;
  EXPECT_EQ(down(three_records(), 1, 0, 0), all.substr(0, one));
  EXPECT_EQ(down(three_records(), 1, 0, one), all.substr(0, one));
  EXPECT_EQ(down(three_records(), 1, 0, 2 * one - 1), all.substr(0, one));
  EXPECT_EQ(down(three_records(), 1, 0, 2 * one), all.substr(0, 2 * one));
  EXPECT_EQ(down(three_records(), 1, 0, 3 * one), all);
}

TEST(ConvertDownTest, CutBatchAtTheEndIsIgnored) {
  const std::string batch = three_records();
  EXPECT_EQ(down(batch + batch.substr(0, batch.size() - 1), 1), down(batch, 1));
}

TEST(ConvertDownTest, OldMessagesInALogAreServedToo) {
  const std::string log = plain(0, 5, 0, "a") +
                          wrapper(1, Codec::kLz4, plain(1, 0, 50, "b") + plain(1, 1, 51, "c"), 7) +
                          three_records();
  EXPECT_THAT(messages(down(log, 1)),
              ElementsAre("5@-1 a", "6@50 b", "7@51 c", "10@197 a", "11@198 b", "12@199 c"));
  EXPECT_THAT(messages(down(log, 0, 7)), ElementsAre("7@-1 c", "10@-1 a", "11@-1 b", "12@-1 c"));
}

TEST(ConvertDownTest, WhatIsNotABatchIsDataLoss) {
  std::string batch = three_records();
  batch[kMagicPosition] = 9;
  EXPECT_TRUE(absl::IsDataLoss(convert_down(as_bytes(batch), 1, 0, kPlenty, false).status()));
}

}  // namespace
}  // namespace moldau
