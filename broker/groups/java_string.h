// What Java makes of a string: Kafka defines some rules by it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moldau {

// String.hashCode() of the text that Java decodes from these UTF-8 bytes: over UTF-16 units, a
// malformed sequence counting as U+FFFD.
int32_t java_hash(std::string_view utf8);

// String.length() of that text.
size_t java_length(std::string_view utf8);

// Its characters.
std::u16string java_chars(std::string_view utf8);

// Which of `count` partitions a group, or a transactional id, belongs to.
int32_t coordinator_partition(std::string_view key, int32_t count);

}  // namespace moldau
