// The checksum of every batch that is produced: over memory that was just read from a socket.
#include <string>

#include <benchmark/benchmark.h>

#include "protocol/crc32c.h"

namespace moldau {
namespace {

void checksum_of(benchmark::State& state) {
  const std::string bytes(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(as_bytes(bytes)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum_of)->Arg(128)->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace moldau
