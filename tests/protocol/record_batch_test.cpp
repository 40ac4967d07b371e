#include "protocol/record_batch.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"

namespace moldau {
namespace {

using testing::ElementsAre;

BatchBuilder two_records(BatchBuilder::Options options) {
  BatchBuilder builder(options);
  builder.add(1000, as_bytes("k"), as_bytes("v"), {{"h", as_bytes("1")}, {"null", std::nullopt}});
  builder.add(990, std::nullopt, std::nullopt);
  return builder;
}

std::string batch_of_two(BatchBuilder::Options options = {}) {
  return two_records(options).build();
}

// `batch` with `value` stored at `at`, and the checksum made right again.
template <class T>
std::string with(std::string batch, size_t at, T value) {
  auto* p = reinterpret_cast<uint8_t*>(batch.data());
  store_big_endian(p + at, value);
  store_big_endian(p + 17, crc32c(as_bytes(batch).subspan(21)));
  return batch;
}

std::vector<int64_t> offsets(std::string_view batch) {
  std::vector<int64_t> out;
  EXPECT_TRUE(for_each_record(as_bytes(batch), [&](const Record& r) {
                out.push_back(r.offset);
                return true;
              }).ok());
  return out;
}

// An uncompressed batch whose records section is `records` verbatim.
std::string batch_with_records(std::string_view records, int32_t count, int32_t last_delta) {
  std::string batch = batch_of_two().substr(0, kBatchHeaderBytes).append(records);
  batch = with(batch, 8, static_cast<int32_t>(batch.size() - kLogOverhead));
  return with(with(batch, 57, count), 23, last_delta);
}

TEST(RecordBatchTest, BuiltBatchCarriesItsOptions) {
  const std::string batch = batch_of_two({.base_offset = 42,
                                          .leader_epoch = 7,
                                          .producer_id = 9,
                                          .producer_epoch = 3,
                                          .base_sequence = 11,
                                          .is_transactional = true});
  const auto h = parse_batch_header(as_bytes(batch));
  ASSERT_TRUE(h.ok()) << h.status();
  EXPECT_EQ(h->base_offset, 42);
  EXPECT_EQ(h->last_offset(), 43);
  EXPECT_EQ(h->next_offset(), 44);
  EXPECT_EQ(h->size_bytes(), batch.size());
  EXPECT_EQ(h->partition_leader_epoch, 7);
  EXPECT_EQ(h->base_timestamp, 1000);
  EXPECT_EQ(h->max_timestamp, 1000);
  EXPECT_EQ(h->producer_id, 9);
  EXPECT_EQ(h->producer_epoch, 3);
  EXPECT_EQ(h->base_sequence, 11);
  EXPECT_EQ(h->last_sequence(), 12);
  EXPECT_EQ(h->record_count, 2);
  EXPECT_TRUE(h->is_transactional());
  EXPECT_FALSE(h->is_control());
  EXPECT_TRUE(check_batch(as_bytes(batch)).ok());
}

TEST(RecordBatchTest, RecordsComeBackWithEveryCodec) {
  for (const Codec codec :
       {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    const std::string batch = batch_of_two({.base_offset = 5, .codec = codec});
    ASSERT_TRUE(check_batch(as_bytes(batch)).ok());
    int seen = 0;
    const auto status = for_each_record(as_bytes(batch), [&](const Record& r) {
      EXPECT_EQ(r.offset, 5 + seen);
      EXPECT_EQ(r.timestamp, seen == 0 ? 1000 : 990);
      EXPECT_EQ(r.key.has_value(), seen == 0);
      EXPECT_EQ(r.value.has_value(), seen == 0);
      EXPECT_EQ(r.headers.size(), seen == 0 ? 2u : 0u);
      if (seen == 0) {
        EXPECT_EQ(as_text(*r.key), "k");
        EXPECT_EQ(as_text(*r.value), "v");
        EXPECT_EQ(r.headers[0].key, "h");
        EXPECT_EQ(as_text(*r.headers[0].value), "1");
        EXPECT_FALSE(r.headers[1].value.has_value());
      }
      ++seen;
      return true;
    });
    EXPECT_TRUE(status.ok()) << codec_name(codec) << ": " << status;
    EXPECT_EQ(seen, 2);
  }
}

TEST(RecordBatchTest, EmptyKeyIsNotNull) {
  BatchBuilder builder({});
  builder.add(0, Bytes{}, Bytes{});
  EXPECT_TRUE(for_each_record(as_bytes(builder.build()), [](const Record& r) {
                EXPECT_TRUE(r.key.has_value() && r.key->empty());
                EXPECT_TRUE(r.value.has_value() && r.value->empty());
                return true;
              }).ok());
}

TEST(RecordBatchTest, VisitorStopsTheWalk) {
  int seen = 0;
  EXPECT_TRUE(for_each_record(as_bytes(batch_of_two()), [&](const Record&) {
                ++seen;
                return false;
              }).ok());
  EXPECT_EQ(seen, 1);
}

TEST(RecordBatchTest, OffsetsMayHaveGaps) {
  BatchBuilder builder({.base_offset = 100});
  builder.add_at(103, 0, std::nullopt, as_bytes("a"));
  builder.add_at(109, 0, std::nullopt, as_bytes("b"));
  const std::string batch = builder.build();
  EXPECT_TRUE(check_batch(as_bytes(batch)).ok());
  EXPECT_THAT(offsets(batch), ElementsAre(103, 109));
}

TEST(RecordBatchTest, ProducedBatchLeavesNoOffsetOut) {
  BatchBuilder builder({});
  builder.add_at(1, 0, std::nullopt, as_bytes("a"));
  EXPECT_TRUE(absl::IsInvalidArgument(check_produced_batch(as_bytes(builder.build()))));
  EXPECT_TRUE(check_produced_batch(as_bytes(batch_of_two())).ok());
}

TEST(RecordBatchTest, ProducedBatchIsNoControlBatchAndHasASequence) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(check_produced_batch(as_bytes(batch_of_two({.is_control = true})))));
  EXPECT_TRUE(absl::IsInvalidArgument(
      check_produced_batch(as_bytes(batch_of_two({.producer_id = 4, .producer_epoch = 0})))));
  EXPECT_TRUE(
      check_produced_batch(
          as_bytes(batch_of_two({.producer_id = 4, .producer_epoch = 0, .base_sequence = 0})))
          .ok());
}

TEST(RecordBatchTest, EveryChangedByteFailsTheCheck) {
  const std::string batch = batch_of_two();
  for (size_t i = 0; i < batch.size(); ++i) {
    // The leader's own fields, which the checksum leaves out.
    if (i < 8 || (i >= 12 && i < 16)) continue;
    std::string changed = batch;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(changed)))) << "byte " << i;
  }
}

TEST(RecordBatchTest, EveryCutFailsTheCheck) {
  const std::string batch = batch_of_two();
  for (size_t size = 0; size < batch.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(batch).first(size)))) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(batch + "x"))));
}

TEST(RecordBatchTest, ShortHeaderIsOutOfRange) {
  const std::string batch = batch_of_two();
  EXPECT_TRUE(absl::IsOutOfRange(parse_batch_header(as_bytes(batch).first(60)).status()));
}

TEST(RecordBatchTest, ImpossibleHeadersAreDataLoss) {
  const std::string batch = batch_of_two();
  for (const std::string& bytes :
       {with(batch, 8, int32_t{48}), with(batch, 8, int32_t{-1}), with(batch, 16, int8_t{1}),
        with(batch, 16, int8_t{3}), with(batch, 23, int32_t{-1}),
        with(batch, 0, std::numeric_limits<int64_t>::max())}) {
    EXPECT_TRUE(absl::IsDataLoss(parse_batch_header(as_bytes(bytes)).status()));
  }
}

TEST(RecordBatchTest, UnknownCodecAndImpossibleCountsFailTheCheck) {
  const std::string batch = batch_of_two();
  EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(with(batch, 21, int16_t{5})))));
  EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(with(batch, 57, int32_t{3})))));
  EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(with(batch, 57, int32_t{-1})))));
}

TEST(RecordBatchTest, MoreRecordsThanCouldFitFailTheCheck) {
  const std::string many_claimed = with(with(batch_of_two(), 23, int32_t{99}), 57, int32_t{99});
  EXPECT_TRUE(absl::IsDataLoss(check_batch(as_bytes(many_claimed))));
}

TEST(RecordBatchTest, LeaderSetsOffsetAndEpochOutsideTheChecksum) {
  std::string batch = batch_of_two();
  set_offset_and_epoch({reinterpret_cast<uint8_t*>(batch.data()), batch.size()}, 1000, 12);
  EXPECT_TRUE(check_batch(as_bytes(batch)).ok());
  EXPECT_EQ(parse_batch_header(as_bytes(batch))->partition_leader_epoch, 12);
  EXPECT_THAT(offsets(batch), ElementsAre(1000, 1001));
}

TEST(RecordBatchTest, AppendTimeIsEveryRecordsTimestamp) {
  std::string batch = batch_of_two({.codec = Codec::kLz4});
  set_log_append_time({reinterpret_cast<uint8_t*>(batch.data()), batch.size()}, 5555);
  EXPECT_TRUE(check_batch(as_bytes(batch)).ok());
  EXPECT_EQ(parse_batch_header(as_bytes(batch))->timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(parse_batch_header(as_bytes(batch))->codec(), Codec::kLz4);
  EXPECT_TRUE(for_each_record(as_bytes(batch), [](const Record& r) {
                EXPECT_EQ(r.timestamp, 5555);
                return true;
              }).ok());
}

TEST(RecordBatchTest, SequencesWrapToZero) {
  BatchHeader header;
  header.base_sequence = std::numeric_limits<int32_t>::max() - 1;
  header.last_offset_delta = 1;
  EXPECT_EQ(header.last_sequence(), std::numeric_limits<int32_t>::max());
  header.last_offset_delta = 2;
  EXPECT_EQ(header.last_sequence(), 0);
  header.base_sequence = kNoSequence;
  EXPECT_EQ(header.last_sequence(), kNoSequence);
}

TEST(RecordBatchTest, EmptyBatchLeftByCompactionHasNoRecords) {
  const std::string batch = batch_with_records("", 0, 9);
  EXPECT_TRUE(check_batch(as_bytes(batch)).ok());
  EXPECT_THAT(offsets(batch), ElementsAre());
}

TEST(RecordBatchTest, BadRecordsAreDataLoss) {
  // length 6, attributes, timestamp delta, offset delta, null key, null value, no headers
  const std::string good("\x0c\0\0\0\1\1\0", 7);
  EXPECT_TRUE(check_records(as_bytes(batch_with_records(good, 1, 0))).ok());
  const std::pair<const char*, std::string> cases[] = {
      {"record length past the end", std::string("\x0e\0\0\0\1\1\0", 7)},
      {"negative record length", std::string("\1\0\0\0\1\1\0", 7)},
      {"bytes left in the record", std::string("\x0e\0\0\0\1\1\0\0", 8)},
      {"bytes left after the records", good + "x"},
      {"second record missing from the count", good + std::string("\x0c\0\0\2\1\1\0", 7)},
      {"key past the record's end", std::string("\x0c\0\0\0\x20\1\0", 7)},
      {"key length -2", std::string("\x0c\0\0\0\3\1\0", 7)},
      {"header count negative", std::string("\x0c\0\0\0\1\1\1", 7)},
      {"header count without headers", std::string("\x0c\0\0\0\1\1\x40", 7)},
      {"header key null", std::string("\x10\0\0\0\1\1\2\1\1", 9)},
      {"offset delta outside the batch", std::string("\x0c\0\0\2\1\1\0", 7)},
      {"offset delta negative", std::string("\x0c\0\0\1\1\1\0", 7)},
      {"varint of six bytes", std::string("\x80\x80\x80\x80\x80\0\0\0\0\1\1\0", 12)},
      {"nothing", ""},
  };
  for (const auto& [what, records] : cases) {
    EXPECT_TRUE(absl::IsDataLoss(check_records(as_bytes(batch_with_records(records, 1, 0)))))
        << what;
  }
}

TEST(RecordBatchTest, OffsetDeltasMustRise) {
  const std::string twice("\x0c\0\0\0\1\1\0\x0c\0\0\0\1\1\0", 14);
  EXPECT_TRUE(absl::IsDataLoss(check_records(as_bytes(batch_with_records(twice, 2, 1)))));
}

TEST(RecordBatchTest, DecompressionIsBounded) {
  BatchBuilder builder({.codec = Codec::kZstd});
  builder.add(0, std::nullopt, as_bytes(std::string(100000, 'x')));
  EXPECT_TRUE(absl::IsResourceExhausted(check_records(as_bytes(builder.build()), 1000)));
}

TEST(RecordBatchTest, TimestampsMayBeAnyNumbers) {
  BatchBuilder builder({});
  builder.add(std::numeric_limits<int64_t>::max(), std::nullopt, std::nullopt);
  builder.add(std::numeric_limits<int64_t>::min(), std::nullopt, std::nullopt);
  std::vector<int64_t> seen;
  EXPECT_TRUE(for_each_record(as_bytes(builder.build()), [&](const Record& r) {
                seen.push_back(r.timestamp);
                return true;
              }).ok());
  EXPECT_THAT(
      seen, ElementsAre(std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()));
}

TEST(RecordBatchTest, CutBatchAtTheEndIsLeftOut) {
  const std::string one = batch_of_two();
  const std::string three = one + batch_of_two({.base_offset = 2}) + one.substr(0, 70);
  std::vector<int64_t> bases;
  EXPECT_TRUE(for_each_batch(as_bytes(three), [&](const BatchHeader& h, Bytes bytes) {
                EXPECT_EQ(bytes.size(), h.size_bytes());
                bases.push_back(h.base_offset);
                return true;
              }).ok());
  EXPECT_THAT(bases, ElementsAre(0, 2));
}

}  // namespace
}  // namespace moldau
