// Requests and answers between bytes and structs: what every request costs before anything is done.
#include <string>

#include <benchmark/benchmark.h>

#include "protocol/all_messages.h"
#include "protocol/request_header.h"
#include "tests/benchmarks/micro/batches.h"

namespace moldau {
namespace {

constexpr Version kProduceVersion = 9;
constexpr Version kFetchVersion = 12;

ProduceRequest produce_request(int partitions, const std::string& batch) {
  ProduceRequest request{.acks = -1, .timeout_ms = 30'000};
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  for (int i = 0; i < partitions; ++i)
    topic.partitions.push_back({.index = i, .records = as_bytes(batch)});
  return request;
}

FetchRequest fetch_request(int partitions) {
  FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .max_bytes = 50 << 20};
  auto& topic = request.topics.emplace_back();
  topic.topic = "orders";
  for (int i = 0; i < partitions; ++i)
    topic.partitions.push_back({.partition = i, .partition_max_bytes = 1 << 20});
  return request;
}

FetchResponse fetch_response(int partitions, const std::string& batch) {
  FetchResponse response;
  auto& topic = response.topics.emplace_back();
  topic.topic = "orders";
  for (int i = 0; i < partitions; ++i) {
    topic.partitions.push_back({.partition_index = i});
    topic.partitions.back().records = as_bytes(batch);
  }
  return response;
}

template <class Message>
void decode_loop(benchmark::State& state, const std::string& bytes, Version version) {
  for (auto _ : state) {
    auto message = decode_as<Message>(as_bytes(bytes), version);
    if (!message.ok()) return state.SkipWithError("does not decode");
    benchmark::DoNotOptimize(message->topics.data());
  }
}

void decode_produce(benchmark::State& state) {
  const std::string batch = batch_for_benchmark(16, 1024);
  const auto request = produce_request(static_cast<int>(state.range(0)), batch);
  decode_loop<ProduceRequest>(state, encode(request, kProduceVersion), kProduceVersion);
}
BENCHMARK(decode_produce)->Arg(1)->Arg(16)->Arg(180);

void decode_fetch(benchmark::State& state) {
  const auto request = fetch_request(static_cast<int>(state.range(0)));
  decode_loop<FetchRequest>(state, encode(request, kFetchVersion), kFetchVersion);
}
BENCHMARK(decode_fetch)->Arg(1)->Arg(16)->Arg(1000);

void parse_request_header(benchmark::State& state) {
  const std::string frame =
      encode_request_frame(fetch_request(1), {.api_key = FetchRequest::kApi.key,
                                              .api_version = kFetchVersion,
                                              .client_id = "a-client"})
          .flatten()
          .substr(4);
  for (auto _ : state) benchmark::DoNotOptimize(parse_request(as_bytes(frame)));
}
BENCHMARK(parse_request_header);

// Records are borrowed, not copied.
void encode_fetch_response(benchmark::State& state) {
  const std::string batch = batch_for_benchmark(16, 1024);
  const auto response = fetch_response(static_cast<int>(state.range(0)), batch);
  for (auto _ : state) {
    const EncodedMessage frame = encode_response_frame(response, kFetchVersion, 1);
    benchmark::DoNotOptimize(frame.pieces().data());
  }
}
BENCHMARK(encode_fetch_response)->Arg(1)->Arg(16)->Arg(1000);

}  // namespace
}  // namespace moldau
