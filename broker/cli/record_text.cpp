#include "broker/cli/record_text.h"

#include <bit>

#include "broker/cli/escapes.h"
#include "broker/cli/json.h"
#include "protocol/big_endian.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

std::string text_of(Bytes bytes) { return std::string(as_text(bytes)); }

template <class T>
std::string number_of(Bytes bytes) {
  if (bytes.size() != sizeof(T)) return text_of(bytes);
  return std::to_string(load_big_endian<T>(bytes.data()));
}

std::string print_field(const std::optional<Bytes>& bytes, FieldKind kind,
                        const std::string& null_literal) {
  if (!bytes) return null_literal;
  switch (kind) {
    case FieldKind::kShort:
      return number_of<int16_t>(*bytes);
    case FieldKind::kInt:
      return number_of<int32_t>(*bytes);
    case FieldKind::kLong:
      return number_of<int64_t>(*bytes);
    case FieldKind::kFloat:
      if (bytes->size() == 4)
        return absl::StrCat(std::bit_cast<float>(load_big_endian<uint32_t>(bytes->data())));
      break;
    case FieldKind::kDouble:
      if (bytes->size() == 8)
        return absl::StrCat(std::bit_cast<double>(load_big_endian<uint64_t>(bytes->data())));
      break;
    case FieldKind::kText:
      break;
  }
  return text_of(*bytes);
}

std::string print_timestamp(int64_t timestamp, TimestampType type) {
  if (timestamp == kNoTimestamp) return "NO_TIMESTAMP";
  return absl::StrCat(type == TimestampType::kLogAppendTime ? "LogAppendTime:" : "CreateTime:",
                      timestamp);
}

std::string print_headers(const std::vector<RecordHeader>& headers, const RecordText& format) {
  if (headers.empty()) return "NO_HEADERS";
  std::vector<std::string> fields;
  for (const auto& header : headers)
    fields.push_back(
        absl::StrCat(std::string(header.key), ":",
                     print_field(header.value, FieldKind::kText, format.null_literal)));
  return absl::StrJoin(fields, format.headers_separator);
}

std::string json_field(const std::optional<Bytes>& bytes) {
  return bytes ? json_string(as_text(*bytes)) : "null";
}

}  // namespace

absl::StatusOr<FieldKind> field_kind(const std::string& deserializer) {
  for (const char* text : {"StringDeserializer", "ByteArrayDeserializer", "BytesDeserializer"})
    if (absl::EndsWith(deserializer, text)) return FieldKind::kText;
  constexpr std::pair<const char*, FieldKind> kNumbers[] = {
      {"ShortDeserializer", FieldKind::kShort},
      {"IntegerDeserializer", FieldKind::kInt},
      {"LongDeserializer", FieldKind::kLong},
      {"FloatDeserializer", FieldKind::kFloat},
      {"DoubleDeserializer", FieldKind::kDouble}};
  for (const auto& [name, kind] : kNumbers)
    if (absl::EndsWith(deserializer, name)) return kind;
  return absl::InvalidArgumentError(absl::StrCat("there is no deserializer ", deserializer));
}

absl::StatusOr<RecordText> RecordText::from_properties(
    const std::vector<std::pair<std::string, std::string>>& properties) {
  RecordText format;
  const std::pair<const char*, bool*> kSwitches[] = {{"print.timestamp", &format.prints_timestamp},
                                                     {"print.partition", &format.prints_partition},
                                                     {"print.offset", &format.prints_offset},
                                                     {"print.delivery", &format.prints_delivery},
                                                     {"print.epoch", &format.prints_epoch},
                                                     {"print.headers", &format.prints_headers},
                                                     {"print.key", &format.prints_key},
                                                     {"print.value", &format.prints_value}};
  const std::pair<const char*, std::string*> kTexts[] = {
      {"key.separator", &format.key_separator},
      {"line.separator", &format.line_separator},
      {"headers.separator", &format.headers_separator},
      {"null.literal", &format.null_literal}};
  for (const auto& [name, value] : properties) {
    bool is_known = absl::StartsWith(name, "schema.");
    for (const auto& [known, target] : kSwitches)
      if (name == known) {
        *target = value == "true";
        is_known = true;
      }
    for (const auto& [known, target] : kTexts)
      if (name == known) {
        *target = unescape(value);
        is_known = true;
      }
    if (name == "key.deserializer" || name == "value.deserializer") {
      auto kind = field_kind(value);
      if (!kind.ok()) return kind.status();
      (name == "key.deserializer" ? format.key_kind : format.value_kind) = *kind;
      is_known = true;
    }
    if (!is_known) return absl::InvalidArgumentError(absl::StrCat("unknown property ", name));
  }
  return format;
}

std::string RecordText::print(const Record& record, const RecordPlace& place) const {
  std::vector<std::string> fields;
  if (prints_timestamp) fields.push_back(print_timestamp(record.timestamp, place.timestamp_type));
  if (prints_partition) fields.push_back(absl::StrCat("Partition:", place.partition));
  if (prints_offset) fields.push_back(absl::StrCat("Offset:", record.offset));
  if (prints_delivery) fields.push_back("Delivery:NOT_PRESENT");
  if (prints_epoch) fields.push_back("Epoch:NOT_PRESENT");
  if (prints_headers) fields.push_back(print_headers(record.headers, *this));
  if (prints_key) fields.push_back(print_field(record.key, key_kind, null_literal));
  if (prints_value) fields.push_back(print_field(record.value, value_kind, null_literal));
  return absl::StrCat(absl::StrJoin(fields, key_separator), line_separator);
}

std::string record_json(const Record& record, const RecordPlace& place) {
  std::vector<std::string> headers;
  for (const auto& header : record.headers)
    headers.push_back(
        JsonObject().text("key", header.key).raw("value", json_field(header.value)).done());
  return JsonObject()
             .text("topic", place.topic)
             .number("partition", place.partition)
             .number("offset", record.offset)
             .number("timestamp", record.timestamp)
             .raw("headers", json_array(headers))
             .raw("key", json_field(record.key))
             .raw("value", json_field(record.value))
             .done() +
         "\n";
}

}  // namespace moldau::cli
