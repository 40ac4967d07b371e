// How the records of the coordinators' topics carry their schemas.
//
//   key   := type:int16 body        type is kApi.key of the key's schema; the body is in version 0
//   value := version:int16 body     empty (null) for a tombstone
//
// OffsetCommit keys have the type 1, and 0 in old logs: both read alike (decode_key).
// The key and value of the control records that end transactions have the form of `value` too.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/message.h"

#include "absl/status/statusor.h"

namespace moldau {

std::string int16_prefix(int16_t x);
// InvalidArgument if there are fewer than two bytes.
absl::StatusOr<int16_t> read_int16_prefix(Bytes record);

template <class Key>
std::string encode_key(const Key& key) {
  return int16_prefix(Key::kApi.key) + encode(key, 0);
}
template <class Value>
std::string encode_value(const Value& value, Version version) {
  return int16_prefix(version) + encode(value, version);
}

// The caller has looked at the type with read_int16_prefix().
template <class Key>
absl::StatusOr<Key> decode_key(Bytes record) {
  auto type = read_int16_prefix(record);
  if (!type.ok()) return type.status();
  return decode_as<Key>(record.subspan(2), 0);
}
// Bytes fields of the value point into `record`.
template <class Value>
absl::StatusOr<Value> decode_value(Bytes record) {
  auto version = read_int16_prefix(record);
  if (!version.ok()) return version.status();
  return decode_as<Value>(record.subspan(2), *version);
}

}  // namespace moldau
