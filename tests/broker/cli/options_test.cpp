#include "broker/cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moldau::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<OptionSpec> kSpecs = {{"topic", OptionKind::kValue, "the topic"},
                                        {"topic-id", OptionKind::kValue, ""},
                                        {"list", OptionKind::kFlag, "lists"},
                                        {"time", OptionKind::kValue, "when"},
                                        {"codec", OptionKind::kOptionalValue, "how"}};

Options parsed(const std::vector<std::string>& arguments) {
  auto options = Options::parse(kSpecs, arguments);
  EXPECT_TRUE(options.ok()) << options.status();
  return options.value_or(Options());
}

std::string fault(const std::vector<std::string>& arguments) {
  return std::string(Options::parse(kSpecs, arguments).status().message());
}

TEST(OptionsTest, ValuesFollowOrAreJoinedByAnEqualsSign) {
  EXPECT_EQ(parsed({"--topic", "a"}).value("topic"), "a");
  EXPECT_EQ(parsed({"--topic=a=b"}).value("topic"), "a=b");
  EXPECT_EQ(parsed({"-topic", "a"}).value("topic"), "a");
  EXPECT_EQ(parsed({"--time", "-1"}).value("time"), "-1");
  EXPECT_THAT(parsed({"--topic", "a", "--topic", "b"}).values("topic"), ElementsAre("a", "b"));
}

TEST(OptionsTest, ABeginningThatOnlyOneOptionHasIsEnough) {
  EXPECT_TRUE(parsed({"--li"}).has("list"));
  EXPECT_EQ(parsed({"--topic", "x"}).value("topic"), "x") << "a whole name is never ambiguous";
  EXPECT_EQ(parsed({"--top", "x"}).value("topic"), "x") << "topic-id continues topic";
  EXPECT_EQ(fault({"--t", "x"}), "t is ambiguous: topic, topic-id, time");
}

TEST(OptionsTest, AnOptionalValueMayBeLeftOut) {
  EXPECT_TRUE(parsed({"--codec", "--list"}).has("codec"));
  EXPECT_EQ(parsed({"--codec", "--list"}).value("codec"), std::nullopt);
  EXPECT_EQ(parsed({"--codec", "zstd"}).value("codec"), "zstd");
}

TEST(OptionsTest, FaultsAreNamed) {
  EXPECT_EQ(fault({"--bogus"}), "bogus is not a recognized option");
  EXPECT_EQ(fault({"--topic"}), "Option topic requires an argument");
  EXPECT_EQ(fault({"--list=yes"}), "Option list takes no value");
  EXPECT_THAT(fault({"stray"}), HasSubstr("stray"));
  EXPECT_EQ(parsed({"--topic", "abc"}).integer("topic").status().message(),
            "Cannot parse argument 'abc' of option topic");
}

TEST(OptionsTest, UsageLeavesOutWhatIsThereForCompatibilityOnly) {
  const std::string text = usage("tool", "Does it.", kSpecs);
  EXPECT_THAT(text, HasSubstr("--topic VALUE"));
  EXPECT_THAT(text, testing::Not(HasSubstr("topic-id")));
}

}  // namespace
}  // namespace moldau::cli
