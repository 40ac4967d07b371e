// What Log::append accepts from clients.
#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class AppendTest : public LogFixture {
 protected:
  ErrorCode error_of(std::string bytes) { return append_bytes(std::move(bytes)).error; }
};

TEST_F(AppendTest, DamagedBatchesAreCorrupt) {
  open();
  std::string flipped = make_batch({});
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_EQ(error_of(flipped), ErrorCode::kCorruptMessage);
  const std::string batch = make_batch({});
  for (size_t size = 1; size < batch.size(); ++size)
    EXPECT_EQ(error_of(batch.substr(0, size)), ErrorCode::kCorruptMessage) << size;
  EXPECT_EQ(log_->log_end_offset(), 0);
}

TEST_F(AppendTest, NothingAtAllIsInvalid) {
  open();
  EXPECT_EQ(error_of(""), ErrorCode::kInvalidRecord);
}

TEST_F(AppendTest, OldFormatsAreNotAppended) {
  open();
  std::string old = make_batch({});
  old[kMagicPosition] = 1;
  EXPECT_EQ(error_of(old), ErrorCode::kInvalidRecord);
}

TEST_F(AppendTest, MaxMessageBytesBoundsTheWholeBatch) {
  const std::string batch = make_batch({});
  config_.max_message_bytes = static_cast<int32_t>(batch.size());
  open();
  EXPECT_EQ(error_of(batch), ErrorCode::kNone);
  config_.max_message_bytes -= 1;
  log_->set_config(config_);
  EXPECT_EQ(error_of(batch), ErrorCode::kMessageTooLarge);
}

TEST_F(AppendTest, ABatchLargerThanASegmentIsRefused) {
  config_.segment_bytes = 200;
  open();
  EXPECT_EQ(append({.value = std::string(500, 'x')}).error, ErrorCode::kRecordListTooLarge);
}

TEST_F(AppendTest, ClientsMayNotWriteControlRecords) {
  open();
  EXPECT_EQ(error_of(make_end_marker(1, 0, true, 0, 0)), ErrorCode::kInvalidRecord);
}

TEST_F(AppendTest, AProducerIdNeedsASequence) {
  open();
  EXPECT_EQ(append({.producer_id = 7, .producer_epoch = 0}).error, ErrorCode::kInvalidRecord);
}

TEST_F(AppendTest, ACompactedTopicNeedsKeys) {
  config_.cleanup_compact = true;
  open();
  EXPECT_EQ(append().error, ErrorCode::kNone);
  const auto refused = append({.records = 2, .key = std::nullopt});
  EXPECT_EQ(refused.error, ErrorCode::kInvalidRecord);
  EXPECT_THAT(refused.record_errors,
              ElementsAre(Pair(0, HasSubstr("key")), Pair(1, HasSubstr("key"))));
}

TEST_F(AppendTest, TimestampsAreBoundedBothWays) {
  config_.message_timestamp_after_max_ms = 1000;
  config_.message_timestamp_before_max_ms = 2000;
  open();
  EXPECT_EQ(append({.timestamp_ms = now_ms_ + 1000}).error, ErrorCode::kNone);
  EXPECT_EQ(append({.timestamp_ms = now_ms_ - 2000}).error, ErrorCode::kNone);
  EXPECT_EQ(append({.timestamp_ms = now_ms_ - 2001}).error, ErrorCode::kInvalidTimestamp);
  const auto late = append({.records = 2, .timestamp_ms = now_ms_ + 1000});
  EXPECT_EQ(late.error, ErrorCode::kInvalidTimestamp);
  EXPECT_THAT(late.record_errors, ElementsAre(Pair(1, HasSubstr("out of range"))));
}

TEST_F(AppendTest, NoTimestampIsFine) {
  config_.message_timestamp_before_max_ms = 1;
  open();
  EXPECT_EQ(append({.timestamp_ms = kNoTimestamp}).error, ErrorCode::kNone);
}

TEST_F(AppendTest, AppendTimeIsSetAndReported) {
  config_.message_timestamp_type = TimestampType::kLogAppendTime;
  open();
  EXPECT_EQ(append({.timestamp_ms = 5}).log_append_time_ms, now_ms_);
  auto bytes = log_->read(0, INT64_MAX, 1000);
  ASSERT_TRUE(check_batch(bytes->batches).ok());
  const auto header = *parse_batch_header(bytes->batches);
  EXPECT_EQ(header.timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(header.max_timestamp, now_ms_);
}

TEST_F(AppendTest, ATopicsCodecReplacesTheProducers) {
  config_.compression = Codec::kZstd;
  open();
  append({.records = 100,
          .codec = Codec::kGzip,
          .producer_id = 7,
          .producer_epoch = 1,
          .base_sequence = 0});
  auto bytes = log_->read(0, INT64_MAX, 100'000);
  const auto header = *parse_batch_header(bytes->batches);
  EXPECT_TRUE(check_batch(bytes->batches).ok());
  EXPECT_EQ(header.codec(), Codec::kZstd);
  EXPECT_EQ(header.producer_id, 7);
  EXPECT_EQ(header.record_count, 100);
  EXPECT_EQ(offsets(), count_up(0, 100));
}

TEST_F(AppendTest, SeveralBatchesAtOnceFollowOnEachOther) {
  config_.compression = Codec::kLz4;
  open();
  const auto result =
      append_bytes(make_batch({.records = 2, .codec = Codec::kLz4}) + make_batch({.records = 3}) +
                   make_batch({.codec = Codec::kGzip}));
  EXPECT_EQ(result.first_offset, 0);
  EXPECT_EQ(result.last_offset, 5);
  EXPECT_EQ(offsets(), count_up(0, 6));
}

}  // namespace
}  // namespace moldau
