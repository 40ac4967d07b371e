// One configuration key: what Kafka calls it, what may be written for it, and whether it has an
// effect here. The tables of them are broker_configs.h and topic_configs.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace moldau {

// As DescribeConfigs numbers them (KIP-569).
enum class ConfigType : int8_t {
  kUnknown = 0,
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kShort = 4,
  kLong = 5,
  kDouble = 6,
  kList = 7,
  kClass = 8,
  kPassword = 9,
};

// Where a value comes from, as DescribeConfigs numbers it (KIP-133, KIP-226). A smaller number
// among 1..5 wins over a larger one.
enum class ConfigSource : int8_t {
  kUnknown = 0,
  kTopic = 1,
  kDynamicBroker = 2,
  kDynamicDefaultBroker = 3,
  kStaticBroker = 4,
  kDefault = 5,
  kGroup = 8,
};

// Who may change a broker config while the broker runs (KIP-226).
enum class UpdateMode : uint8_t { kReadOnly, kPerBroker, kClusterWide };

enum class Support : uint8_t {
  kWorks,     // It does what it says.
  kAccepted,  // Validated, kept and reported, without effect; one line in the log when it is set.
  kIgnored,   // Of the JVM, ZooKeeper or an older Kafka: taken from a file without checks, noted
              // once.
  kRefused,   // Security that is not there: the broker does not start with it.
};

struct ConfigDefinition {
  std::string_view name;
  ConfigType type = ConfigType::kUnknown;
  const char* default_value = nullptr;  // As text; nullptr is Kafka's null.
  // What is allowed, alternatives apart by '|': numbers `1`, ranges `0..` and `0..9`, or words.
  // Of a list it is said of each element. Empty: anything of the type.
  std::string_view allowed;
  UpdateMode update_mode = UpdateMode::kReadOnly;
  Support support = Support::kAccepted;
  std::string_view documentation;

  constexpr bool is_sensitive() const { return type == ConfigType::kPassword; }
};

// A topic config and the broker configs that stand in for it where a topic has no value of its
// own, strongest first; a broker value times `factor` is the topic's value (hours to ms).
struct BrokerSynonym {
  std::string_view name;
  int64_t factor = 1;
};

struct TopicConfigDefinition : ConfigDefinition {
  BrokerSynonym synonyms[3] = {};
};

}  // namespace moldau
