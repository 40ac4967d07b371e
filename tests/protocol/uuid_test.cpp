#include "protocol/uuid.h"

#include "gtest/gtest.h"

namespace moldau {
namespace {

TEST(UuidTest, IsPrintedAsKafkaPrintsIt) {
  EXPECT_EQ(to_string(kZeroUuid), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(to_string(kMetadataTopicId), "AAAAAAAAAAAAAAAAAAAAAQ");
  Uuid ones;
  ones.fill(0xff);
  EXPECT_EQ(to_string(ones), "_____________________w");
}

TEST(UuidTest, IsReadBack) {
  Uuid id;
  for (size_t i = 0; i < id.size(); ++i) id[i] = static_cast<uint8_t>(i * 37 + 200);
  EXPECT_EQ(parse_uuid(to_string(id)), id);
  EXPECT_EQ(parse_uuid("AAAAAAAAAAAAAAAAAAAAAQ=="), kMetadataTopicId);
}

TEST(UuidTest, OtherTextIsRefused) {
  EXPECT_EQ(parse_uuid(""), std::nullopt);
  EXPECT_EQ(parse_uuid("AAAAAAAAAAAAAAAAAAAAA"), std::nullopt);
  EXPECT_EQ(parse_uuid("AAAAAAAAAAAAAAAAAAAAAAA"), std::nullopt);
  EXPECT_EQ(parse_uuid("AAAAAAAAAAAAAAAAAAAA+Q"), std::nullopt);
}

TEST(UuidTest, TheFirstHundredAreReserved) {
  EXPECT_TRUE(is_reserved(kZeroUuid));
  EXPECT_TRUE(is_reserved(kDirMigrating));
  EXPECT_FALSE(is_reserved({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100}));
  EXPECT_FALSE(is_reserved({1}));
}

}  // namespace
}  // namespace moldau
