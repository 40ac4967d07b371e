// The log of the process: one line per event, with what happened, where, and what to do about it.
//
//   text  2026-11-23 06:41:40.123 info  listener PLAINTEXT is on [::]:9092
//   json  {"time":"2026-11-23T06:41:40.123Z","level":"info","message":"listener ..."}
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace moldau {

struct LoggingOptions {
  enum class Format { kText, kJson };
  enum class Output { kStdout, kStderr };

  std::string level = "info";  // trace, debug, info, warn, error, critical or off
  Format format = Format::kText;
  Output output = Output::kStdout;
  bool quiet = false;  // Errors only, whatever the level.
};

// For all that spdlog's own functions log from now on. Not while other threads log.
absl::Status set_up_logging(const LoggingOptions& options);

// Any thread, any time.
absl::Status set_log_level(const std::string& level);

// The text as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace moldau
