// What classic members of protocol type "consumer" put into JoinGroup and SyncGroup: opaque to a
// classic group, read by a consumer group that has such members (KIP-848, migration).
//
//   bytes := version:int16 body
//
// A newer version is read as the newest that is known here: it may only add fields at the end, so
// whatever follows the known fields is ignored.
#pragma once

#include <string>

#include "protocol/bytes.h"
#include "protocol/message.h"
#include "protocol/records/consumer_protocol_assignment.h"
#include "protocol/records/consumer_protocol_subscription.h"

#include "absl/status/statusor.h"

namespace moldau {

inline constexpr const char* kConsumerProtocolType = "consumer";

// Both: InvalidArgument if malformed. user_data points into `bytes`.
absl::StatusOr<ConsumerProtocolSubscription> read_subscription(Bytes bytes);
absl::StatusOr<ConsumerProtocolAssignment> read_assignment(Bytes bytes);

// The version that the bytes claim, which an answer to the same client should not exceed;
// 0 if there are too few bytes to have one.
Version consumer_protocol_version(Bytes bytes);

// `version` above the newest known is written as that, below 0 as 0.
std::string write_subscription(const ConsumerProtocolSubscription& subscription, Version version);
std::string write_assignment(const ConsumerProtocolAssignment& assignment, Version version);

}  // namespace moldau
