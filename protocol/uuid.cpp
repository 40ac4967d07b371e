#include "protocol/uuid.h"

#include <algorithm>

namespace moldau {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

bool is_reserved(const Uuid& id) {
  return std::all_of(id.begin(), id.end() - 1, [](uint8_t b) { return b == 0; }) &&
         id.back() < kReservedUuids;
}

std::string to_string(const Uuid& id) {
  std::string text;
  uint32_t bits = 0;
  int have = 0;
  for (uint8_t byte : id) {
    bits = bits << 8 | byte;
    for (have += 8; have >= 6; have -= 6) text += kAlphabet[bits >> (have - 6) & 63];
  }
  text += kAlphabet[bits << (6 - have) & 63];
  return text;
}

std::string to_rfc4122(const Uuid& id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[id[i] >> 4];
    text += kDigits[id[i] & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() != 22) return std::nullopt;
  Uuid id;
  uint32_t bits = 0;
  int have = 0;
  auto out = id.begin();
  for (char c : text) {
    size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    *out++ = static_cast<uint8_t>(bits >> have);
  }
  return id;  // 22 digits hold 132 bits; the last four say nothing.
}

}  // namespace moldau
