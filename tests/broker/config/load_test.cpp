#include "broker/config/load.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/config/verbs.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> print(const absl::StatusOr<std::vector<RawSetting>>& settings) {
  if (!settings.ok()) return {std::string(settings.status().message())};
  std::vector<std::string> lines;
  for (const auto& s : *settings)
    lines.push_back(s.origin + " " + s.key + "=" + s.value.value_or("(null)"));
  return lines;
}

TEST(YamlConfig, ScalarsAndListsOfThem) {
  EXPECT_THAT(print(parse_yaml_config("# a comment\nnode.id: 1\nlog.dirs: [/a, /b]\nport:\n"
                                      "listeners:\n  - A://:1\n  - B://:2\n",
                                      "b.yaml")),
              ElementsAre("b.yaml:2 node.id=1", "b.yaml:3 log.dirs=/a,/b", "b.yaml:4 port=(null)",
                          "b.yaml:5 listeners=A://:1,B://:2"));
  EXPECT_THAT(print(parse_yaml_config("", "b.yaml")), IsEmpty());
}

TEST(YamlConfig, FaultsNameTheLine) {
  EXPECT_THAT(print(parse_yaml_config("a: 1\nlog:\n  dirs: x\n", "b.yaml")),
              ElementsAre(HasSubstr("b.yaml:2: log is a mapping")));
  EXPECT_THAT(print(parse_yaml_config("a: 1\na: 2\n", "b.yaml")),
              ElementsAre("b.yaml:2: a is there twice"));
  EXPECT_THAT(print(parse_yaml_config("a: [1\nb: 2\n", "b.yaml")),
              ElementsAre(HasSubstr("b.yaml:")));
  EXPECT_THAT(print(parse_yaml_config("- a\n", "b.yaml")), ElementsAre(HasSubstr("key: value")));
}

TEST(Properties, SeparatorsCommentsAndEscapes) {
  EXPECT_THAT(print(parse_properties("# c\n! c\n\na=1\nb : 2\nc 3\n  d=x=y\ne\\=f=g\n"
                                     "tab=\\t|\nunicode=\\u00e9\nempty=\nalone\r\nlast=\\\\",
                                     "s.properties")),
              ElementsAre("s.properties:4 a=1", "s.properties:5 b=2", "s.properties:6 c=3",
                          "s.properties:7 d=x=y", "s.properties:8 e=f=g", "s.properties:9 tab=\t|",
                          "s.properties:10 unicode=\xC3\xA9", "s.properties:11 empty=",
                          "s.properties:12 alone=", "s.properties:13 last=\\"));
}

TEST(Properties, LinesGoOnAfterABackslash) {
  EXPECT_THAT(print(parse_properties("listeners=A://:1,\\\n    B://:2\nnext=1\n", "s")),
              ElementsAre("s:1 listeners=A://:1,B://:2", "s:3 next=1"));
  EXPECT_THAT(print(parse_properties("a=b\\", "s")), ElementsAre("s:1 a=b"));
}

TEST(Properties, ABrokenEscapeIsAFault) {
  EXPECT_THAT(print(parse_properties("a=1\nb=\\u12", "s")),
              ElementsAre("s:2: \\u wants four hexadecimal digits"));
}

TEST(EnvironmentConfig, NamesBecomeKeys) {
  EXPECT_THAT(print(settings_from_environment({{"KAFKA_NUM_PARTITIONS", "3"},
                                               {"KAFKA_CFG_NODE_ID", "2"},
                                               {"KAFKA_A__B___C", "x"},
                                               {"MOLDAU_SHARDS", "1"},
                                               {"CLUSTER_ID", "id"},
                                               {"KAFKA_CREATE_TOPICS", "t:1:1"},
                                               {"PATH", "/bin"}})),
              ElementsAre("environment KAFKA_A__B___C a_b-c=x",
                          "environment CLUSTER_ID moldau.cluster.id=id",
                          "environment KAFKA_CREATE_TOPICS moldau.create.topics=t:1:1",
                          "environment MOLDAU_SHARDS moldau.shards=1",
                          "environment KAFKA_CFG_NODE_ID node.id=2",
                          "environment KAFKA_NUM_PARTITIONS num.partitions=3"));
}

TEST(EnvironmentConfig, WhatKubernetesAndTheScriptsSetIsPassedOver) {
  EXPECT_THAT(settings_from_environment({{"KAFKA_PORT", "tcp://10.0.0.1:9092"},
                                         {"KAFKA_SERVICE_HOST", "10.0.0.1"},
                                         {"KAFKA_SERVICE_PORT", "9092"},
                                         {"KAFKA_SERVICE_PORT_TCP_CLIENT", "9092"},
                                         {"KAFKA_PORT_9092_TCP_ADDR", "10.0.0.1"},
                                         {"KAFKA_UI_SERVICE_HOST", "10.0.0.2"},
                                         {"KAFKA_HEAP_OPTS", "-Xmx1G"}}),
              IsEmpty());
  EXPECT_EQ(settings_from_environment({{"KAFKA_PORT", "9093"}}).size(), 1u);
}

TEST(LoadConfig, FlagsWinOverEnvironmentOverFile) {
  const std::string path = testing::TempDir() + "/load_test_broker.yaml";
  std::ofstream(path) << "num.partitions: 2\nnode.id: 2\nmessage.max.bytes: 2\n";
  const auto config =
      load_config({.file = path,
                   .environment = {{"KAFKA_NODE_ID", "3"}, {"KAFKA_MESSAGE_MAX_BYTES", "3"}},
                   .overrides = {"message.max.bytes=4"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->get<"num.partitions">(), 2);
  EXPECT_EQ(config->get<"node.id">(), 3);
  EXPECT_EQ(config->get<"message.max.bytes">(), 4);
}

TEST(LoadConfig, WhatIsMissingOrMalformedIsSaid) {
  EXPECT_EQ(load_config({.file = "/nowhere/b.yaml"}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(load_config({.overrides = {"novalue"}}).ok());
}

TEST(LoadConfig, TheShippedFileIsGood) {
  const auto config = load_config({.file = SOURCE_DIR "/conf/broker.yaml"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->warnings(), IsEmpty());
}

TEST(CheckConfig, ExitCodesAreThoseOfTheVerb) {
  std::ostringstream out, err;
  EXPECT_EQ(check_config({}, {}, out, err), 0);
  EXPECT_EQ(check_config({"--override", "node.id=x"}, {}, out, err), 78);
  EXPECT_THAT(err.str(), HasSubstr("--override node.id: Invalid value x"));
  EXPECT_EQ(check_config({"--nonsense"}, {}, out, err), 2);
}

TEST(ShowConfig, DefaultsAreAFileThatIsAccepted) {
  std::ostringstream out, err;
  ASSERT_EQ(show_config({"defaults"}, out, err), 0);
  const auto settings = parse_yaml_config(out.str(), "defaults");
  ASSERT_TRUE(settings.ok()) << settings.status();
  const auto config = Config::from_settings(*settings);
  EXPECT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(show_config({"what"}, out, err), 2);
}

}  // namespace
}  // namespace moldau
