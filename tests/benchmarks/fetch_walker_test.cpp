#include "tests/benchmarks/fetch_walker.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/message_set.h"
#include "protocol/messages/fetch.h"
#include "protocol/request_header.h"

namespace moldau::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Entry {
  int32_t partition;
  int64_t next_offset;
  int32_t records;
  bool operator==(const Entry&) const = default;
};

class Collector : public FetchWalker::Listener {
 public:
  void on_entry(int32_t partition, int64_t next_offset, int32_t records, size_t size_bytes,
                Bytes) override {
    entries.push_back({partition, next_offset, records});
    bytes += size_bytes;
  }
  void on_end_of_answer() override { ++answers; }

  std::vector<Entry> entries;
  size_t bytes = 0;
  int answers = 0;
};

std::string batch_of(int64_t base_offset, int records) {
  BatchBuilder builder({.base_offset = base_offset});
  for (int i = 0; i < records; ++i) builder.add(1, std::nullopt, as_bytes("some value"));
  return builder.build();
}

struct Part {
  int32_t index;
  std::string records;
  int16_t error_code = 0;
};

std::string answer(const std::vector<Part>& parts, Version version = 11) {
  FetchResponse response;
  auto& topic = response.topics.emplace_back();
  topic.topic = "t";
  for (const auto& part : parts) {
    topic.partitions.push_back({.partition_index = part.index, .error_code = part.error_code});
    topic.partitions.back().records = as_bytes(part.records);
    topic.partitions.back().aborted_transactions.emplace(2);
  }
  return encode_response_frame(response, version, 1).flatten();
}

// Gives the bytes in pieces, as a socket does.
absl::Status walk(FetchWalker& walker, const std::string& bytes, size_t piece) {
  std::string rest;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    rest += bytes.substr(at, piece);
    auto used = walker.take(as_bytes(rest));
    if (!used.ok()) return used.status();
    rest.erase(0, *used);
    EXPECT_LT(rest.size(), walker.rest_limit());
  }
  EXPECT_EQ(rest, "");
  return absl::OkStatus();
}

TEST(FetchWalkerTest, FindsEveryBatchHoweverTheBytesArrive) {
  const std::string batches = batch_of(10, 3) + batch_of(13, 5);
  const std::string bytes = answer({{0, batches}, {1, ""}, {2, batch_of(7, 1)}}) + answer({});
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    Collector found;
    FetchWalker walker(11, "t", found);
    ASSERT_TRUE(walk(walker, bytes, piece).ok());
    EXPECT_THAT(found.entries, ElementsAre(Entry{0, 13, 3}, Entry{0, 18, 5}, Entry{2, 8, 1}));
    EXPECT_EQ(found.bytes, batches.size() + batch_of(7, 1).size());
    EXPECT_EQ(found.answers, 2);
  }
}

TEST(FetchWalkerTest, PassesOverABatchThatIsCut) {
  const std::string whole = batch_of(0, 2);
  for (size_t kept = 0; kept < whole.size(); ++kept) {
    Collector found;
    FetchWalker walker(11, "t", found);
    const std::string bytes =
        answer({{0, whole + batch_of(2, 2).substr(0, kept)}, {1, batch_of(9, 1)}});
    ASSERT_TRUE(walk(walker, bytes, 50).ok()) << kept;
    EXPECT_THAT(found.entries, ElementsAre(Entry{0, 2, 2}, Entry{1, 10, 1}));
  }
}

TEST(FetchWalkerTest, ReadsAllVersions) {
  for (Version version = 0; version <= 11; ++version) {
    std::string records = batch_of(4, 2);
    if (version < 4)
      records = convert_down(as_bytes(records), version < 2 ? 0 : 1, 0, SIZE_MAX, false).value();
    Collector found;
    FetchWalker walker(version, "t", found);
    ASSERT_TRUE(walk(walker, answer({{3, records}}, version), 9).ok()) << version;
    if (version < 4) {
      EXPECT_THAT(found.entries, ElementsAre(Entry{3, 5, 1}, Entry{3, 6, 1}));
    } else {
      EXPECT_THAT(found.entries, ElementsAre(Entry{3, 6, 2}));
    }
    EXPECT_EQ(found.bytes, records.size());
  }
}

TEST(FetchWalkerTest, GivesAsMuchOfABatchAsWasAskedFor) {
  struct Heads : Collector {
    void on_entry(int32_t, int64_t, int32_t, size_t, Bytes head) override {
      heads.emplace_back(as_text(head));
    }
    std::vector<std::string> heads;
  } found;
  const std::string batch = batch_of(0, 1);
  FetchWalker walker(11, "t", found, 70);
  ASSERT_TRUE(walk(walker, answer({{0, batch}}), 13).ok());
  EXPECT_THAT(found.heads, ElementsAre(batch.substr(0, 70)));
}

TEST(FetchWalkerTest, NamesTheErrorOfAPartition) {
  Collector found;
  FetchWalker walker(11, "t", found);
  const auto status = walk(walker, answer({{5, "", 1}}), 1000);
  EXPECT_THAT(std::string(status.message()), HasSubstr("partition 5: OFFSET_OUT_OF_RANGE"));
}

TEST(FetchWalkerTest, RefusesAnAnswerThatDoesNotAddUp) {
  std::string bytes = answer({{0, batch_of(0, 1)}});
  bytes[3] = static_cast<char>(bytes[3] - 1);  // The frame is one byte shorter than its contents.
  Collector found;
  FetchWalker walker(11, "t", found);
  EXPECT_FALSE(walk(walker, bytes, 1000).ok());
}

}  // namespace
}  // namespace moldau::bench
