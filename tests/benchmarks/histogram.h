// Counts of values in buckets whose width grows with the value: 128 to every power of two, so that
// what is read back is at most 0.8% too large. Fixed size, no allocation when recording.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace moldau::bench {

class Histogram {
 public:
  void record(uint64_t value) {
    ++counts_[bucket(value)];
    ++count_;
    max_ = std::max(max_, value);
  }
  void merge(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }
  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }

  // The smallest bucket's upper end that at least `fraction` of the values do not exceed; 0 if
  // there are no values.
  uint64_t quantile(double fraction) const {
    const auto wanted = std::max<uint64_t>(1, std::ceil(fraction * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i)
      if ((seen += counts_[i]) >= wanted) return std::min(upper_end(i), max_);
    return max_;
  }

 private:
  static constexpr int kBits = 7;
  static constexpr uint64_t kWidth = 1 << kBits;

  // Exact below 2 * kWidth; above, the leading kBits + 1 bits of the value.
  static size_t bucket(uint64_t value) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kBits - 1);
    return static_cast<uint64_t>(shift) * kWidth + (value >> shift);
  }
  static uint64_t upper_end(size_t bucket) {
    if (bucket < 2 * kWidth) return bucket;
    const uint64_t shift = bucket / kWidth - 1;
    return ((bucket - shift * kWidth + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>((64 - kBits + 1) * kWidth);
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace moldau::bench
