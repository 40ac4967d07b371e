// Which partitions a consumer reads, and from where.
#pragma once

#include <vector>

#include "tests/benchmarks/consumer.h"

namespace moldau::bench {

constexpr size_t kConsumerInputBytes = 256 << 10;  // Stays in the second-level cache.

inline Consumer::Setup consumer_setup(int index, const Options& options,
                                      const std::vector<int64_t>& offsets) {
  Consumer::Setup setup;
  const int step = options.fan_out ? 1 : options.consumers;
  for (int i = options.fan_out ? 0 : index; i < options.partitions; i += step) {
    setup.partitions.push_back(i);
    setup.offsets.push_back(offsets[static_cast<size_t>(i)]);
  }
  return setup;
}

}  // namespace moldau::bench
