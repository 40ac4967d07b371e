#include "tests/benchmarks/produce_answer.h"

#include <algorithm>

#include "protocol/big_endian.h"
#include "protocol/error_code.h"
#include "protocol/messages/produce.h"
#include "protocol/request_header.h"
#include "tests/benchmarks/produce_frames.h"

#include "absl/strings/str_cat.h"

namespace moldau::bench {
namespace {

std::string answer_with(int16_t error_code, const Options& options) {
  ProduceResponse response;
  auto& topic = response.topics.emplace_back();
  topic.name = options.topic;
  for (int i = 0; i < options.request_batches; ++i)
    topic.partitions.push_back({.error_code = error_code});
  const auto version = static_cast<Version>(options.produce_version);
  return encode_response_frame(response, version, kCorrelationId).flatten().substr(4);
}

}  // namespace

// The answers with and without errors differ in the error codes alone.
ProduceAnswerCheck::ProduceAnswerCheck(const Options& options)
    : version_(static_cast<Version>(options.produce_version)) {
  const std::string good = answer_with(0, options);
  const std::string bad = answer_with(0x7b7b, options);
  size_ = good.size();
  for (size_t i = 0; i < good.size(); ++i)
    if (good[i] != bad[i]) positions_.push_back(i);
}

std::string ProduceAnswerCheck::what_is_wrong(Bytes frame) const {
  if (frame.size() != size_ || load_big_endian<int32_t>(frame.data()) != kCorrelationId)
    return look_closely(frame);
  auto is_zero = [&](size_t position) { return frame[position] == 0; };
  return std::ranges::all_of(positions_, is_zero) ? "" : look_closely(frame);
}

std::string ProduceAnswerCheck::look_closely(Bytes frame) const {
  auto parsed = parse_response(frame, ProduceResponse::kApi, version_);
  if (!parsed.ok()) return std::string(parsed.status().message());
  if (parsed->correlation_id != kCorrelationId) return "an answer to another request";
  auto response = decode_as<ProduceResponse>(parsed->body, version_);
  if (!response.ok()) return std::string(response.status().message());
  for (const auto& topic : response->topics)
    for (const auto& partition : topic.partitions)
      if (partition.error_code != 0)
        return absl::StrCat(name(static_cast<ErrorCode>(partition.error_code)), " ",
                            partition.error_message.value_or(""));
  return "";
}

}  // namespace moldau::bench
