#include "broker/groups/java_string.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace moldau {
namespace {

// The values are what a Java virtual machine answers.
TEST(JavaString, HashIsTheOneOfUtf16Units) {
  EXPECT_EQ(java_hash(""), 0);
  EXPECT_EQ(java_hash("by-admin"), 391464537);
  EXPECT_EQ(java_hash("simple"), -902286926);
  EXPECT_EQ(java_hash("gr\u00fcppe-\U0001f600"), -1039948164);
}

TEST(JavaString, PartitionIsTheAbsoluteHashModuloTheCount) {
  EXPECT_EQ(coordinator_partition("", 50), 0);
  EXPECT_EQ(coordinator_partition("by-admin", 50), 37);
  EXPECT_EQ(coordinator_partition("simple", 50), 26);
  EXPECT_EQ(coordinator_partition("retained", 50), 8);
  EXPECT_EQ(coordinator_partition("gr\u00fcppe-\U0001f600", 50), 14);
}

TEST(JavaString, SmallestHashHasNoAbsoluteValueAndGoesToZero) {
  EXPECT_EQ(java_hash("polygenelubricants"), INT32_MIN);
  EXPECT_EQ(coordinator_partition("polygenelubricants", 50), 0);
}

TEST(JavaString, LengthCountsASupplementaryCharacterTwice) {
  EXPECT_EQ(java_length("abc"), 3u);
  EXPECT_EQ(java_length("\u00e9"), 1u);
  EXPECT_EQ(java_length("\U0001f600"), 2u);
}

// Java replaces the longest beginning of a character that could be one.
TEST(JavaString, MalformedBytesAreReplacementCharacters) {
  const int32_t replaced = 0xfffd;
  EXPECT_EQ(java_hash("\xff"), replaced);
  EXPECT_EQ(java_hash("\xe2\x82"), replaced);  // Cut.
  EXPECT_EQ(java_length("\xc0\x80"), 2u);      // Overlong.
  EXPECT_EQ(java_length("\xed\xa0\x80"), 1u);  // A surrogate.
  EXPECT_EQ(java_hash("\xe2\x82"
                      "A"),
            31 * replaced + 'A');  // The next character survives.
}

}  // namespace
}  // namespace moldau
