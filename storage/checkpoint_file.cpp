#include "storage/checkpoint_file.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace moldau {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (end != 0) pieces.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return pieces;
}

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

absl::StatusOr<CheckpointLines> parse_checkpoint_file(std::string_view text, size_t field_count) {
  const auto lines = split(text, '\n');
  if (lines.size() < 2 || lines[0] != "0") return absl::DataLossError("it is not of version 0");
  if (parse_number<int64_t>(lines[1]) != static_cast<int64_t>(lines.size()) - 2)
    return absl::DataLossError("the number of lines is not what it says");
  CheckpointLines parsed;
  for (size_t i = 2; i < lines.size(); ++i) {
    parsed.push_back(split(lines[i], ' '));
    if (parsed.back().size() != field_count)
      return absl::DataLossError(absl::StrCat("line ", i + 1, " has ", parsed.back().size(),
                                              " fields instead of ", field_count));
  }
  return parsed;
}

std::string checkpoint_file_text(const std::vector<std::string>& lines) {
  std::string text = absl::StrCat("0\n", lines.size(), "\n");
  for (const auto& line : lines) absl::StrAppend(&text, line, "\n");
  return text;
}

}  // namespace moldau
