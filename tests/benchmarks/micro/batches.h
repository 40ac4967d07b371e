// Batches as a producer sends them, for benchmarks to work on.
#pragma once

#include <string>

#include "protocol/record_batch.h"

namespace moldau {

inline std::string batch_for_benchmark(int records, int value_bytes, Codec codec = Codec::kNone) {
  BatchBuilder builder({.codec = codec});
  std::string value;
  for (int i = 0; std::ssize(value) < value_bytes; ++i) value += "value " + std::to_string(i * i);
  value.resize(static_cast<size_t>(value_bytes));
  for (int i = 0; i < records; ++i)
    builder.add(1'750'000'000'000, as_bytes("key"), as_bytes(value));
  return builder.build();
}

}  // namespace moldau
