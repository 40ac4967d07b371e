#include "storage/space_reserve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/simulated_disk.h"

namespace moldau {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SpaceReserveTest : public testing::Test {
 protected:
  static constexpr int64_t kReserved = 1000;

  void leave(uint64_t bytes) { disk.set_space_left(bytes); }

  SimulatedDisk disk;
  std::vector<std::string> lines;
  SpaceReserve reserve{disk, "/data", kReserved,
                       [this](bool, const std::string& line) { lines.push_back(line); }};
};

TEST_F(SpaceReserveTest, WritesStopAtTheReserveAndGoOnWithSpace) {
  leave(5000);
  EXPECT_TRUE(reserve.allows(100));
  leave(1000);
  EXPECT_TRUE(reserve.allows(1500)) << "within what the last look allowed";
  EXPECT_FALSE(reserve.allows(1000));
  EXPECT_FALSE(reserve.allows(1));
  leave(4000);
  EXPECT_TRUE(reserve.allows(1));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is full: 1000 bytes"), HasSubstr("has room again")));
}

}  // namespace
}  // namespace moldau
