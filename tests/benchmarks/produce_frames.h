// Produce requests that are encoded once and sent over and over: every batch of a run has the same
// records, so that sending costs no more than the gathering write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/message.h"
#include "tests/benchmarks/options.h"

namespace moldau::bench {

constexpr int32_t kCorrelationId = 0x10ad;  // Answers come in order; all requests have the same.

// The records of one partition in one request: a batch of format 2, or messages of format 1 for
// versions before 3. Values are words, which lz4 halves.
std::string build_batch(const Options& options);

// Number i is for partitions i*request_batches and the following, wrapping round at the end;
// together they cover all partitions. Borrows `batch`.
std::vector<EncodedMessage> build_produce_frames(const Options& options, const std::string& batch);

// Which frames producer `index` sends, in turn: all, from its own place on, when keyed; else those
// that fall to it when they are dealt out.
std::vector<size_t> frames_of(int index, const Options& options, size_t frame_count);

// The first value of an uncompressed batch begins with room for a timestamp: where that is, from
// the start of the batch.
constexpr size_t kStampBytes = 8;
size_t stamp_position(const std::string& batch);
// Writes it, and the checksum anew.
void stamp(MutableBytes batch, size_t position, int64_t at_ns);

}  // namespace moldau::bench
