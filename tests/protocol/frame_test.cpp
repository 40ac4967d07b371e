#include "protocol/metadata_records/frame.h"

#include "protocol/metadata_records/topic.h"
#include "protocol/records/control_record_type.h"
#include "protocol/records/end_txn_marker.h"
#include "protocol/records/frame.h"
#include "protocol/records/offset_commit.h"

#include "gtest/gtest.h"

namespace moldau {
namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string s;
  for (int b : list) s += static_cast<char>(b);
  return s;
}

TEST(RecordFrameTest, KeysStartWithTheirType) {
  OffsetCommitKey key{.group = "g", .topic = "t", .partition = 3};
  std::string record = encode_key(key);
  EXPECT_EQ(record, bytes({0, 1, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 3}));
  EXPECT_EQ(*read_int16_prefix(as_bytes(record)), OffsetCommitKey::kApi.key);
  auto back = decode_key<OffsetCommitKey>(as_bytes(record));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->group, "g");
}

TEST(RecordFrameTest, ValuesStartWithTheirVersion) {
  OffsetCommitValue value{.offset = 42, .leader_epoch = 7, .metadata = "m", .commit_timestamp = 1};
  for (Version v = 0; v <= OffsetCommitValue::kApi.last; ++v) {
    std::string record = encode_value(value, v);
    EXPECT_EQ(record.substr(0, 2), bytes({0, v}));
    auto back = decode_value<OffsetCommitValue>(as_bytes(record));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->offset, 42);
    EXPECT_EQ(back->leader_epoch, v >= 3 ? 7 : -1);
  }
}

TEST(RecordFrameTest, AnUnknownVersionOrTypeIsAnError) {
  EXPECT_FALSE(decode_value<OffsetCommitValue>(as_bytes(bytes({0, 9}))).ok());
  EXPECT_FALSE(decode_value<OffsetCommitValue>(as_bytes(bytes({0}))).ok());
  EXPECT_FALSE(read_int16_prefix({}).ok());
}

TEST(RecordFrameTest, TransactionMarkersHaveTheFormOfValues) {
  EXPECT_EQ(encode_value(ControlRecordTypeSchema{.type = 1}, 0), bytes({0, 0, 0, 1}));
  EXPECT_EQ(encode_value(EndTxnMarker{.coordinator_epoch = 5}, 0), bytes({0, 0, 0, 0, 0, 5}));
}

TEST(MetadataFrameTest, SaysTypeAndVersionInVarints) {
  TopicRecord topic{.name = "t"};
  std::string record = encode_metadata(topic, 0);
  EXPECT_EQ(record.substr(0, 3), bytes({1, 2, 0}));
  auto frame = parse_metadata_frame(as_bytes(record));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->type, TopicRecord::kApi.key);
  auto back = decode_metadata<TopicRecord>(*frame);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->name, "t");
}

TEST(MetadataFrameTest, TypesBeyond127TakeTwoBytes) {
  std::string record = encode_metadata_frame(300, 1, "body");
  EXPECT_EQ(record, bytes({1, -84, 2, 1}) + "body");
  auto frame = parse_metadata_frame(as_bytes(record));
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(frame->type, 300);
  EXPECT_EQ(as_text(frame->body), "body");
}

TEST(MetadataFrameTest, OtherFramesAreRefused) {
  EXPECT_FALSE(parse_metadata_frame({}).ok());
  EXPECT_FALSE(parse_metadata_frame(as_bytes(bytes({2, 2, 0}))).ok());
  EXPECT_FALSE(parse_metadata_frame(as_bytes(bytes({1, 2}))).ok());
  EXPECT_FALSE(parse_metadata_frame(as_bytes(bytes({1, -1, -1, 127, 0}))).ok());
}

}  // namespace
}  // namespace moldau
