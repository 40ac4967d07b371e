#include "broker/cli/config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ConfigText, LinesAreAsKafkasToolPrintsThem) {
  const std::vector<ConfigText> configs = {
      {.name = "cleanup.policy",
       .value = "compact",
       .source = 1,
       .synonyms = {{1, "cleanup.policy", "compact"}, {5, "log.cleanup.policy", "delete"}}},
      {.name = "secret", .value = {}, .source = 2, .is_sensitive = true, .synonyms = {}}};
  EXPECT_EQ(config_lines(configs),
            "  cleanup.policy=compact sensitive=false "
            "synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact, "
            "DEFAULT_CONFIG:log.cleanup.policy=delete}\n"
            "  secret=null sensitive=true synonyms={}\n");
  EXPECT_EQ(config_json("topic", "t", configs),
            R"({"type":"topic","name":"t","configs":[{"name":"cleanup.policy","value":"compact",)"
            R"("source":"DYNAMIC_TOPIC_CONFIG","sensitive":false},{"name":"secret","value":null,)"
            R"("source":"DYNAMIC_BROKER_CONFIG","sensitive":true}]})");
}

TEST(AddedConfigs, BracketsHoldCommas) {
  EXPECT_THAT(*parse_added_configs("a=1,b=[c,d], e=f=g"),
              ElementsAre(Pair("a", "1"), Pair("b", "c,d"), Pair("e", "f=g")));
  EXPECT_THAT(*parse_added_configs("a="), ElementsAre(Pair("a", "")));
  EXPECT_FALSE(parse_added_configs("a=1,b").ok());
}

}  // namespace
}  // namespace moldau::cli
