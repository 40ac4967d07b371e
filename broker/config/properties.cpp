// java.util.Properties, the format of server.properties:
//
//   # comment        ! comment
//   key=value        key: value      key value
//   a line that ends in an odd number of backslashes goes on with the next one, less that one's
//   leading blanks; escapes in keys and values: \t \n \r \f \uXXXX, and \ before anything else
#include <string>

#include "broker/config/load.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

std::string_view without_leading_blanks(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

// The text up to the next line end, which is dropped: \n, \r or \r\n.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (end != std::string_view::npos && line.data()[end] == '\r' && text.starts_with('\n'))
    text.remove_prefix(1);
  return line;
}

bool goes_on(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

absl::StatusOr<std::string> unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (const char c = text[++i]) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u': {
        uint32_t code = 0;
        if (!absl::SimpleHexAtoi(std::string(text.substr(i + 1, 4)), &code) || i + 4 >= text.size())
          return absl::InvalidArgumentError("\\u wants four hexadecimal digits");
        append_utf8(out, code);
        i += 4;
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

// Where the key ends: the first separator that is not escaped.
size_t key_end(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':' || is_blank(line[i])) {
      return i;
    }
  }
  return line.size();
}

absl::StatusOr<RawSetting> parse_pair(std::string_view line, const std::string& origin) {
  const size_t end = key_end(line);
  std::string_view rest = without_leading_blanks(line.substr(end));
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':'))
    rest = without_leading_blanks(rest.substr(1));
  auto key = unescape(line.substr(0, end));
  auto value = unescape(rest);
  for (const auto* part : {&key, &value})
    if (!part->ok())
      return absl::InvalidArgumentError(
          absl::StrCat(origin, ": ", std::string(part->status().message())));
  return RawSetting{.key = *std::move(key), .value = *std::move(value), .origin = origin};
}

}  // namespace

absl::StatusOr<std::vector<RawSetting>> parse_properties(std::string_view text,
                                                         const std::string& path) {
  std::vector<RawSetting> settings;
  int number = 0;
  while (!text.empty()) {
    std::string line(without_leading_blanks(take_line(text)));
    const std::string origin = absl::StrCat(path, ":", ++number);
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    while (goes_on(line)) {
      line.pop_back();
      if (text.empty()) break;
      line += without_leading_blanks(take_line(text));
      ++number;
    }
    auto setting = parse_pair(line, origin);
    if (!setting.ok()) return setting.status();
    settings.push_back(*std::move(setting));
  }
  return settings;
}

}  // namespace moldau
