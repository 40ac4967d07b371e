// What the console tools read from lines and print of records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cli/line_reader.h"
#include "broker/cli/partitioner.h"
#include "broker/cli/record_text.h"

namespace moldau::cli {
namespace {

using testing::HasSubstr;

LineReader reader(const std::vector<std::pair<std::string, std::string>>& properties) {
  auto made = LineReader::from_properties(properties);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.value_or(LineReader());
}

TEST(LineReaderTest, ALineIsAValue) {
  const auto record = reader({}).parse("a\tb", 1);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->key, std::nullopt);
  EXPECT_EQ(record->value, "a\tb");
}

TEST(LineReaderTest, KeysEndAtTheFirstSeparator) {
  const auto colon = reader({{"parse.key", "true"}, {"key.separator", ":"}}).parse("k:v:w", 1);
  ASSERT_TRUE(colon.ok());
  EXPECT_EQ(colon->key, "k");
  EXPECT_EQ(colon->value, "v:w");
  EXPECT_EQ(reader({{"parse.key", "true"}}).parse("no key", 7).status().message(),
            "No key separator found on line number 7: 'no key'");
  const auto ignored = reader({{"parse.key", "true"}, {"ignore.error", "true"}}).parse("no key", 7);
  ASSERT_TRUE(ignored.ok());
  EXPECT_EQ(ignored->value, "no key");
}

TEST(LineReaderTest, HeadersComeFirst) {
  const auto record =
      reader({{"parse.key", "true"}, {"parse.headers", "true"}}).parse("h1:v1,h2:v:2\tk\tval", 1);
  ASSERT_TRUE(record.ok());
  ASSERT_EQ(record->headers.size(), 2u);
  EXPECT_EQ(record->headers[1].key, "h2");
  EXPECT_EQ(record->headers[1].value, "v:2");
  EXPECT_EQ(record->key, "k");
  EXPECT_EQ(record->value, "val");
  EXPECT_FALSE(reader({{"parse.headers", "true"}}).parse("broken\tval", 1).ok());
}

TEST(LineReaderTest, TheNullMarkerMakesNulls) {
  const auto record =
      reader({{"parse.key", "true"}, {"null.marker", "NULL"}}).parse("NULL\tNULL", 1);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->key, std::nullopt);
  EXPECT_EQ(record->value, std::nullopt);
}

TEST(LineReaderTest, UnknownPropertiesAreRefused) {
  EXPECT_FALSE(LineReader::from_properties({{"parse.keys", "true"}}).ok());
  EXPECT_FALSE(LineReader::from_properties({{"key.separator", ""}}).ok());
}

// Values of Apache's own client (Utils.murmur2).
TEST(Partitioner, KeysGoWhereTheJavaClientPutsThem) {
  const std::pair<const char*, uint32_t> kHashes[] = {{"", 275646681u},
                                                      {"a", 2731586172u},
                                                      {"ab", 316155434u},
                                                      {"abc", 479470107u},
                                                      {"abcd", 2971317748u},
                                                      {"21", 3321034988u},
                                                      {"foobar", 3504634814u},
                                                      {"\xC3\xA9\xC3\xBF", 2546483715u},
                                                      {"a-little-bit-long-string", 3308985760u}};
  for (const auto& [key, hash] : kHashes) EXPECT_EQ(murmur2(as_bytes(key)), hash) << key;
  EXPECT_EQ(partition_for_key(as_bytes("abc"), 7), 4);
  EXPECT_EQ(partition_for_key(as_bytes("foobar"), 7), 0);
}

Record record() {
  return {.offset = 7,
          .timestamp = 1000,
          .key = as_bytes("k"),
          .value = as_bytes("v"),
          .headers = {{"h", as_bytes("1")}, {"n", std::nullopt}}};
}

std::string print(const std::vector<std::pair<std::string, std::string>>& properties,
                  const Record& r = record()) {
  return RecordText::from_properties(properties)->print(r, {.topic = "t", .partition = 2});
}

TEST(RecordTextTest, FieldsComeInKafkasOrder) {
  EXPECT_EQ(print({}), "v\n");
  EXPECT_EQ(print({{"print.key", "true"},
                   {"print.headers", "true"},
                   {"print.offset", "true"},
                   {"print.partition", "true"},
                   {"print.timestamp", "true"}}),
            "CreateTime:1000\tPartition:2\tOffset:7\th:1,n:null\tk\tv\n");
  EXPECT_EQ(print({{"print.key", "true"}, {"key.separator", " = "}}), "k = v\n");
  EXPECT_EQ(print({{"print.value", "false"}, {"print.key", "true"}, {"line.separator", "|"}}),
            "k|");
}

TEST(RecordTextTest, WhatIsMissingIsSaid) {
  const Record empty{.offset = 0, .timestamp = -1, .key = {}, .value = {}, .headers = {}};
  EXPECT_EQ(
      print({{"print.key", "true"}, {"print.timestamp", "true"}, {"print.headers", "true"}}, empty),
      "NO_TIMESTAMP\tNO_HEADERS\tnull\tnull\n");
  EXPECT_EQ(print({{"null.literal", "-"}}, empty), "-\n");
}

TEST(RecordTextTest, NumbersAreReadAsJavaWritesThem) {
  const uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 1, 2};
  const Record number{.offset = 0, .timestamp = 0, .key = {}, .value = bytes, .headers = {}};
  EXPECT_EQ(
      print({{"value.deserializer", "org.apache.kafka.common.serialization.LongDeserializer"}},
            number),
      "258\n");
  EXPECT_FALSE(RecordText::from_properties({{"value.deserializer", "AvroDeserializer"}}).ok());
  EXPECT_FALSE(RecordText::from_properties({{"print.nonsense", "true"}}).ok());
}

TEST(RecordTextTest, JsonIsOneLine) {
  EXPECT_EQ(record_json(record(), {.topic = "t", .partition = 2}),
            R"({"topic":"t","partition":2,"offset":7,"timestamp":1000,"headers":[{"key":"h",)"
            R"("value":"1"},{"key":"n","value":null}],"key":"k","value":"v"})"
            "\n");
}

}  // namespace
}  // namespace moldau::cli
