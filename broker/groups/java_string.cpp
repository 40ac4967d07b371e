#include "broker/groups/java_string.h"

#include <limits>

namespace moldau {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

// The length that a first byte announces, 0 if it can not start a character.
int sequence_length(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if ((first & 0xf0) == 0xe0) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

// What may follow: the second byte of some sequences is limited, or they would be overlong or past
// U+10FFFF.
bool is_second(uint8_t first, uint8_t second) {
  if ((second & 0xc0) != 0x80) return false;
  if (first == 0xe0) return second >= 0xa0;
  if (first == 0xf0) return second >= 0x90;
  if (first == 0xf4) return second < 0x90;
  return true;
}

// Takes one character off the front; of a malformed one its longest well-formed beginning.
uint32_t next_code_point(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const int length = sequence_length(first);
  size_t used = 1;
  uint32_t point = length < 2 ? first : first & (0x7fu >> length);
  bool is_well_formed = length != 0;
  for (int i = 1; i < length && is_well_formed; ++i) {
    is_well_formed =
        used < text.size() && (i == 1 ? is_second(first, byte(used)) : (byte(used) & 0xc0) == 0x80);
    if (is_well_formed) point = point << 6 | (byte(used++) & 0x3f);
  }
  text.remove_prefix(used);
  const bool is_surrogate = point >= 0xd800 && point < 0xe000;  // As a whole no character.
  return is_well_formed && !is_surrogate ? point : kReplacement;
}

template <class F>
void for_each_utf16_unit(std::string_view text, F f) {
  while (!text.empty()) {
    const uint32_t point = next_code_point(text);
    if (point < 0x10000) {
      f(point);
    } else {
      f(0xd800 + ((point - 0x10000) >> 10));
      f(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
}

}  // namespace

int32_t java_hash(std::string_view utf8) {
  uint32_t hash = 0;
  for_each_utf16_unit(utf8, [&](uint32_t unit) { hash = 31 * hash + unit; });
  return static_cast<int32_t>(hash);
}

size_t java_length(std::string_view utf8) {
  size_t length = 0;
  for_each_utf16_unit(utf8, [&](uint32_t) { ++length; });
  return length;
}

std::u16string java_chars(std::string_view utf8) {
  std::u16string chars;
  for_each_utf16_unit(utf8, [&](uint32_t unit) { chars.push_back(static_cast<char16_t>(unit)); });
  return chars;
}

int32_t coordinator_partition(std::string_view key, int32_t count) {
  const int32_t hash = java_hash(key);
  if (hash == std::numeric_limits<int32_t>::min()) return 0;
  return (hash < 0 ? -hash : hash) % count;
}

}  // namespace moldau
