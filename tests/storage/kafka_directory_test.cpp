// Log directories written by a real Apache Kafka 4 (kafka-4/make.sh), read record by record against
// what its own consumer read.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "protocol/log_entry.h"
#include "storage/log_directory.h"

namespace moldau {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::string(as_text(*bytes)) : "null";
}

std::string line_of(const std::string& topic, const Record& record) {
  std::ostringstream line;
  std::string header = "-";
  for (const auto& h : record.headers) header = text_of(h.value);
  line << topic << ' ' << record.offset << ' ' << record.timestamp << ' ' << text_of(record.key)
       << ' ' << text_of(record.value) << ' ' << header;
  return line.str();
}

// By what make.sh kept: "stopped" or "killed".
class KafkaDirectoryTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "moldau-kafka-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    const fs::path archive = kept() / (GetParam() + ".tar.gz");
    const std::string command = "tar -xzf " + archive.string() + " -C " + folder_.string();
    ASSERT_EQ(std::system(command.c_str()), 0);
    auto directory = LogDirectory::open(*disk_, {.path = folder_.string(), .node_id = 1});
    ASSERT_TRUE(directory.ok()) << directory.status();
    directory_ = *std::move(directory);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static fs::path kept() { return fs::path(SOURCE_DIR) / "tests/storage/kafka-4"; }

  static std::vector<std::string> expected(const std::string& isolation, const std::string& topic) {
    std::ifstream file(kept() / "records.txt");
    std::vector<std::string> lines;
    const std::string start = isolation + " " + topic + " ";
    for (std::string line; std::getline(file, line);)
      if (line.starts_with(start)) lines.push_back(line.substr(isolation.size() + 1));
    return lines;
  }

  std::unique_ptr<Log> open(const std::string& topic) {
    auto log = directory_->open_log({topic, 0}, {}, {}, 1'700'000'500'000);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }

  static std::vector<std::string> read_all(Log& log, bool committed_only) {
    std::vector<std::string> lines;
    auto aborted = log.aborted_transactions(log.log_start_offset(), log.log_end_offset());
    EXPECT_TRUE(aborted.ok());
    const auto is_aborted = [&](const BatchHeader& batch) {
      return std::ranges::any_of(*aborted, [&](const AbortedTransaction& a) {
        return batch.is_transactional() && batch.producer_id == a.producer_id &&
               batch.base_offset >= a.first_offset && batch.base_offset < a.last_offset;
      });
    };
    int64_t offset = log.log_start_offset();
    while (offset < log.log_end_offset()) {
      auto bytes = log.read(offset, INT64_MAX, 500);
      EXPECT_TRUE(bytes.ok()) << bytes.status();
      if (!bytes.ok() || bytes->next_offset <= offset) break;
      EXPECT_TRUE(for_each_batch(bytes->batches, [&](const BatchHeader& header, Bytes batch) {
                    EXPECT_TRUE(check_batch(batch).ok());
                    if (header.is_control() || (committed_only && is_aborted(header))) return true;
                    EXPECT_TRUE(for_each_record(batch, [&](const Record& record) {
                                  if (record.offset >= log.log_start_offset())
                                    lines.push_back(line_of(log.topic_partition().topic, record));
                                  return true;
                                }).ok());
                    return true;
                  }).ok());
      offset = bytes->next_offset;
    }
    return lines;
  }

  std::unique_ptr<Disk> disk_ = make_posix_disk();
  fs::path folder_;
  std::unique_ptr<LogDirectory> directory_;
};

TEST_P(KafkaDirectoryTest, EveryRecordIsReadAsKafkasConsumerReadIt) {
  EXPECT_EQ(directory_->was_clean_shutdown(), GetParam() == "stopped");
  for (const std::string topic : {"orders", "payments"}) {
    auto log = open(topic);
    EXPECT_TRUE(log->recovery_report().notes.empty()) << log->recovery_report().notes.front();
    EXPECT_EQ(log->recovery_report().segments_scanned > 0, GetParam() == "killed");
    EXPECT_EQ(read_all(*log, false), expected("read_uncommitted", topic));
    EXPECT_EQ(read_all(*log, true), expected("read_committed", topic));
  }
}

TEST_P(KafkaDirectoryTest, PartitionsAndTheirIdsAreFound) {
  auto found = directory_->find_partitions();
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0], (TopicPartition{"orders", 0}));
  EXPECT_NE(open("orders")->topic_id(), Uuid{});
}

TEST_P(KafkaDirectoryTest, DeletedRecordsStayDeleted) {
  EXPECT_EQ(open("orders")->log_start_offset(), 50);
}

TEST_P(KafkaDirectoryTest, RecordsAreFoundByTime) {
  auto log = open("orders");
  for (const std::string& line : expected("read_uncommitted", "orders")) {
    std::istringstream words(line);
    std::string topic;
    int64_t offset = 0, timestamp = 0;
    words >> topic >> offset >> timestamp;
    auto found = log->find_timestamp(timestamp);
    ASSERT_TRUE(found.ok() && *found) << line;
    EXPECT_EQ((*found)->offset, offset);
  }
}

TEST_P(KafkaDirectoryTest, AnIdempotentProducerGoesOnWhereItWas) {
  auto log = open("orders");
  const auto producers = log->producers();
  ASSERT_EQ(producers.size(), 1u);
  BatchBuilder builder({.producer_id = producers[0].producer_id,
                        .producer_epoch = producers[0].producer_epoch,
                        .base_sequence = producers[0].last_sequence + 2});
  builder.add(1, as_bytes("k"), as_bytes("v"));
  std::string batch = builder.build();
  const MutableBytes bytes(reinterpret_cast<uint8_t*>(batch.data()), batch.size());
  EXPECT_EQ(log->append(bytes, {}).error, ErrorCode::kOutOfOrderSequenceNumber);
}

TEST_P(KafkaDirectoryTest, TheLogGoesOnAndOpensAgain) {
  auto log = open("payments");
  const int64_t end = log->log_end_offset();
  BatchBuilder builder({});
  builder.add(1, as_bytes("k"), as_bytes("v"));
  std::string batch = builder.build();
  const MutableBytes bytes(reinterpret_cast<uint8_t*>(batch.data()), batch.size());
  EXPECT_EQ(log->append(bytes, {.leader_epoch = 9}).first_offset, end);
  log.reset();
  EXPECT_EQ(open("payments")->log_end_offset(), end + 1);
}

INSTANTIATE_TEST_SUITE_P(Kafka, KafkaDirectoryTest, testing::Values("stopped", "killed"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace moldau
