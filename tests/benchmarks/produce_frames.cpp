#include "tests/benchmarks/produce_frames.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"
#include "protocol/message_set.h"
#include "protocol/messages/produce.h"
#include "protocol/record_batch.h"
#include "protocol/request_header.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

constexpr std::string_view kMark = "\x01\x7fmark\x7f\x01";  // Where the timestamp goes.
static_assert(kMark.size() == kStampBytes);
constexpr size_t kCrcPosition = 17;
constexpr int16_t kFirstVersionWithBatches = 3;

std::vector<std::string> make_words(std::mt19937_64& random) {
  std::vector<std::string> words(2048);
  for (auto& word : words) {
    word.resize(3 + random() % 8);
    for (char& letter : word) letter = static_cast<char>('a' + random() % 26);
    word += ' ';
  }
  return words;
}

std::string make_value(size_t size, const std::vector<std::string>& words,
                       std::mt19937_64& random) {
  std::string value(kMark);
  while (value.size() < size) value += words[random() % words.size()];
  value.resize(size);
  return value;
}

int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

ProduceRequest request_for(size_t first, const Options& options, const std::string& batch) {
  ProduceRequest request{.acks = static_cast<int16_t>(options.acks), .timeout_ms = 30'000};
  auto& topic = request.topics.emplace_back();
  topic.name = options.topic;
  for (int i = 0; i < options.request_batches; ++i)
    topic.partitions.push_back(
        {.index = static_cast<int32_t>((first + static_cast<size_t>(i)) %
                                       static_cast<size_t>(options.partitions)),
         .records = as_bytes(batch)});
  return request;
}

}  // namespace

std::string build_batch(const Options& options) {
  std::mt19937_64 random(20260101);  // The same values every time.
  const auto words = make_words(random);
  BatchBuilder builder({.codec = options.codec});
  const int64_t now = wall_clock_ms();
  for (int i = 0; i < options.batch_records; ++i) {
    const std::string key = absl::StrCat("key-", random() % 1'000'000);
    const std::string value = make_value(static_cast<size_t>(options.record_bytes), words, random);
    builder.add(now, options.keyed ? std::optional(as_bytes(key)) : std::nullopt, as_bytes(value));
  }
  std::string batch = builder.build();
  if (options.produce_version >= kFirstVersionWithBatches) return batch;
  return convert_down(as_bytes(batch), 1, 0, SIZE_MAX, false).value();
}

std::vector<EncodedMessage> build_produce_frames(const Options& options, const std::string& batch) {
  const auto per_request = static_cast<size_t>(options.request_batches);
  const size_t count = (static_cast<size_t>(options.partitions) + per_request - 1) / per_request;
  const RequestHeader header{.api_key = ProduceRequest::kApi.key,
                             .api_version = static_cast<int16_t>(options.produce_version),
                             .correlation_id = kCorrelationId,
                             .client_id = "moldau-load"};
  std::vector<EncodedMessage> frames;
  for (size_t i = 0; i < count; ++i)
    frames.push_back(encode_request_frame(request_for(i * per_request, options, batch), header));
  return frames;
}

std::vector<size_t> frames_of(int index, const Options& options, size_t frame_count) {
  const auto producer = static_cast<size_t>(index);
  const auto producers = static_cast<size_t>(options.producers);
  std::vector<size_t> frames;
  if (options.keyed) {
    for (size_t i = 0; i < frame_count; ++i)
      frames.push_back((producer * frame_count / producers + i) % frame_count);
  } else {
    for (size_t i = producer % frame_count; i < frame_count; i += producers) frames.push_back(i);
  }
  return frames;
}

size_t stamp_position(const std::string& batch) { return batch.find(kMark); }

void stamp(MutableBytes batch, size_t position, int64_t at_ns) {
  store_big_endian(batch.data() + position, at_ns);
  store_big_endian(batch.data() + kCrcPosition, crc32c(batch.subspan(kCrcPosition + 4)));
}

}  // namespace moldau::bench
