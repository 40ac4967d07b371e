// How kafka-console-consumer prints a record: the properties of Kafka's default formatter, and
// JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/record_batch.h"

#include "absl/status/statusor.h"

namespace moldau::cli {

// Bytes as text, or a big-endian number as Java's serializers write them.
enum class FieldKind : uint8_t { kText, kShort, kInt, kLong, kDouble, kFloat };

struct RecordPlace {
  std::string topic;
  int32_t partition = 0;
  TimestampType timestamp_type = TimestampType::kCreateTime;
};

struct RecordText {
  bool prints_timestamp = false;
  bool prints_partition = false;
  bool prints_offset = false;
  bool prints_delivery = false;
  bool prints_epoch = false;
  bool prints_headers = false;
  bool prints_key = false;
  bool prints_value = true;
  std::string key_separator = "\t";
  std::string line_separator = "\n";
  std::string headers_separator = ",";
  std::string null_literal = "null";
  FieldKind key_kind = FieldKind::kText;
  FieldKind value_kind = FieldKind::kText;

  // InvalidArgument: no such property, or a deserializer that is not there.
  static absl::StatusOr<RecordText> from_properties(
      const std::vector<std::pair<std::string, std::string>>& properties);
  std::string print(const Record& record, const RecordPlace& place) const;
};

// One line: topic, partition, offset, timestamp, headers, key, value.
std::string record_json(const Record& record, const RecordPlace& place);

// "...LongDeserializer" and the like.
absl::StatusOr<FieldKind> field_kind(const std::string& deserializer);

}  // namespace moldau::cli
