// locate() finds without reading what carry_out() reads.
#include <random>

#include <gmock/gmock.h>

#include "tests/storage/log_fixture.h"

namespace moldau {
namespace {

class LocateTest : public LogFixture {
 protected:
  static std::string stored_bytes(const LocatedBytes& located) {
    std::string bytes(located.batches.size, '\0');
    if (bytes.empty()) return bytes;
    auto got = located.batches.source->read_at(located.batches.position, mutable_bytes(bytes));
    EXPECT_TRUE(got.ok() && *got == bytes.size());
    return bytes;
  }

  void expect_same(int64_t offset, int64_t end_offset, size_t max_bytes, bool at_least_one) {
    auto plan = log_->plan_read(offset, end_offset, max_bytes, at_least_one);
    ASSERT_TRUE(plan.ok()) << plan.status();
    auto read = carry_out(*plan, ReadMode::kMayBlock);
    auto located = locate(*plan, ReadMode::kMayBlock);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_TRUE(located.ok()) << located.status();
    EXPECT_EQ(stored_bytes(*located), as_text(read->batches))
        << "from " << offset << " to " << end_offset << ", " << max_bytes << " bytes";
    if (located->batches.size == 0) {
      EXPECT_EQ(located->next_offset, read->next_offset);
    }
  }

  void expect_same_for_random_reads(std::mt19937& random, int count) {
    const auto below = [&](int64_t limit) {
      return static_cast<int64_t>(random() % static_cast<uint64_t>(limit));
    };
    for (int i = 0; i < count; ++i) {
      const int64_t offset = below(log_->log_end_offset() + 1);
      const int64_t end = below(3) == 0 ? INT64_MAX : below(log_->log_end_offset() + 2);
      const auto most = static_cast<size_t>(below(below(2) == 0 ? 500 : 50'000));
      expect_same(offset, end, most, below(2) == 0);
    }
  }
};

TEST_F(LocateTest, FindsWhatIsReadWhereverTheIndexIs) {
  std::mt19937 random(7);
  for (const int32_t interval : {64, 4096, 100'000}) {
    SCOPED_TRACE(interval);
    config_.index_interval_bytes = interval;
    config_.segment_bytes = 200'000;
    open();
    for (int i = 0; i < 3000; ++i) {
      const int records = 1 + static_cast<int>(random() % 3);
      const size_t bytes = random() % 20 == 0 ? 3000 : random() % 200;
      ASSERT_EQ(append({.records = records, .value = std::string(bytes, 'v')}).error,
                ErrorCode::kNone);
    }
    expect_same_for_random_reads(random, 1000);  // Indexes of the active segment are in memory.
    close_and_open();
    expect_same_for_random_reads(random, 1000);  // Now they are not.
    log_.reset();
    ASSERT_TRUE(disk_.remove_directory(kDirectory).ok());
  }
}

TEST_F(LocateTest, ReadsLittleOfLargeBatches) {
  open();
  append_many(20, {.value = std::string(100'000, 'v')});
  auto plan = log_->plan_read(3, INT64_MAX, 1'000'000, true);
  ASSERT_TRUE(plan.ok());
  const uint64_t before = disk_.bytes_read();
  auto located = locate(*plan, ReadMode::kMayBlock);
  ASSERT_TRUE(located.ok());
  EXPECT_GT(located->batches.size, 900'000u);
  EXPECT_LT(disk_.bytes_read() - before, 20'000u);
}

TEST_F(LocateTest, ColdPagesAreRefusedWhereNobodyMayWait) {
  open();
  append_many(3);
  auto plan = log_->plan_read(1, INT64_MAX, 1000, true);
  ASSERT_TRUE(plan.ok());
  disk_.set_cold(true);
  EXPECT_TRUE(absl::IsUnavailable(locate(*plan, ReadMode::kCachedOnly).status()));
}

}  // namespace
}  // namespace moldau
