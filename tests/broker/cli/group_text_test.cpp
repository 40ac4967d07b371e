// What kafka-consumer-groups prints and reads. The tables are as Kafka 4.2's tool prints them.
#include "broker/cli/group_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/cli/java_errors.h"
#include "broker/cli/reset_text.h"

namespace moldau::cli {
namespace {

using testing::ElementsAre;

GroupDescription::Member member(const std::string& id, TopicPartitionSet assigned) {
  return {.id = id, .client_id = "client", .host = "/127.0.0.1", .assigned = std::move(assigned)};
}

GroupDescription group_of(std::vector<GroupDescription::Member> members) {
  return {.group = "g",
          .type = "Classic",
          .state = members.empty() ? "Empty" : "Stable",
          .assignor = members.empty() ? "" : "range",
          .coordinator_id = 1,
          .coordinator = {"localhost", 9092},
          .members = std::move(members)};
}

TEST(GroupText, AListIsNamesUnlessColumnsAreAskedFor) {
  const std::vector<GroupListing> groups = {{"a", "consumer", "Stable", "Classic"},
                                            {"b", "", "Empty", ""}};
  EXPECT_EQ(list_text(groups, {}), "a\nb\n");
  EXPECT_EQ(list_text({}, {}), "");
  EXPECT_EQ(list_text(groups, {.has_type = true, .has_state = true}),
            "GROUP                     TYPE                 STATE               \n"
            "a                         Classic              Stable              \n"
            "b                         Unknown              Empty               \n");
}

TEST(GroupText, MissingOffsetsAreDashes) {
  const auto group = group_of({member("m", {{"t", 1}})});
  const auto rows = offset_rows(group, {{{"t", 0}, {7, 3}}}, {{{"t", 0}, 9}});
  EXPECT_EQ(offsets_text("g", rows, false),
            "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  "
            "LAG             CONSUMER-ID     HOST            CLIENT-ID"
            "\ng               t               1          -               -               "
            "-               m               /127.0.0.1      client"
            "\ng               t               0          7               9               "
            "2               -               -               -\n");
  EXPECT_THAT(offsets_text("g", rows, true),
              testing::HasSubstr("t               0          3               7   "));
}

TEST(GroupText, MembersWithMostPartitionsComeFirst) {
  const auto group = group_of({member("one", {{"t", 0}}), member("two", {{"t", 2}, {"t", 1}})});
  std::vector<std::string> ids;
  for (const auto& row : offset_rows(group, {}, {})) ids.push_back(row.consumer_id);
  EXPECT_THAT(ids, ElementsAre("two", "two", "one"));
}

TEST(GroupText, InstancesAreAColumnOnlyIfThereAreAny) {
  auto group = group_of({member("m", {{"a", 1}, {"a", 0}, {"b", 2}})});
  EXPECT_EQ(members_text(group, false),
            "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n"
            "g               m               /127.0.0.1      client          3               \n");
  group.members[0].instance_id = "i";
  group.members[0].epoch = 5;
  group.assignment_epoch = 6;
  EXPECT_EQ(members_text(group, true),
            "\nGROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       "
            "#PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    "
            "TARGET-ASSIGNMENT   \n"
            "g               m               i                 /127.0.0.1      client          "
            "3               5               a:0,1;b:2            6               "
            "-                   \n");
}

TEST(GroupText, UpgradesAreShownWhileAGroupMigrates) {
  auto group = group_of({member("m", {}), member("n", {})});
  group.members[0].is_upgraded = true;
  EXPECT_EQ(members_text(group, true).find("UPGRADED"), std::string::npos);
  group.members[1].is_upgraded = false;
  EXPECT_NE(members_text(group, true).find("UPGRADED"), std::string::npos);
}

TEST(GroupText, TheStateNamesTheCoordinator) {
  EXPECT_EQ(state_text(group_of({}), false),
            "\nGROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                "
            "#MEMBERS"
            "\ng               localhost:9092  (1)       -                    Empty                "
            "0\n");
}

TEST(GroupText, CsvHasQuotesWhereKafkasHas) {
  const GroupOffsets offsets = {
      {"g,h", {{{"short", 0}, 1}, {{"a-name-of-more-than-24-chars", 2}, 3}}}};
  EXPECT_EQ(reset_csv(offsets, true),
            "\"g,h\",\"a-name-of-more-than-24-chars\",2,3\n\"g,h\",short,0,1\n\n");
  EXPECT_EQ(reset_csv(offsets, false), "\"a-name-of-more-than-24-chars\",2,3\nshort,0,1\n\n");
}

TEST(GroupText, APlanReadsWhatWasExported) {
  const GroupOffsets offsets = {{"g", {{{"short", 0}, 1}, {{"a \"name\", odd", 2}, 3}}}};
  const auto with_groups = parse_reset_plan(reset_csv(offsets, true), {"g", "h"});
  ASSERT_TRUE(with_groups.ok()) << with_groups.status();
  EXPECT_EQ(*with_groups, offsets);
  const auto of_one = parse_reset_plan(reset_csv(offsets, false), {"g"});
  ASSERT_TRUE(of_one.ok()) << of_one.status();
  EXPECT_EQ(*of_one, offsets);
  EXPECT_FALSE(parse_reset_plan("t,0,1\n", {"g", "h"}).ok());
  EXPECT_FALSE(parse_reset_plan("t,zero,1\n", {"g"}).ok());
  EXPECT_FALSE(parse_reset_plan("\"t,0,1\n", {"g"}).ok());
}

TEST(GroupText, ResultsAreInTheOrderOfTheirText) {
  EXPECT_EQ(results_text({{{"t", 2}, "Successful"}, {{"t", 10}, "Error: x"}, {{"u", -1}, "gone"}}),
            "\nTOPIC           PARTITION  STATUS         "
            "\nt               10         Error: x       "
            "\nt               2          Successful     "
            "\nu               -          gone           \n");
}

TEST(ResetText, TimesAreUtcUnlessTheyHaveAZone) {
  EXPECT_EQ(*parse_datetime("1970-01-02T00:00:01.500"), 86'401'500);
  EXPECT_EQ(*parse_datetime("1970-01-02T00:00:01.500Z"), 86'401'500);
  EXPECT_EQ(*parse_datetime("1970-01-02T02:30:00.000+02:30"), 86'400'000);
  EXPECT_EQ(*parse_datetime("1970-01-01T23:00:00.000-01"), 86'400'000);
  EXPECT_EQ(*parse_datetime("2024-02-29T00:00:00"), 1'709'164'800'000);
  for (const char* text : {"", "2024-01-01", "2023-02-29T00:00:00.000", "2024-01-01T24:00:00.000",
                           "2024-01-01 00:00:00.000", "2024-01-01T00:00:00.000X"})
    EXPECT_FALSE(parse_datetime(text).ok()) << text;
}

TEST(ResetText, DurationsAreIso8601) {
  EXPECT_EQ(*parse_duration("P1D"), 86'400'000);
  EXPECT_EQ(*parse_duration("PT1H2M3.5S"), 3'723'500);
  EXPECT_EQ(*parse_duration("pt-0.25s"), -250);
  EXPECT_EQ(*parse_duration("-P1DT1M"), -86'460'000);
  for (const char* text : {"", "P", "PT", "1D", "P1M", "PT1D", "P1DT", "PTS"})
    EXPECT_FALSE(parse_duration(text).ok()) << text;
}

TEST(ResetText, TopicsMayNamePartitions) {
  EXPECT_EQ(parse_topic_argument("t")->topic, "t");
  EXPECT_THAT(parse_topic_argument("t")->partitions, ElementsAre());
  EXPECT_THAT(parse_topic_argument("t:0,2")->partitions, ElementsAre(0, 2));
  for (const char* text : {"t:", "t:x", "t:1:2", "t:1,"})
    EXPECT_FALSE(parse_topic_argument(text).ok()) << text;
}

TEST(JavaErrors, AreNamedAsKafkasExceptions) {
  EXPECT_EQ(java_error(ErrorCode::kGroupIdNotFound, "Group g not found."),
            "org.apache.kafka.common.errors.GroupIdNotFoundException: Group g not found.");
  EXPECT_TRUE(java_error(ErrorCode::kNonEmptyGroup)
                  .starts_with("org.apache.kafka.common.errors.GroupNotEmptyException: "));
  EXPECT_TRUE(absl::IsNotFound(java_status(ErrorCode::kGroupIdNotFound)));
}

}  // namespace
}  // namespace moldau::cli
