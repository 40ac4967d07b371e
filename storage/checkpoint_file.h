// The text files that Kafka calls checkpoints: a version line "0", a count line, and that many
// lines of fields with a space between.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace moldau {

using CheckpointLines = std::vector<std::vector<std::string_view>>;  // Borrow from the text.

// DataLoss: another version, another count, or a line with other than `field_count` fields.
absl::StatusOr<CheckpointLines> parse_checkpoint_file(std::string_view text, size_t field_count);
std::string checkpoint_file_text(const std::vector<std::string>& lines);

// The pieces of `text` between separators; empty ones are left out.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view without_spaces_around(std::string_view text);

// The whole of `text` as a number that is not negative.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace moldau
