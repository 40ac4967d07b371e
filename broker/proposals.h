// Turning a change of cluster metadata that could not be decided into what a client is told.
#pragma once

#include <chrono>
#include <string>

#include "broker/network/request.h"
#include "protocol/error_code.h"

#include "absl/status/status.h"

namespace moldau {

// MetadataLog::propose's errors: late ones may be tried again, the others mean that the disk of the
// metadata log failed or the broker is stopping.
inline ErrorCode proposal_error(const absl::Status& status) {
  if (status.ok()) return ErrorCode::kNone;
  return absl::IsDeadlineExceeded(status) ? ErrorCode::kRequestTimedOut : ErrorCode::kNotController;
}

inline Clock::Time deadline_of(const RequestContext& ctx, int32_t timeout_ms) {
  return ctx.received + std::chrono::milliseconds(timeout_ms < 0 ? 0 : timeout_ms);
}

}  // namespace moldau
