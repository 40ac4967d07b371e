// What kafka-console-producer makes of a line of its input: header fields, a key, a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau::cli {

struct InputRecord {
  struct Header {
    std::string key;
    std::optional<std::string> value;
  };
  std::vector<Header> headers;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

// The properties of --property and --reader-property, by Kafka's names.
struct LineReader {
  bool parse_key = false;
  bool parse_headers = false;
  bool ignore_error = false;  // A line without separator is all value.
  std::string key_separator = "\t";
  std::string headers_delimiter = "\t";     // After the header fields.
  std::string headers_separator = ",";      // Between two of them.
  std::string headers_key_separator = ":";  // Between name and value of one.
  std::optional<std::string> null_marker;   // A field that is just this is null.

  // InvalidArgument: no such property.
  static absl::StatusOr<LineReader> from_properties(
      const std::vector<std::pair<std::string, std::string>>& properties);
  // InvalidArgument: "No key separator found on line number 3: 'x'".
  absl::StatusOr<InputRecord> parse(std::string_view line, int line_number) const;
};

}  // namespace moldau::cli
