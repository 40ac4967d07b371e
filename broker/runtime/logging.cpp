#include "broker/runtime/logging.h"

#include <memory>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace moldau {
namespace {

// The length of the UTF-8 sequence at the beginning of `text`; 0 if there is none.
size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = lead < 0x80                   ? 1
                        : lead >= 0xc2 && lead < 0xe0 ? 2
                        : lead >= 0xe0 && lead < 0xf0 ? 3
                        : lead >= 0xf0 && lead < 0xf5 ? 4
                                                      : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    time_.format(message, out);
    const std::string rest = absl::StrCat("\"message\":", json_string(text), "}\n");
    out.append(rest.data(), rest.data() + rest.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

 private:
  spdlog::pattern_formatter time_{R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",)",
                                  spdlog::pattern_time_type::utc, ""};
};

std::shared_ptr<spdlog::logger> make_logger(LoggingOptions::Output output) {
  if (output == LoggingOptions::Output::kStdout) {
    return std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  }
  return std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text[0];
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

absl::Status set_log_level(const std::string& level) {
  const auto parsed = spdlog::level::from_str(level);
  // from_str() takes what it does not know for "off".
  if (parsed == spdlog::level::off && level != "off") {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown log level \"", level,
                     "\": one of trace, debug, info, warn, error, critical, off is needed"));
  }
  spdlog::set_level(parsed);
  return absl::OkStatus();
}

absl::Status set_up_logging(const LoggingOptions& options) {
  auto logger = make_logger(options.output);
  if (options.format == LoggingOptions::Format::kJson) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %-5l %v");
  }
  logger->flush_on(spdlog::level::trace);  // A line that is not there after a crash is no help.
  spdlog::set_default_logger(std::move(logger));
  return set_log_level(options.quiet ? "error" : options.level);
}

}  // namespace moldau
