#include "broker/groups/consumer_protocol.h"

#include <algorithm>

#include "protocol/message_prefix.h"
#include "protocol/records/frame.h"

namespace moldau {
namespace {

constexpr size_t kVersionBytes = 2;

template <class M>
Version known_version(Version claimed) {
  return std::clamp(claimed, M::kApi.first, M::kApi.last);
}

template <class M>
absl::StatusOr<M> read(Bytes bytes) {
  auto version = read_int16_prefix(bytes);
  if (!version.ok()) return version.status();
  if (*version < M::kApi.first) return codec::unsupported_version(M::kApi, *version);
  M message;
  absl::Status status =
      decode_prefix(message, bytes.subspan(kVersionBytes), known_version<M>(*version));
  if (!status.ok()) return status;
  return message;
}

}  // namespace

absl::StatusOr<ConsumerProtocolSubscription> read_subscription(Bytes bytes) {
  return read<ConsumerProtocolSubscription>(bytes);
}
absl::StatusOr<ConsumerProtocolAssignment> read_assignment(Bytes bytes) {
  return read<ConsumerProtocolAssignment>(bytes);
}

Version consumer_protocol_version(Bytes bytes) { return read_int16_prefix(bytes).value_or(0); }

std::string write_subscription(const ConsumerProtocolSubscription& subscription, Version version) {
  return encode_value(subscription, known_version<ConsumerProtocolSubscription>(version));
}
std::string write_assignment(const ConsumerProtocolAssignment& assignment, Version version) {
  return encode_value(assignment, known_version<ConsumerProtocolAssignment>(version));
}

}  // namespace moldau
