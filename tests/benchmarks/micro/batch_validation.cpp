// What a broker does to a batch from a producer before it appends it. Of an ordinary batch only the
// header and the checksum; the records are looked into for compacted topics and conversions.
#include <string>

#include <benchmark/benchmark.h>

#include "protocol/message_set.h"
#include "tests/benchmarks/micro/batches.h"

namespace moldau {
namespace {

std::string batch_of(const benchmark::State& state, Codec codec = Codec::kNone) {
  return batch_for_benchmark(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                             codec);
}

void check_batch_of_producer(benchmark::State& state) {
  const std::string batch = batch_of(state);
  for (auto _ : state)
    if (!check_produced_batch(as_bytes(batch)).ok()) return state.SkipWithError("refused");
  state.SetBytesProcessed(state.iterations() * std::ssize(batch));
}
BENCHMARK(check_batch_of_producer)
    ->Args({1, 100})
    ->Args({1, 1024})
    ->Args({16, 1024})
    ->Args({100, 10'240});

void check_every_record(benchmark::State& state) {
  const std::string batch = batch_of(state, static_cast<Codec>(state.range(2)));
  for (auto _ : state)
    if (!check_records(as_bytes(batch)).ok()) return state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(check_every_record)
    ->Args({16, 1024, static_cast<int>(Codec::kNone)})
    ->Args({16, 1024, static_cast<int>(Codec::kLz4)})
    ->Args({16, 1024, static_cast<int>(Codec::kZstd)});

void rewrite_offset_and_epoch(benchmark::State& state) {
  std::string batch = batch_for_benchmark(1, 100);
  const MutableBytes bytes(reinterpret_cast<uint8_t*>(batch.data()), batch.size());
  int64_t offset = 0;
  for (auto _ : state) {
    set_offset_and_epoch(bytes, ++offset, 1);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(rewrite_offset_and_epoch);

void convert_down_for_old_consumer(benchmark::State& state) {
  const std::string batch = batch_of(state);
  for (auto _ : state)
    benchmark::DoNotOptimize(convert_down(as_bytes(batch), 1, 0, SIZE_MAX, false));
  state.SetBytesProcessed(state.iterations() * std::ssize(batch));
}
BENCHMARK(convert_down_for_old_consumer)->Args({16, 1024});

}  // namespace
}  // namespace moldau
