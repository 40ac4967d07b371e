// What names servers, partitions and points in time on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cli/client.h"
#include "broker/cli/offset_selection.h"
#include "broker/cli/partition_reader.h"
#include "broker/cli/tools.h"
#include "protocol/big_endian.h"

namespace moldau::cli {
namespace {

std::string print(const std::string& text) {
  const auto servers = parse_servers(text);
  if (!servers.ok()) return "fault";
  std::string out;
  for (const auto& server : *servers) out += server.host + "|" + std::to_string(server.port) + " ";
  return out;
}

TEST(ServersTest, PortsMayBeLeftOutAndAddressesBracketed) {
  EXPECT_EQ(print("a:1, b"), "a|1 b|9092 ");
  EXPECT_EQ(print("[::1]:9093,[::2],::3"), "::1|9093 ::2|9092 ::3|9092 ");
  for (const char* text : {"", "a:x", "a:0", "a:70000", ":9092"})
    EXPECT_EQ(print(text), "fault") << text;
}

TEST(OffsetTime, NamesAndNumbers) {
  EXPECT_EQ(*parse_offset_time("latest"), -1);
  EXPECT_EQ(*parse_offset_time("-2"), -2);
  EXPECT_EQ(*parse_offset_time("max-timestamp"), -3);
  EXPECT_EQ(*parse_offset_time("1700000000000"), 1700000000000);
  EXPECT_FALSE(parse_offset_time("yesterday").ok());
}

TEST(PartitionSelectionTest, TopicAndPartitions) {
  const auto selection = PartitionSelection::parse("a|b", "0,2", std::nullopt);
  ASSERT_TRUE(selection.ok());
  EXPECT_TRUE(selection->has("a", 0));
  EXPECT_TRUE(selection->has("b", 2));
  EXPECT_FALSE(selection->has("a", 1));
  EXPECT_FALSE(selection->has("ab", 0));
}

TEST(PartitionSelectionTest, PatternsWithRanges) {
  const auto selection = PartitionSelection::parse({}, {}, "a:1-3,b:5-,c:-2,:9,d");
  ASSERT_TRUE(selection.ok()) << selection.status();
  const auto in = [&](const char* topic, std::initializer_list<int32_t> partitions) {
    for (const int32_t p : partitions) EXPECT_TRUE(selection->has(topic, p)) << topic << p;
  };
  const auto out = [&](const char* topic, std::initializer_list<int32_t> partitions) {
    for (const int32_t p : partitions) EXPECT_FALSE(selection->has(topic, p)) << topic << p;
  };
  in("a", {1, 2, 9});
  out("a", {0, 3});
  in("b", {5, 100});
  out("b", {4});
  in("c", {0, 1});
  out("c", {2});
  in("d", {0, 7});
  EXPECT_FALSE(PartitionSelection::parse("a", {}, "b").ok());
  EXPECT_FALSE(PartitionSelection::parse({}, {}, "a:x").ok());
  EXPECT_FALSE(PartitionSelection::parse("a", "x", {}).ok());
}

TEST(ToolNames, AreKafkasAndOurs) {
  for (const char* name : {"kafka-topics", "kafka-topics.sh", "/opt/bin/kafka-configs.sh", "topics",
                           "produce", "consume"})
    EXPECT_TRUE(is_tool(name)) << name;
  for (const char* name : {"moldau", "start", "kafka-console", ""}) EXPECT_FALSE(is_tool(name));
}

std::string transactional_batch(int64_t producer_id, int64_t offset) {
  BatchBuilder builder({.base_offset = offset,
                        .producer_id = producer_id,
                        .producer_epoch = 0,
                        .base_sequence = 0,
                        .is_transactional = true});
  builder.add(0, std::nullopt, as_bytes("v"));
  return builder.build();
}

std::string marker(int64_t producer_id, int64_t offset, bool commits) {
  std::string key;
  append_big_endian<int16_t>(key, 0);
  append_big_endian<int16_t>(key, commits ? 1 : 0);
  BatchBuilder builder({.base_offset = offset,
                        .producer_id = producer_id,
                        .producer_epoch = 0,
                        .is_transactional = true,
                        .is_control = true});
  builder.add(0, as_bytes(key), as_bytes(std::string_view("\0\0\0\0\0\0", 6)));
  return builder.build();
}

TEST(AbortedFilterTest, DropsFromTheFirstOffsetToTheMarker) {
  AbortedFilter filter;
  filter.expect(/*producer_id=*/1, /*first_offset=*/2);
  const auto drops = [&](const std::string& batch) {
    return filter.drops(*parse_batch_header(as_bytes(batch)), as_bytes(batch));
  };
  EXPECT_FALSE(drops(transactional_batch(1, 0))) << "of a transaction before";
  EXPECT_TRUE(drops(marker(1, 1, true))) << "markers are never shown";
  EXPECT_TRUE(drops(transactional_batch(1, 2)));
  EXPECT_FALSE(drops(transactional_batch(9, 3))) << "of another producer";
  EXPECT_TRUE(drops(transactional_batch(1, 4)));
  EXPECT_TRUE(drops(marker(1, 5, false)));
  EXPECT_FALSE(drops(transactional_batch(1, 6))) << "of the next transaction";
}

}  // namespace
}  // namespace moldau::cli
