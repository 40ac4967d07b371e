#include "tests/benchmarks/histogram.h"

#include <gtest/gtest.h>

namespace moldau::bench {
namespace {

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.quantile(0.5), 50u);
  EXPECT_EQ(histogram.quantile(0.99), 99u);
  EXPECT_EQ(histogram.quantile(1), 100u);
  EXPECT_EQ(histogram.count(), 100u);
}

TEST(HistogramTest, LargeValuesAreAtMostOnePartIn128TooLarge) {
  for (uint64_t value = 1; value < (uint64_t{1} << 62); value = value * 5 / 3 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(UINT64_MAX);
    EXPECT_GE(histogram.quantile(0.5), value);
    EXPECT_LE(histogram.quantile(0.5), value + value / 128);
  }
}

TEST(HistogramTest, TheLargestValueHasItsPlace) {
  Histogram histogram;
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.quantile(0.5), UINT64_MAX);
  EXPECT_EQ(histogram.max(), UINT64_MAX);
}

TEST(HistogramTest, NoQuantileExceedsTheMaximum) {
  Histogram histogram;
  histogram.record(1'000'001);
  EXPECT_EQ(histogram.quantile(0.5), 1'000'001u);
}

TEST(HistogramTest, MergedIsAsIfRecordedInOne) {
  Histogram one, other, both;
  for (uint64_t i = 0; i < 1000; ++i) {
    (i % 3 == 0 ? one : other).record(i * i);
    both.record(i * i);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  for (const double fraction : {0.1, 0.5, 0.9, 0.999})
    EXPECT_EQ(one.quantile(fraction), both.quantile(fraction));
}

TEST(HistogramTest, OfNothingIsZero) { EXPECT_EQ(Histogram().quantile(0.99), 0u); }

}  // namespace
}  // namespace moldau::bench
