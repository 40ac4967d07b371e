#include "replication/metadata_log.h"

#include <random>

#include <gmock/gmock.h>

#include "replication/metadata/kraft_batch.h"
#include "tests/replication/metadata/cluster.h"
#include "tests/replication/shell_fixture.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFolder = "/data/__cluster_metadata-0";

class MetadataLogTest : public ShellTest {
 protected:
  MetadataLogTest() {
    flusher.is_instant = true;
    options.directory = "/data";
    options.directory_id = uuid_of(1);
    options.controller = {
        .cluster_id = "cluster", .node_id = 1, .configs = &configs, .new_uuid = [this] {
          return next_uuid();
        }};
    options.clock = &clock;
    options.on_failure = [this](const absl::Status& status) { failure = status; };
  }
  ~MetadataLogTest() override {
    log.reset();
    settle();
  }

  absl::Status try_open() {
    log.reset();
    auto opened = MetadataLog::open(context.get_executor(), disk, flusher, options);
    if (!opened.ok()) return opened.status();
    log = *std::move(opened);
    return absl::OkStatus();
  }
  void open() {
    const absl::Status status = try_open();
    ASSERT_TRUE(status.ok()) << status;
  }
  // As a broker does at each start.
  void join() {
    auto registered = run(log->propose([](Controller& controller, int64_t) {
      return controller.register_broker(Cluster::registration(1));
    }));
    ASSERT_TRUE(registered.ok());
    ASSERT_EQ(registered->error_code, 0);
    auto unfenced = run(log->propose([epoch = registered->broker_epoch](Controller& c, int64_t) {
      return c.unfence_broker(1, epoch);
    }));
    ASSERT_EQ(*unfenced, ErrorCode::kNone);
  }
  asio::awaitable<absl::StatusOr<CreateTopicsResponse>> creating(std::string name) {
    CreateTopicsRequest request;
    request.topics.push_back({.name = name, .num_partitions = 2, .replication_factor = 1});
    return log->propose(
        [request](Controller& controller, int64_t) { return controller.create_topics(request); });
  }
  std::string create(const std::string& name) {
    auto response = run(creating(name));
    return response.ok() ? verdict(response->topics[0]) : response.status().ToString();
  }
  std::vector<std::string> topics() const {
    std::vector<std::string> names;
    for (const auto& [name, topic] : log->image()->topics()) names.push_back(name);
    return names;
  }
  std::vector<std::string> files(const std::string& suffix) {
    std::vector<std::string> found;
    const std::vector<std::string> names = *disk.list(kFolder);
    for (const auto& name : names) {
      if (name.ends_with(suffix)) found.push_back(name);
    }
    return found;
  }

  Uuid next_uuid() {
    Uuid id = uuid_of(static_cast<uint8_t>(++uuids));
    id[14] = static_cast<uint8_t>(uuids >> 8);
    return id;
  }

  SomeConfigs configs;
  uint16_t uuids = 0;
  MetadataLog::Options options;
  std::unique_ptr<MetadataLog> log;
  absl::Status failure;
};

TEST_F(MetadataLogTest, ANewClusterHasItsFeaturesAndNothingElse) {
  open();
  EXPECT_EQ(log->leader_epoch(), 1);
  EXPECT_EQ(log->image()->feature(kMetadataVersionFeature), kMetadataVersion);
  EXPECT_THAT(log->image()->topics(), IsEmpty());
  EXPECT_EQ(log->high_watermark(), log->log_end_offset());
  EXPECT_EQ(log->image()->offset(), log->log_end_offset() - 1);
  EXPECT_THAT(files(".checkpoint"), ElementsAre("00000000000000000000-0000000000.checkpoint"));
  EXPECT_EQ(*disk.read_file(std::string(kFolder) + "/quorum-state"),
            R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":)"
            R"("AAAAAAAAAAAAAAAAAAAAAA","data_version":1})");
}

TEST_F(MetadataLogTest, ChangesAreThereAfterARestart) {
  open();
  join();
  EXPECT_EQ(create("a"), "OK");
  EXPECT_EQ(create("a"), "TOPIC_ALREADY_EXISTS: Topic 'a' already exists.");
  const auto before = log->image();
  open();
  EXPECT_EQ(log->leader_epoch(), 2);
  EXPECT_TRUE(log->image()->same_state(*before));
  EXPECT_EQ(log->image()->offset(), before->offset() + 1) << "the change of the leader";
  join();
  EXPECT_EQ(create("b"), "OK");
  EXPECT_THAT(topics(), ElementsAre("a", "b"));
}

TEST_F(MetadataLogTest, AnAnswerComesWhenItIsDurableAndPublished) {
  open();
  join();
  flusher.is_instant = false;
  std::vector<std::string> told;
  log->subscribe([&](std::shared_ptr<const ClusterImage> now,
                     std::shared_ptr<const MetadataDelta> changed) -> asio::awaitable<void> {
    for (const auto& [id, topic] : changed->topics) {
      told.push_back(topic.after->name);
      EXPECT_EQ(now->topic(id), topic.after);
    }
    co_return;
  });
  auto a = start(creating("a"));
  EXPECT_FALSE(a->has_value());
  EXPECT_THAT(topics(), IsEmpty());
  auto b = start(creating("b"));
  auto c = start(creating("c"));
  EXPECT_EQ(flusher.asked, 3) << "two to join, one for a";
  flusher.finish_round();
  settle();
  EXPECT_TRUE(a->has_value());
  EXPECT_THAT(told, ElementsAre("a"));
  EXPECT_FALSE(b->has_value());
  EXPECT_EQ(flusher.asked, 4) << "b and c share the next round";
  flusher.finish_round();
  settle();
  EXPECT_TRUE(b->has_value() && c->has_value());
  EXPECT_THAT(topics(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(told, SizeIs(3));
}

TEST_F(MetadataLogTest, LaterProposalsSeeEarlierOnesBeforeTheyAreDurable) {
  open();
  join();
  flusher.is_instant = false;
  start(creating("z"));
  auto first = start(creating("a"));
  auto second = start(creating("a"));
  flusher.finish_round();
  settle();
  flusher.finish_round();
  settle();
  EXPECT_EQ(verdict((**first)->topics[0]), "OK");
  EXPECT_EQ(verdict((**second)->topics[0]), "TOPIC_ALREADY_EXISTS: Topic 'a' already exists.");
}

TEST_F(MetadataLogTest, AfterAFailedSyncNothingCanBeChanged) {
  open();
  join();
  disk.fail_syncs(true);
  auto response = run(creating("a"));
  EXPECT_TRUE(absl::IsUnavailable(response.status()));
  EXPECT_FALSE(failure.ok());
  EXPECT_THAT(topics(), IsEmpty()) << "it may or may not be there after a restart";
  disk.fail_syncs(false);
  EXPECT_TRUE(absl::IsUnavailable(run(creating("b")).status()));
}

TEST_F(MetadataLogTest, AFullDiskRefusesAndRecovers) {
  open();
  join();
  disk.set_space_left(20);
  EXPECT_TRUE(absl::IsUnavailable(run(creating("a")).status()));
  disk.set_space_left(SimulatedDisk::kUnlimited);
  EXPECT_EQ(create("a"), "OK");
  EXPECT_TRUE(failure.ok());
  open();
  EXPECT_THAT(topics(), ElementsAre("a"));
}

TEST_F(MetadataLogTest, ADeadlineThatHasPassedChangesNothing) {
  open();
  auto late =
      run(log->propose([](Controller& controller,
                          int64_t) { return controller.register_broker(Cluster::registration(1)); },
                       clock.now()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.status()));
  EXPECT_THAT(log->image()->brokers(), IsEmpty());
}

TEST_F(MetadataLogTest, AClosedLogRefuses) {
  open();
  join();
  EXPECT_TRUE(run(log->close()).ok());
  EXPECT_TRUE(absl::IsUnavailable(run(creating("a")).status()));
}

TEST_F(MetadataLogTest, StartsFromTheSnapshot) {
  open();
  join();
  create("a");
  ASSERT_TRUE(run(log->snapshot()).ok());
  const auto id = log->latest_snapshot();
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->end_offset, log->log_end_offset());
  EXPECT_EQ(id->epoch, 1);
  create("b");
  const auto before = log->image();
  open();
  EXPECT_TRUE(log->image()->same_state(*before));
  EXPECT_THAT(log->notes(), IsEmpty());
}

TEST_F(MetadataLogTest, ADamagedSnapshotIsPassedOver) {
  open();
  join();
  create("a");
  ASSERT_TRUE(run(log->snapshot()).ok());
  disk.flip_bit(std::string(kFolder) + "/" + files(".checkpoint").back(), 200);
  open();
  EXPECT_THAT(topics(), ElementsAre("a")) << "the log still has everything";
  EXPECT_THAT(log->notes(), SizeIs(1));
}

TEST_F(MetadataLogTest, TheLogIsCutBehindSnapshots) {
  options.segment_bytes = 4096;
  options.max_bytes_between_snapshots = 10'000;
  options.max_retention_bytes = 30'000;
  open();
  join();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(create("topic-" + std::to_string(i)), "OK");
  EXPECT_GT(log->log_start_offset(), 0);
  EXPECT_LT(files(".log").size(), 10u);
  EXPECT_THAT(files(".deleted"), IsEmpty());
  EXPECT_GE(log->latest_snapshot()->end_offset, log->log_start_offset());
  const auto before = log->image();
  EXPECT_THAT(before->topics(), SizeIs(200));
  open();
  EXPECT_TRUE(log->image()->same_state(*before));
  join();
  EXPECT_EQ(create("more"), "OK");
}

TEST_F(MetadataLogTest, AnUnfinishedTransactionIsAborted) {
  open();
  join();
  TopicRecord topic;
  topic.name = "half";
  topic.topic_id = uuid_of(90);
  struct Nothing {};
  const auto begun = run(log->propose([&](Controller&, int64_t) {
    return Decision<Nothing>{.records = {BeginTransactionRecord{}, topic}};
  }));
  EXPECT_TRUE(begun.ok());
  open();
  EXPECT_THAT(topics(), IsEmpty());
  EXPECT_THAT(log->notes(), SizeIs(1));
  open();
  EXPECT_THAT(topics(), IsEmpty());
  EXPECT_THAT(log->notes(), IsEmpty());
}

TEST_F(MetadataLogTest, FormattedDirectoriesBeginWithTheirRecords) {
  FeatureLevelRecord feature;
  feature.name = kMetadataVersionFeature;
  feature.feature_level = 24;
  const MetadataRecord record = feature;
  const std::string bootstrap = metadata_batch({}, {&record, 1});
  ASSERT_TRUE(disk.write_file("/data/bootstrap.checkpoint", as_bytes(bootstrap)).ok());
  open();
  EXPECT_EQ(log->image()->feature(kMetadataVersionFeature), 24);
}

TEST_F(MetadataLogTest, AQuorumOfOthersIsNotOurs) {
  open();
  options.controller.node_id = 2;
  EXPECT_TRUE(absl::IsFailedPrecondition(try_open()));
}

// The log and a snapshot of a Kafka 4.2 in combined mode: tests/golden/kafka_metadata/make.sh.
class KafkaMetadataTest : public MetadataLogTest {
 protected:
  void put(const std::string& name) {
    const std::string golden = SOURCE_DIR "/tests/golden/kafka_metadata/";
    auto contents = make_posix_disk()->read_file(golden + name);
    ASSERT_TRUE(contents.ok()) << contents.status();
    ASSERT_TRUE(disk.make_directories(kFolder).ok());
    ASSERT_TRUE(disk.write_file(std::string(kFolder) + "/" + name, as_bytes(*contents)).ok());
  }
  std::map<std::string, int> record_counts() const {
    std::map<std::string, int> counts;
    for (const auto& record : log->image()->to_records()) ++counts[record_name(record)];
    return counts;
  }
  const std::map<std::string, int> everything{
      {"FeatureLevelRecord", 3}, {"RegisterControllerRecord", 1}, {"RegisterBrokerRecord", 1},
      {"TopicRecord", 1},        {"PartitionRecord", 5},          {"ConfigRecord", 3},
      {"ClientQuotaRecord", 1},  {"AccessControlEntryRecord", 1}, {"UserScramCredentialRecord", 1}};
};

TEST_F(KafkaMetadataTest, TheLogAloneIsRead) {
  put("00000000000000000000.log");
  put("quorum-state");
  open();
  EXPECT_THAT(log->notes(), IsEmpty());
  EXPECT_EQ(log->leader_epoch(), 3);
  EXPECT_EQ(record_counts(), everything);
  const auto image = log->image();
  EXPECT_THAT(image->topic("foo")->partitions, SizeIs(5));
  EXPECT_EQ(image->configs({ConfigResourceType::kTopic, "foo"}).at("cleanup.policy"), "compact");
  join();
  EXPECT_EQ(create("ours"), "OK");
}

TEST_F(KafkaMetadataTest, TheSnapshotAndTheRestOfTheLogAreTheSame) {
  put("00000000000000000000.log");
  open();
  const auto from_log = log->image();
  put("00000000000000000000.log");
  put("00000000000000000132-0000000002.checkpoint");
  open();
  EXPECT_EQ(log->latest_snapshot()->end_offset, 132);
  EXPECT_TRUE(log->image()->same_state(*from_log));
  EXPECT_EQ(record_counts(), everything);
}

TEST_F(KafkaMetadataTest, OurSnapshotLosesNothingOfIt) {
  put("00000000000000000000.log");
  open();
  const auto before = log->image();
  ASSERT_TRUE(run(log->snapshot()).ok());
  open();
  EXPECT_TRUE(log->image()->same_state(*before));
  EXPECT_EQ(record_counts(), everything);
}

// A power loss at any point keeps what was answered, and nothing half.
TEST_F(MetadataLogTest, PowerLossLosesNothingThatWasAnswered) {
  options.segment_bytes = 8192;
  options.max_bytes_between_snapshots = 3000;
  options.max_retention_bytes = 10'000;
  std::mt19937_64 random(7);
  std::set<std::string> answered;
  int next = 0;
  for (int round = 0; round < 40; ++round) {
    flusher.is_instant = true;
    open();
    join();
    for (const auto& name : answered) {
      ASSERT_NE(log->image()->topic(name), nullptr)
          << name << " in round " << round << ", with " << log->image()->topics().size()
          << " topics up to " << log->image()->offset() << ": "
          << testing::PrintToString(log->notes());
    }
    for (const auto& [name, topic] : log->image()->topics()) {
      ASSERT_THAT(topic->partitions, SizeIs(2)) << name;
    }
    for (int i = 0; i < 10; ++i) {
      const std::string name = "t" + std::to_string(next++);
      ASSERT_EQ(create(name), "OK");
      answered.insert(name);
    }
    flusher.is_instant = false;
    start(creating("unanswered" + std::to_string(round)));
    log.reset();
    flusher.forget();
    context.restart();
    disk.lose_power(random);
  }
}

}  // namespace
}  // namespace moldau
