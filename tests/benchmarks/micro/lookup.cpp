// Finding the bytes of an offset: in the offset index, and as the plan of a fetch.
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "storage/offset_index.h"
#include "tests/benchmarks/micro/scratch_log.h"

namespace moldau {
namespace {

constexpr int kEntries = 1'000'000;

// Near the end entries are in memory; elsewhere they are read from the file.
void look_up_offset(benchmark::State& state) {
  ScratchLog log;
  OffsetIndex index(log.disk(), log.folder() + "/benchmark.index");
  for (int i = 0; i < kEntries; ++i) {
    index.append({.relative_offset = i * 4, .position = i * 4});
    if (index.wants_writing() && !index.write_out().ok()) return state.SkipWithError("no disk");
  }
  const auto from = static_cast<int>(state.range(0));
  std::mt19937 random(1);
  for (auto _ : state) {
    const int wanted =
        (from + static_cast<int>(random() % static_cast<uint32_t>(kEntries - from))) * 4;
    auto found = index.find_last(
        [wanted](const OffsetIndexEntry& entry) { return entry.relative_offset <= wanted; });
    if (!found.ok() || !*found) return state.SkipWithError("not found");
  }
}
BENCHMARK(look_up_offset)->ArgName("from_entry")->Arg(kEntries - 500)->Arg(0);

class FilledLog : public benchmark::Fixture {
 public:
  void SetUp(const benchmark::State&) override {
    log_ = std::make_unique<ScratchLog>();
    std::string batch = batch_for_benchmark(16, 1024);
    while ((*log_)->size_bytes() < (256u << 20))
      if (!log_->append(batch)) std::abort();
  }
  void TearDown(const benchmark::State&) override { log_.reset(); }

 protected:
  int64_t random_offset() {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>((*log_)->log_end_offset()));
  }
  int64_t tail() { return (*log_)->log_end_offset() - 16; }
  absl::StatusOr<ReadPlan> plan(int64_t offset, size_t max_bytes) {
    return (*log_)->plan_read(offset, (*log_)->log_end_offset(), max_bytes, true);
  }

  std::unique_ptr<ScratchLog> log_;
  std::mt19937_64 random_{1};
};

BENCHMARK_F(FilledLog, PlanAtTheTail)(benchmark::State& state) {
  for (auto _ : state)
    if (!plan(tail(), 1 << 20).ok()) return state.SkipWithError("no plan");
}
BENCHMARK_F(FilledLog, PlanAnywhere)(benchmark::State& state) {
  for (auto _ : state)
    if (!plan(random_offset(), 1 << 20).ok()) return state.SkipWithError("no plan");
}

void read_planned(benchmark::State& state, const absl::StatusOr<ReadPlan>& plan, int64_t& bytes) {
  auto read = carry_out(*plan, ReadMode::kMayBlock);
  if (!read.ok()) return state.SkipWithError("not read");
  bytes += static_cast<int64_t>(read->batches.size());
}
BENCHMARK_F(FilledLog, ReadAtTheTail)(benchmark::State& state) {
  int64_t bytes = 0;
  for (auto _ : state) read_planned(state, plan(tail(), 1 << 20), bytes);
  state.SetBytesProcessed(bytes);
}
BENCHMARK_F(FilledLog, ReadAMebibyteAnywhere)(benchmark::State& state) {
  int64_t bytes = 0;
  for (auto _ : state) read_planned(state, plan(random_offset(), 1 << 20), bytes);
  state.SetBytesProcessed(bytes);
}

}  // namespace
}  // namespace moldau
