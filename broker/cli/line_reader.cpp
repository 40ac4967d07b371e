#include "broker/cli/line_reader.h"

#include "broker/cli/escapes.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace moldau::cli {
namespace {

absl::Status missing(std::string_view what, std::string_view line, int line_number) {
  return absl::InvalidArgumentError(absl::StrCat("No ", std::string(what), " found on line number ",
                                                 line_number, ": '", std::string(line), "'"));
}

// Takes the text before `separator` off the front of `rest`; nullopt if it is not there.
std::optional<std::string> take_until(std::string_view& rest, const std::string& separator) {
  const size_t at = rest.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  std::string text(rest.substr(0, at));
  rest.remove_prefix(at + separator.size());
  return text;
}

}  // namespace

absl::StatusOr<LineReader> LineReader::from_properties(
    const std::vector<std::pair<std::string, std::string>>& properties) {
  LineReader reader;
  for (const auto& [name, value] : properties) {
    if (name == "parse.key") {
      reader.parse_key = value == "true";
    } else if (name == "parse.headers") {
      reader.parse_headers = value == "true";
    } else if (name == "ignore.error") {
      reader.ignore_error = value == "true";
    } else if (name == "key.separator") {
      reader.key_separator = unescape(value);
    } else if (name == "headers.delimiter") {
      reader.headers_delimiter = unescape(value);
    } else if (name == "headers.separator") {
      reader.headers_separator = unescape(value);
    } else if (name == "headers.key.separator") {
      reader.headers_key_separator = unescape(value);
    } else if (name == "null.marker") {
      reader.null_marker = value;
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unknown property ", name));
    }
  }
  for (const std::string* separator : {&reader.key_separator, &reader.headers_delimiter,
                                       &reader.headers_separator, &reader.headers_key_separator})
    if (separator->empty()) return absl::InvalidArgumentError("a separator may not be empty");
  return reader;
}

absl::StatusOr<InputRecord> LineReader::parse(std::string_view line, int line_number) const {
  const auto or_null = [&](std::string text) -> std::optional<std::string> {
    if (null_marker && text == *null_marker) return std::nullopt;
    return text;
  };
  InputRecord record;
  std::string_view rest = line;
  if (parse_headers) {
    const auto fields = take_until(rest, headers_delimiter);
    if (!fields && !ignore_error) return missing("headers delimiter", line, line_number);
    std::string_view left = fields ? std::string_view(*fields) : std::string_view();
    if (fields && null_marker && left == *null_marker) left = {};
    while (!left.empty()) {
      const auto next = take_until(left, headers_separator);
      const std::string field = next ? *next : std::string(left);
      if (!next) left = {};
      std::string_view value = field;
      const auto name = take_until(value, headers_key_separator);
      if (!name && !ignore_error) return missing("header key separator", line, line_number);
      record.headers.push_back(name ? InputRecord::Header{*name, or_null(std::string(value))}
                                    : InputRecord::Header{field, std::nullopt});
    }
  }
  if (parse_key) {
    const auto key = take_until(rest, key_separator);
    if (!key && !ignore_error) return missing("key separator", line, line_number);
    if (key) record.key = or_null(*key);
  }
  record.value = or_null(std::string(rest));
  return record;
}

}  // namespace moldau::cli
