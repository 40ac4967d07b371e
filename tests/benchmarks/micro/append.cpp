// Appending to a log: checks, the write into the page cache, indexes and producer state. Old
// segments go, so that the disk does not fill however long it runs.
#include <string>

#include <benchmark/benchmark.h>

#include "tests/benchmarks/micro/scratch_log.h"

namespace moldau {
namespace {

void append_batch(benchmark::State& state) {
  ScratchLog log({.segment_bytes = 64 << 20, .retention_bytes = 128 << 20});
  std::string batch =
      batch_for_benchmark(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  int64_t appended = 0;
  for (auto _ : state) {
    if (!log.append(batch)) return state.SkipWithError("refused");
    if ((appended += std::ssize(batch)) < (256 << 20)) continue;
    state.PauseTiming();
    appended = 0;
    if (!log->apply_retention(0, log->log_end_offset()).ok()) return state.SkipWithError("full");
    for (const auto& file : log->take_deleted_files()) (void)log.disk().remove(file);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(batch));
}
BENCHMARK(append_batch)->Args({1, 100})->Args({1, 1024})->Args({16, 1024})->Args({100, 10'240});

}  // namespace
}  // namespace moldau
