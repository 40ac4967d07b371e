#include "broker/config/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/config/definitions.h"
#include "broker/config/topic_configs.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

RawSetting set(std::string key, std::string value) {
  return {.key = std::move(key), .value = std::move(value), .origin = "broker.yaml:1"};
}

std::string faults_of(const std::vector<RawSetting>& settings) {
  const auto config = Config::from_settings(settings);
  return config.ok() ? "" : std::string(config.status().message());
}

TEST(ConfigTable, NamesAreInOrderAndUnique) {
  for (size_t i = 1; i < std::size(kBrokerConfigs); ++i)
    EXPECT_LT(kBrokerConfigs[i - 1].name, kBrokerConfigs[i].name);
  for (size_t i = 1; i < std::size(kTopicConfigs); ++i)
    EXPECT_LT(kTopicConfigs[i - 1].name, kTopicConfigs[i].name);
}

TEST(ConfigTable, EveryKeyIsDocumented) {
  for (const auto& row : kBrokerConfigs) EXPECT_GT(row.documentation.size(), 10u) << row.name;
  for (const auto& row : kTopicConfigs) EXPECT_GT(row.documentation.size(), 10u) << row.name;
}

// All of the broker's sources but the tables themselves.
std::string sources() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SOURCE_DIR "/broker")) {
    const std::string path = entry.path();
    if (!entry.is_regular_file() || path.ends_with("_configs.h")) continue;
    std::ifstream file(path);
    text.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return text;
}

bool is_default_of_a_topic_config_that_works(std::string_view name) {
  return std::ranges::any_of(kTopicConfigs, [&](const TopicConfigDefinition& topic) {
    return topic.support == Support::kWorks &&
           std::ranges::find(topic.synonyms, name, &BrokerSynonym::name) !=
               std::end(topic.synonyms);
  });
}

TEST(ConfigTable, WhatIsSaidToWorkIsReadSomewhere) {
  const std::string code = sources();
  const auto is_read = [&](std::string_view name) {
    return code.find('"' + std::string(name) + '"') != std::string::npos;
  };
  for (const auto& row : kBrokerConfigs)
    if (row.support == Support::kWorks && !is_default_of_a_topic_config_that_works(row.name)) {
      EXPECT_TRUE(is_read(row.name)) << row.name;
    }
  for (const auto& row : kTopicConfigs)
    if (row.support == Support::kWorks && !row.name.ends_with(".level")) {
      EXPECT_TRUE(is_read(row.name)) << row.name;
    }
}

TEST(ConfigTable, DefaultsAreAllowedValues) {
  const auto check = [](const ConfigDefinition& row) {
    if (row.default_value == nullptr || *row.default_value == '\0') return;
    EXPECT_TRUE(parse_value(row, row.default_value).ok()) << row.name;
  };
  std::ranges::for_each(kBrokerConfigs, check);
  std::ranges::for_each(kTopicConfigs, check);
}

TEST(ConfigTable, BrokerSynonymsExistAndHaveTheSameDefault) {
  for (const auto& topic : kTopicConfigs)
    for (const auto& [name, factor] : topic.synonyms) {
      if (name.empty()) continue;
      const ConfigDefinition* broker = find_broker_config(name);
      ASSERT_NE(broker, nullptr) << name;
      if (broker->default_value == nullptr || factor != 1) continue;
      EXPECT_STREQ(broker->default_value, topic.default_value) << topic.name;
    }
}

TEST(ConfigTest, DefaultsAreThoseOfAFirstRun) {
  const Config config;
  EXPECT_EQ(config.get<"num.partitions">(), 1);
  EXPECT_EQ(config.get<"node.id">(), 1);
  EXPECT_TRUE(config.get<"auto.create.topics.enable">());
  EXPECT_EQ(config.get<"log.flush.interval.messages">(), 1);
  EXPECT_THAT(config.get<"log.dirs">(), ElementsAre("./data"));
  EXPECT_EQ(config.find<"log.retention.ms">(), std::nullopt);
  EXPECT_EQ(config.setting("num.partitions")->source, ConfigSource::kDefault);
}

TEST(ConfigTest, LaterSettingsWin) {
  const auto config =
      Config::from_settings({set("num.partitions", "3"), {"num.partitions", "5", "environment"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->get<"num.partitions">(), 5);
  EXPECT_EQ(config->setting("num.partitions")->source, ConfigSource::kStaticBroker);
  EXPECT_EQ(config->setting("num.partitions")->origin, "environment");
}

TEST(ConfigTest, FaultsNameThePlaceTheKeyAndWhatIsAllowed) {
  EXPECT_EQ(faults_of({set("num.partitions", "0")}),
            "broker.yaml:1: Invalid value 0 for configuration num.partitions: Value must be at "
            "least 1");
  EXPECT_EQ(faults_of({set("delete.topic.enable", "maybe")}),
            "broker.yaml:1: Invalid value maybe for configuration delete.topic.enable: Expected "
            "value to be either true or false (allowed: true or false)");
}

TEST(ConfigTest, AllFaultsAreReportedAtOnce) {
  const std::string faults =
      faults_of({set("num.partitions", "x"), set("message.max.bytes", "-1")});
  EXPECT_THAT(faults, HasSubstr("num.partitions"));
  EXPECT_THAT(faults, HasSubstr("message.max.bytes"));
}

TEST(ConfigTest, UnknownKeysAreWarnedAboutWithASuggestion) {
  const auto config = Config::from_settings({set("num.partition", "3")});
  ASSERT_TRUE(config.ok());
  EXPECT_THAT(config->warnings(),
              ElementsAre("broker.yaml:1: unknown key num.partition; is num.partitions meant?"));
}

TEST(ConfigTest, JvmAndZooKeeperKeysAreNotedAndIgnored) {
  const auto config = Config::from_settings({set("zookeeper.connect", "localhost:2181"),
                                             set("zookeeper.session.timeout.ms", "not checked")});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->warnings().size(), 2u);
}

TEST(ConfigTest, SecurityThatIsNotThereRefusesToStart) {
  EXPECT_THAT(faults_of({set("authorizer.class.name", "kafka.security.Acl")}),
              HasSubstr("does not have that kind of protection"));
  EXPECT_THAT(faults_of({set("ssl.keystore.location", "/k.jks")}), HasSubstr("ssl.keystore"));
  EXPECT_THAT(faults_of({set("listener.name.internal.sasl.enabled.mechanisms", "PLAIN")}),
              HasSubstr("sasl.enabled.mechanisms"));
  EXPECT_EQ(faults_of({set("ssl.client.auth", "none")}), "");
}

TEST(ConfigTest, KeysWithoutEffectSaySo) {
  const auto config = Config::from_settings({set("num.replica.fetchers", "4")});
  ASSERT_TRUE(config.ok());
  EXPECT_THAT(config->warnings(), ElementsAre(HasSubstr("has no effect yet")));
}

TEST(ConfigTest, BrokerIdAndLogDirStandForTheNewerNames) {
  const auto config = Config::from_settings({set("broker.id", "7"), set("log.dir", "/tmp/a")});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->get<"node.id">(), 7);
  EXPECT_THAT(config->get<"log.dirs">(), ElementsAre("/tmp/a"));
  EXPECT_THAT(faults_of({set("broker.id", "7"), set("node.id", "8")}), HasSubstr("but node.id"));
}

TEST(ConfigTest, DynamicValuesLieOverStaticOnes) {
  const auto config = Config::from_settings({set("log.retention.ms", "1000")});
  ASSERT_TRUE(config.ok());
  const Config merged = config->with_dynamic(
      {.broker = {{"log.retention.ms", "3000"}},
       .cluster_default = {{"log.retention.ms", "2000"}, {"num.partitions", "9"}}});
  EXPECT_EQ(merged.find<"log.retention.ms">(), 3000);
  EXPECT_EQ(merged.setting("log.retention.ms")->source, ConfigSource::kDynamicBroker);
  EXPECT_EQ(merged.get<"num.partitions">(), 1) << "read-only while running";
}

}  // namespace
}  // namespace moldau
