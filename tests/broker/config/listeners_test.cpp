#include "broker/config/listeners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau {
namespace {

using testing::HasSubstr;

Config config_of(const std::map<std::string, std::string>& values) {
  std::vector<RawSetting> settings;
  for (const auto& [key, value] : values)
    settings.push_back({.key = key, .value = value, .origin = "test"});
  auto config = Config::from_settings(settings);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.value_or(Config());
}

std::string fault_of(const std::map<std::string, std::string>& values) {
  std::vector<RawSetting> settings;
  for (const auto& [key, value] : values)
    settings.push_back({.key = key, .value = value, .origin = "test"});
  return std::string(Config::from_settings(settings).status().message());
}

std::vector<ListenerConfig> listeners_of(const std::map<std::string, std::string>& values) {
  return parse_listeners(config_of(values)).value();
}

TEST(EndpointTest, TakesNamesAddressesAndPorts) {
  const auto v6 = parse_endpoint("PLAINTEXT://[::1]:9092");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 9092);
  const auto all = parse_endpoint("external://:0");
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->name, "EXTERNAL");
  EXPECT_EQ(all->host, "");
}

TEST(EndpointTest, RefusesWhatIsNoEndpoint) {
  for (const char* text : {"", "PLAINTEXT", "localhost:9092", "://h:1", "P://h", "P://h:x",
                           "P://h:70000", "P://::1:9092", "P://h:-1"})
    EXPECT_FALSE(parse_endpoint(text).ok()) << text;
}

TEST(ListenersTest, TheDefaultIsEveryAddressOnPort9092) {
  const auto listeners = listeners_of({});
  ASSERT_EQ(listeners.size(), 1u);
  EXPECT_EQ(listeners[0].host, "");
  EXPECT_EQ(listeners[0].port, 9092);
  EXPECT_FALSE(listeners[0].advertised_host.empty());
  EXPECT_TRUE(listeners[0].is_inter_broker);
}

TEST(ListenersTest, AServerPropertiesOfKraftIsUnderstood) {
  const auto listeners = listeners_of({
      {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
      {"advertised.listeners", "PLAINTEXT://broker:19092,CONTROLLER://broker:9093"},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
  });
  ASSERT_EQ(listeners.size(), 2u);
  EXPECT_EQ(listeners[0].advertised_host, "broker");
  EXPECT_EQ(listeners[0].advertised_port, 19092);
  EXPECT_TRUE(listeners[1].is_controller);
}

TEST(ListenersTest, OldNamesStandForListeners) {
  const auto listeners = listeners_of({{"port", "9999"},
                                       {"host.name", "127.0.0.1"},
                                       {"advertised.host.name", "example"},
                                       {"advertised.port", "1234"}});
  EXPECT_EQ(listeners[0].host, "127.0.0.1");
  EXPECT_EQ(listeners[0].port, 9999);
  EXPECT_EQ(listeners[0].advertised_host, "example");
  EXPECT_EQ(listeners[0].advertised_port, 1234);
}

TEST(ListenersTest, FaultsAreNamed) {
  EXPECT_THAT(fault_of({{"listeners", "A://:9092,B://:9092"}}),
              HasSubstr("A and B both listen on port 9092"));
  EXPECT_THAT(fault_of({{"listeners", "A://:1,a://:2"}}), HasSubstr("twice"));
  EXPECT_THAT(fault_of({{"listeners", "SSL://:9093"}}), HasSubstr("asks for SSL"));
  EXPECT_THAT(
      fault_of({{"listeners", "X://:1"}, {"listener.security.protocol.map", "X:SASL_PLAINTEXT"}}),
      HasSubstr("asks for SASL_PLAINTEXT"));
  EXPECT_THAT(fault_of({{"advertised.listeners", "OTHER://h:1"}}),
              HasSubstr("OTHER is not among the listeners"));
  EXPECT_THAT(fault_of({{"advertised.listeners", "PLAINTEXT://0.0.0.0:9092"}}),
              HasSubstr("no address to connect to"));
  EXPECT_THAT(fault_of({{"inter.broker.listener.name", "INTERNAL"}}),
              HasSubstr("INTERNAL is not among"));
  EXPECT_THAT(fault_of({{"listeners", "nonsense"}}), HasSubstr("NAME://host:port"));
}

TEST(ListenersTest, AnyFreePortMayBeAskedForTwice) {
  EXPECT_EQ(listeners_of({{"listeners", "A://127.0.0.1:0,B://127.0.0.1:0"}}).size(), 2u);
}

TEST(TopicsToCreateTest, TakesTheImagesForm) {
  const auto topics = parse_topics_to_create("a:3:1,b:1:1:compact\nc");
  ASSERT_TRUE(topics.ok());
  ASSERT_EQ(topics->size(), 3u);
  EXPECT_EQ((*topics)[0].partitions, 3);
  EXPECT_EQ((*topics)[1].cleanup_policy, "compact");
  EXPECT_EQ((*topics)[2].partitions, -1);
  EXPECT_FALSE(parse_topics_to_create("a:x:1").ok());
  EXPECT_FALSE(parse_topics_to_create("a:0:1").ok());
  EXPECT_FALSE(parse_topics_to_create("a:1:1:compact:more").ok());
}

}  // namespace
}  // namespace moldau
