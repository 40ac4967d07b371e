#include "broker/config/effective.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Config config_of(const std::map<std::string, std::string>& values) {
  std::vector<RawSetting> settings;
  for (const auto& [key, value] : values)
    settings.push_back({.key = key, .value = value, .origin = "test"});
  return Config::from_settings(settings).value();
}

ConfigEntry find(const std::vector<ConfigEntry>& entries, const std::string& name) {
  const auto found = std::ranges::find(entries, name, &ConfigEntry::name);
  return found == entries.end() ? ConfigEntry{} : *found;
}

std::vector<std::string> print(const std::vector<ConfigEntry::Synonym>& synonyms) {
  std::vector<std::string> lines;
  for (const auto& s : synonyms)
    lines.push_back(std::to_string(static_cast<int>(s.source)) + " " + s.name + "=" +
                    s.value.value_or("null"));
  return lines;
}

TEST(EffectiveTopicConfig, DefaultsAreKafkasButDurable) {
  const TopicConfig topic = effective_topic_config(Config(), {}, {});
  EXPECT_EQ(topic.log.retention_ms, 7LL * 24 * 3600 * 1000);
  EXPECT_EQ(topic.log.segment_ms, 7LL * 24 * 3600 * 1000);
  EXPECT_EQ(topic.log.max_message_bytes, 1048588);
  EXPECT_EQ(topic.flush_messages, 1);
  EXPECT_EQ(topic.flush_ms, INT64_MAX);
  EXPECT_EQ(topic.min_insync_replicas, 1);
  EXPECT_TRUE(topic.log.cleanup_delete);
  EXPECT_FALSE(topic.log.cleanup_compact);
  EXPECT_EQ(topic.log.compression, std::nullopt);
}

TEST(EffectiveTopicConfig, HoursAndMinutesBecomeMilliseconds) {
  const Config hours = config_of({{"log.retention.hours", "2"}, {"log.roll.hours", "1"}});
  EXPECT_EQ(effective_topic_config(hours, {}, {}).log.retention_ms, 2 * 3600 * 1000);
  EXPECT_EQ(effective_topic_config(hours, {}, {}).log.segment_ms, 3600 * 1000);
  const Config minutes = config_of({{"log.retention.hours", "2"}, {"log.retention.minutes", "3"}});
  EXPECT_EQ(effective_topic_config(minutes, {}, {}).log.retention_ms, 3 * 60 * 1000);
  const Config unlimited = config_of({{"log.retention.minutes", "-1"}});
  EXPECT_EQ(effective_topic_config(unlimited, {}, {}).log.retention_ms, -1);
}

TEST(EffectiveTopicConfig, StrongerSourcesWin) {
  const Config config = config_of({{"log.retention.ms", "1"}});
  DynamicBrokerConfigs dynamic;
  EXPECT_EQ(effective_topic_config(config, dynamic, {}).log.retention_ms, 1);
  dynamic.cluster_default["log.retention.ms"] = "2";
  EXPECT_EQ(effective_topic_config(config, dynamic, {}).log.retention_ms, 2);
  dynamic.broker["log.retention.ms"] = "3";
  EXPECT_EQ(effective_topic_config(config, dynamic, {}).log.retention_ms, 3);
  EXPECT_EQ(effective_topic_config(config, dynamic, {{"retention.ms", "4"}}).log.retention_ms, 4);
}

TEST(EffectiveTopicConfig, CompressionAndPoliciesAreRead) {
  const TopicConfig topic = effective_topic_config(Config(), {},
                                                   {{"compression.type", "zstd"},
                                                    {"compression.zstd.level", "7"},
                                                    {"cleanup.policy", "compact, delete"},
                                                    {"message.timestamp.type", "LogAppendTime"}});
  EXPECT_EQ(topic.log.compression, Codec::kZstd);
  EXPECT_EQ(topic.log.compression_level, 7);
  EXPECT_TRUE(topic.log.cleanup_compact);
  EXPECT_TRUE(topic.log.cleanup_delete);
  EXPECT_EQ(topic.log.message_timestamp_type, TimestampType::kLogAppendTime);
}

TEST(DescribeTopicConfig, SynonymsAreStrongestFirst) {
  const Config config = config_of({{"message.max.bytes", "2000"}});
  const DynamicBrokerConfigs dynamic{.broker = {{"message.max.bytes", "3000"}},
                                     .cluster_default = {{"message.max.bytes", "4000"}}};
  const auto entry = find(describe_topic_config(config, dynamic, {{"max.message.bytes", "1000"}}),
                          "max.message.bytes");
  EXPECT_EQ(entry.value, "1000");
  EXPECT_EQ(entry.source, ConfigSource::kTopic);
  EXPECT_EQ(entry.type, ConfigType::kInt);
  EXPECT_THAT(print(entry.synonyms),
              ElementsAre("1 max.message.bytes=1000", "2 message.max.bytes=3000",
                          "3 message.max.bytes=4000", "4 message.max.bytes=2000",
                          "5 message.max.bytes=1048588"));
}

TEST(DescribeTopicConfig, TheDefaultOfAWeakerNameFollowsOnlyWhatIsSet) {
  const auto synonyms = [](const DynamicBrokerConfigs& dynamic, const ConfigMap& overrides) {
    return print(
        find(describe_topic_config(Config(), dynamic, overrides), "retention.ms").synonyms);
  };
  EXPECT_THAT(synonyms({}, {{"retention.ms", "9"}}), ElementsAre("1 retention.ms=9"));
  EXPECT_THAT(synonyms({.broker = {{"log.retention.ms", "8"}}, .cluster_default = {}}, {}),
              ElementsAre("2 log.retention.ms=8", "5 log.retention.hours=168"));
}

TEST(DescribeTopicConfig, UnsetKeysAreDefaults) {
  const auto entries = describe_topic_config(Config(), {}, {});
  for (const auto& entry : entries) EXPECT_TRUE(entry.is_default()) << entry.name;
  EXPECT_EQ(find(entries, "cleanup.policy").value, "delete");
  EXPECT_EQ(find(entries, "retention.ms").value, "604800000");
  EXPECT_THAT(print(find(entries, "retention.ms").synonyms), testing::IsEmpty());
}

TEST(DescribeBrokerConfig, ToolsFindWhatTheyRelyOn) {
  const Config config = config_of({{"num.partitions", "4"}, {"log.retention.hours", "5"}});
  const auto entries = describe_broker_config(config, {});
  EXPECT_EQ(find(entries, "num.partitions").value, "4");
  EXPECT_EQ(find(entries, "num.partitions").source, ConfigSource::kStaticBroker);
  EXPECT_TRUE(find(entries, "num.partitions").is_read_only);
  EXPECT_EQ(find(entries, "delete.topic.enable").value, "true");
  EXPECT_TRUE(find(entries, "inter.broker.protocol.version").value.has_value());
  EXPECT_FALSE(find(entries, "log.retention.ms").is_read_only);
}

TEST(DescribeBrokerConfig, SecretsAreLeftOut) {
  const auto entry = find(describe_broker_config(Config(), {}), "ssl.keystore.password");
  EXPECT_TRUE(entry.is_sensitive);
  EXPECT_EQ(entry.value, std::nullopt);
}

TEST(ValidateTopicConfig, SpeaksAsKafkaDoes) {
  const auto text = [](const char* name, const char* value) {
    return std::string(validate_topic_config(name, value).message());
  };
  EXPECT_EQ(text("foo", "1"), "Unknown topic config name: foo");
  EXPECT_EQ(text("retention.ms", "-2"),
            "Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(text("retention.ms", "abc"),
            "Invalid value abc for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(text("max.message.bytes", "99999999999"),
            "Invalid value 99999999999 for configuration max.message.bytes: Not a number of type "
            "INT");
  EXPECT_EQ(text("preallocate", "yes"),
            "Invalid value yes for configuration preallocate: Expected value to be either true or "
            "false");
  EXPECT_EQ(text("compression.type", "GZIP"),
            "Invalid value GZIP for configuration compression.type: String must be one of: "
            "uncompressed, zstd, lz4, snappy, gzip, producer");
  EXPECT_EQ(text("cleanup.policy", "foo"),
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, "
            "delete");
  EXPECT_EQ(text("cleanup.policy", "delete,"),
            "Configuration 'cleanup.policy' values must not be empty.");
  EXPECT_EQ(text("compression.gzip.level", "0"),
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and "
            "9 or equal to -1");
  EXPECT_EQ(text("compression.zstd.level", "23"),
            "Invalid value 23 for configuration compression.zstd.level: Value must be no more than "
            "22");
  EXPECT_EQ(text("min.cleanable.dirty.ratio", "2"),
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more "
            "than 1");
  EXPECT_THAT(text("leader.replication.throttled.replicas", "foo"),
              StartsWith("Invalid value [foo] for configuration"));
  EXPECT_EQ(text("leader.replication.throttled.replicas", "0:1,1:2"), "");
  EXPECT_EQ(text("retention.ms", " +5 "), "");
  EXPECT_EQ(text("cleanup.policy", "compact, delete"), "");
  EXPECT_EQ(text("preallocate", "TRUE"), "");
}

TEST(ValidateTopicConfig, ConflictingLagsAreRefused) {
  EXPECT_EQ(
      validate_topic_configs({{"min.compaction.lag.ms", "100"}, {"max.compaction.lag.ms", "10"}})
          .message(),
      "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms "
      "(10)");
}

TEST(ValidateDynamicBrokerConfig, ReadOnlyAndPerBrokerKeysAreRefused) {
  EXPECT_TRUE(validate_dynamic_broker_config("log.retention.ms", "5", true).ok());
  EXPECT_THAT(std::string(validate_dynamic_broker_config("num.partitions", "5", false).message()),
              HasSubstr("Cannot update these configs dynamically"));
  EXPECT_THAT(std::string(validate_dynamic_broker_config("listeners", "A://:1", true).message()),
              HasSubstr("default cluster level"));
  EXPECT_FALSE(validate_dynamic_broker_config("log.retention.ms", "x", false).ok());
}

std::string altered(const ConfigMap& overrides, const ConfigAlteration& alteration) {
  auto result = alter_configs(overrides, {alteration}, AlterableResource::kTopic, Config());
  if (!result.ok()) return std::string(result.status().message());
  return result->contains(alteration.name) ? (*result)[alteration.name] : "(none)";
}

TEST(AlterConfigs, AppendsAndSubtracts) {
  using Op = AlterConfigOp;
  EXPECT_EQ(altered({}, {"cleanup.policy", Op::kAppend, "compact"}), "delete,compact");
  EXPECT_EQ(altered({{"cleanup.policy", "compact"}}, {"cleanup.policy", Op::kAppend, "compact"}),
            "compact");
  EXPECT_EQ(
      altered({{"cleanup.policy", "compact,delete"}}, {"cleanup.policy", Op::kSubtract, "delete"}),
      "compact");
  EXPECT_EQ(altered({{"retention.ms", "1"}}, {"retention.ms", Op::kDelete, {}}), "(none)");
  EXPECT_EQ(altered({}, {"retention.ms", Op::kSet, "7"}), "7");
  EXPECT_EQ(altered({}, {"retention.ms", Op::kAppend, "7"}),
            "Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_THAT(altered({}, {"retention.ms", Op::kSet, {}}), HasSubstr("Null value"));
}

TEST(AlterConfigs, AKeyNamedTwiceIsRefused) {
  const ConfigAlteration one{"retention.ms", AlterConfigOp::kSet, "1"};
  const auto result = alter_configs({}, {one, one}, AlterableResource::kTopic, Config());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace moldau
