#include "storage/log_files.h"

#include "storage/checkpoint_file.h"

#include "absl/strings/str_cat.h"

namespace moldau {

namespace {
constexpr size_t kDigits = 20;
}

std::string log_file_name(int64_t base_offset, std::string_view suffix) {
  std::string name = absl::StrCat(absl::Dec(base_offset, absl::kZeroPad20));
  name += suffix;
  return name;
}

std::optional<int64_t> offset_in_name(std::string_view name, std::string_view suffix) {
  if (name.size() != kDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  return parse_number<int64_t>(name.substr(0, kDigits));
}

}  // namespace moldau
