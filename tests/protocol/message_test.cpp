#include "protocol/message.h"

#include "protocol/message_codec.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace moldau {
namespace {

using testing::HasSubstr;

// Version 0 is not flexible, version 1 is; null needs version 1.
struct Sample {
  static constexpr Api kApi{.key = 0, .name = "Sample", .first = 0, .last = 1, .flexible = 1};

  struct Item {
    int8_t number = 0;
    bool operator==(const Item&) const = default;
    void describe(auto& field) { field("number", number); }
  };

  std::string text;
  std::optional<std::string> maybe;
  std::vector<Item> items;
  std::optional<Item> item;
  int16_t seven = 7;
  Item tagged;

  void describe(auto& field) {
    field("text", text);
    field("maybe", maybe, {.nullable_since = 1});
    field("items", items);
    field("item", item, {.since = 1});
    field("seven", seven, {.since = 1, .tag = 3}, int16_t{7});
    field("tagged", tagged, {.since = 1, .tag = 1});
  }
};

std::string bytes(std::initializer_list<int> list) {
  std::string s;
  for (int b : list) s += static_cast<char>(b);
  return s;
}

template <class M = Sample>
std::string error_of(const std::string& frame, Version version) {
  M message;
  return std::string(decode(message, as_bytes(frame), version).message());
}

TEST(MessageTest, OldVersionsHaveFixedLengthsAndNoTags) {
  Sample s{.text = "ab", .maybe = "c", .items = {{.number = 5}}, .seven = 8};
  EXPECT_EQ(encode(s, 0), bytes({0, 2, 'a', 'b', 0, 1, 'c', 0, 0, 0, 1, 5}));
  EXPECT_EQ(encoded_size(s, 0), 12u);
}

TEST(MessageTest, FlexibleVersionsHaveCompactLengthsAndTags) {
  Sample s{.text = "ab", .items = {{.number = 5}}, .item = Sample::Item{6}, .seven = 8};
  s.tagged.number = 9;
  EXPECT_EQ(encode(s, 1),
            bytes({3, 'a', 'b', 0, 2, 5, 0, 1, 6, 0, /*tags*/ 2, 1, 2, 9, 0, 3, 2, 0, 8}));
  auto back = decode_as<Sample>(as_bytes(encode(s, 1)), 1);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->seven, 8);
  EXPECT_EQ(back->tagged.number, 9);
  EXPECT_EQ(back->maybe, std::nullopt);
}

TEST(MessageTest, TaggedFieldsWithTheirDefaultAreLeftOut) {
  EXPECT_EQ(encode(Sample{}, 1), bytes({1, 0, 1, -1, 0}));
  auto back = decode_as<Sample>(as_bytes(encode(Sample{.seven = 0}, 1)), 1);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->seven, 0);
}

TEST(MessageTest, AbsentIsWrittenAsEmptyWhereTheVersionHasNoNull) {
  EXPECT_EQ(encode(Sample{}, 0), bytes({0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(MessageTest, DecodingReplacesWhatWasThere) {
  Sample s{.text = "old", .items = {{1}, {2}}, .seven = 1};
  ASSERT_TRUE(decode(s, as_bytes(encode(Sample{.text = "new"}, 1)), 1).ok());
  EXPECT_EQ(s.text, "new");
  EXPECT_TRUE(s.items.empty());
  EXPECT_EQ(s.seven, 7);
}

TEST(MessageTest, StringsAreCutAtTheLimitOfTheProtocol) {
  Sample s{.text = std::string(40000, 'x')};
  for (Version v : {0, 1}) {
    auto back = decode_as<Sample>(as_bytes(encode(s, v)), v);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->text.size(), 32767u);
  }
}

TEST(MessageTest, PrintsNamesAndValues) {
  Sample s{.text = "ab", .items = {{.number = 5}, {.number = 6}}, .seven = 8};
  EXPECT_EQ(debug_string(s, 1),
            "{text: \"ab\", maybe: null, items: [{number: 5}, {number: 6}], item: null, seven: 8}");
}

TEST(MessageTest, LargeBytesAreBorrowedWhenGathered) {
  std::string large(kGatherBytes, 'L'), small(kGatherBytes - 1, 's');
  ProduceRequest request{.acks = 1, .topics = {{.name = "t"}}};
  request.topics[0].partitions = {{.index = 0, .records = as_bytes(large)},
                                  {.index = 1, .records = as_bytes(small)},
                                  {.index = 2, .records = as_bytes(large)}};
  for (Version v = 0; v <= ProduceRequest::kApi.last; ++v) {
    EncodedMessage gathered = encode_gather(request, v, "head");
    EXPECT_EQ(gathered.flatten(), "head" + encode(request, v));
    EXPECT_EQ(gathered.size(), 4 + encoded_size(request, v));
    auto pieces = gathered.pieces();
    ASSERT_GE(pieces.size(), 4u);
    EXPECT_EQ(pieces[1].data(), as_bytes(large).data());
    EXPECT_EQ(pieces[3].data(), as_bytes(large).data());
  }
}

TEST(MessageTest, DecodedBytesPointIntoTheFrame) {
  std::string records(100, 'r');
  ProduceRequest request{.topics = {{.name = "t", .partitions = {{.records = as_bytes(records)}}}}};
  std::string frame = encode(request, 9);
  auto back = decode_as<ProduceRequest>(as_bytes(frame), 9);
  ASSERT_TRUE(back.ok());
  const uint8_t* data = back->topics[0].partitions[0].records->data();
  EXPECT_TRUE(data > as_bytes(frame).data() && data < as_bytes(frame).data() + frame.size());
}

// --- Hostile input
// --------------------------------------------------------------------------------

TEST(HostileMessageTest, AnUnknownVersionIsRefused) {
  EXPECT_THAT(error_of("", 2), HasSubstr("Sample version 2 is not supported"));
  EXPECT_THAT(error_of("", -1), HasSubstr("not supported"));
}

TEST(HostileMessageTest, TheErrorNamesTheField) {
  EXPECT_EQ(error_of<MetadataRequest>(bytes({0, 0, 0, 1, 0, 5, 'a'}), 0),
            "topics.name: a length is past the end of the message");
}

TEST(HostileMessageTest, TrailingBytesAreAnErrorOfTheirOwn) {
  EXPECT_THAT(error_of(encode(Sample{}, 0) + '\0', 0), HasSubstr("left over"));
  std::string longer = encode(MetadataRequest{}, 1) + "more";
  MetadataRequest decoded;
  EXPECT_TRUE(absl::IsOutOfRange(decode(decoded, as_bytes(longer), 1)));
  EXPECT_EQ(encode(decoded, 1), encode(MetadataRequest{}, 1));
}

TEST(HostileMessageTest, LengthsBelowMinusOneAreRefused) {
  EXPECT_EQ(error_of(bytes({-1, -2}), 0), "text: a length is negative");
  EXPECT_EQ(error_of<MetadataRequest>(bytes({-1, -1, -1, -2}), 1), "topics: a length is negative");
}

TEST(HostileMessageTest, NullIsRefusedWhereTheVersionHasNone) {
  EXPECT_EQ(error_of(bytes({-1, -1}), 0), "text: null where this version has no null");
  EXPECT_EQ(error_of(bytes({0, 0, -1, -1}), 0), "maybe: null where this version has no null");
  EXPECT_EQ(error_of(bytes({1, 0, 0}), 1), "items: null where this version has no null");
  EXPECT_EQ(error_of<MetadataRequest>(bytes({-1, -1, -1, -1}), 0),
            "topics: null where this version has no null");
  EXPECT_EQ(error_of<MetadataRequest>(bytes({-1, -1, -1, -1}), 1), "");
}

TEST(HostileMessageTest, AnArrayThatTheFrameHasNoRoomForIsRefused) {
  // Ten elements of at least two bytes in eighteen bytes.
  std::string frame = bytes({0, 0, 0, 10}) + std::string(18, '\0');
  EXPECT_THAT(error_of<MetadataRequest>(frame, 0), HasSubstr("more elements"));
  frame = bytes({0x7f, -1, -1, -1}) + std::string(1000, '\0');
  EXPECT_THAT(error_of<MetadataRequest>(frame, 0), HasSubstr("past the end"));
}

TEST(HostileMessageTest, TinyElementsThatBecomeLargeStructsAreRefused) {
  // Half a million empty names would be half a million structs of tens of bytes.
  std::string frame = bytes({0, 7, -95, 32}) + std::string(1'000'000, '\0');
  EXPECT_EQ(error_of<MetadataRequest>(frame, 0), "topics: decoding would take too much memory");
  // A few thousand are fine.
  frame = bytes({0, 0, 0x10, 0}) + std::string(2 * 0x1000, '\0');
  EXPECT_EQ(error_of<MetadataRequest>(frame, 0), "");
}

TEST(HostileMessageTest, CompactStringsHaveTheLimitOfOldOnes) {
  std::string frame = bytes({-127, -128, 2}) + std::string(32768, 'x');  // 32768 + 1 as a varint
  EXPECT_EQ(error_of(frame, 1), "text: a string is longer than 32767 bytes");
}

TEST(HostileMessageTest, VarintsOfMoreThan32BitsAreRefused) {
  EXPECT_THAT(error_of(bytes({-1, -1, -1, -1, 0x1f}), 1), HasSubstr("varint"));
  EXPECT_THAT(error_of(bytes({-128, -128, -128, -128, -128, 0}), 1), HasSubstr("varint"));
  EXPECT_THAT(error_of(bytes({-128, -128}), 1), HasSubstr("truncated"));
}

// A sample up to its tags, with these tags.
std::string with_tags(std::initializer_list<int> tags) {
  return bytes({1, 0, 1, -1}) + bytes(tags);
}

TEST(HostileMessageTest, TagsAreReadOnceAndInOrder) {
  EXPECT_EQ(error_of(with_tags({2, 1, 2, 9, 0, 3, 2, 0, 8}), 1), "");
  EXPECT_THAT(error_of(with_tags({2, 3, 2, 0, 8, 1, 2, 9, 0}), 1), HasSubstr("rising order"));
  EXPECT_THAT(error_of(with_tags({2, 3, 2, 0, 8, 3, 2, 0, 8}), 1), HasSubstr("rising order"));
  EXPECT_THAT(error_of(with_tags({2, 5, 0, 5, 0}), 1), HasSubstr("rising order"));
}

TEST(HostileMessageTest, UnknownTagsAreSkippedWhole) {
  EXPECT_EQ(error_of(with_tags({3, 0, 1, 'x', 2, 0, 4, 2, 'y', 'z'}), 1), "");
  EXPECT_THAT(error_of(with_tags({1, 0, 5, 'x'}), 1), HasSubstr("truncated"));
}

TEST(HostileMessageTest, ATagThatLooksLikeNoTagIsUnknown) {
  auto s = decode_as<Sample>(as_bytes(with_tags({1, -1, -1, -1, -1, 15, 2, 2, 'x'})), 1);
  ASSERT_TRUE(s.ok()) << s.status();
  EXPECT_EQ(s->text, "");
}

TEST(HostileMessageTest, ATaggedFieldUsesAllOfItsBytes) {
  EXPECT_THAT(error_of(with_tags({1, 3, 3, 0, 8, 0}), 1), HasSubstr("left over in a tagged field"));
  EXPECT_THAT(error_of(with_tags({1, 3, 1, 0, 8}), 1),
              HasSubstr("seven: the message is truncated"));
}

TEST(HostileMessageTest, AMillionTagsClaimedIsAnErrorNotAWait) {
  EXPECT_THAT(error_of(with_tags({-1, -1, -1, 127}), 1), HasSubstr("truncated"));
}

}  // namespace
}  // namespace moldau
