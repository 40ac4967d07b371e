#include "protocol/log_entry.h"

#include "protocol/big_endian.h"
#include "protocol/message_set.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kSizeAt = 8, kAttributesAt = 17, kTimestampAt = 18;
constexpr size_t kHeaderBytes[] = {18, 26, kBatchHeaderBytes};

size_t smallest_entry(int8_t magic) {
  return magic == 2 ? kBatchHeaderBytes : kMinMessageBytes[magic];
}

EntryHeader of_batch(const BatchHeader& h) {
  return {.magic = 2,
          .size_bytes = h.size_bytes(),
          .base_offset = h.base_offset,
          .last_offset = h.last_offset(),
          .max_timestamp = h.max_timestamp,
          .codec = h.codec(),
          .timestamp_type = h.timestamp_type(),
          .is_control = h.is_control()};
}

EntryHeader of_message(Bytes bytes, int8_t magic, size_t size) {
  const uint8_t* p = bytes.data();
  const auto offset = load_big_endian<int64_t>(p);
  const bool append_time = magic == 1 && (p[kAttributesAt] & kAppendTimeBit) != 0;
  return {
      .magic = magic,
      .size_bytes = size,
      .base_offset = offset,
      .last_offset = offset,
      .max_timestamp = magic == 1 ? load_big_endian<int64_t>(p + kTimestampAt) : kNoTimestamp,
      .codec = static_cast<Codec>(p[kAttributesAt] & 0x07),
      .timestamp_type = append_time ? TimestampType::kLogAppendTime : TimestampType::kCreateTime};
}

}  // namespace

absl::StatusOr<size_t> entry_size(Bytes bytes) {
  if (bytes.size() <= kMagicPosition) return absl::OutOfRangeError("log entry: is cut");
  const auto magic = static_cast<int8_t>(bytes[kMagicPosition]);
  if (magic < 0 || magic > 2) return absl::DataLossError(absl::StrCat("log entry: magic ", magic));
  const auto size = load_big_endian<int32_t>(bytes.data() + kSizeAt);
  if (size < 0 || kLogOverhead + static_cast<size_t>(size) < smallest_entry(magic)) {
    return absl::DataLossError(absl::StrCat("log entry: size ", size));
  }
  return kLogOverhead + static_cast<size_t>(size);
}

absl::StatusOr<EntryHeader> parse_entry_header(Bytes bytes) {
  const auto size = entry_size(bytes);
  if (!size.ok()) return size.status();
  const auto magic = static_cast<int8_t>(bytes[kMagicPosition]);
  if (bytes.size() < kHeaderBytes[magic]) return absl::OutOfRangeError("log entry: header is cut");
  if (magic < 2) return of_message(bytes, magic, *size);
  const auto header = parse_batch_header(bytes);
  if (!header.ok()) return header.status();
  return of_batch(*header);
}

absl::Status check_entry(Bytes entry) {
  const auto size = entry_size(entry);
  if (absl::IsOutOfRange(size.status())) return absl::DataLossError("log entry: is cut");
  if (!size.ok()) return size.status();
  if (*size != entry.size()) {
    return absl::DataLossError(absl::StrCat("log entry: is ", *size, " bytes, not ", entry.size()));
  }
  return first_magic(entry) == 2 ? check_batch(entry) : check_message(entry);
}

absl::Status for_each_entry(Bytes entries,
                            absl::FunctionRef<bool(const EntryHeader&, Bytes)> visit) {
  while (true) {
    const auto header = parse_entry_header(entries);
    if (absl::IsOutOfRange(header.status())) return absl::OkStatus();
    if (!header.ok()) return header.status();
    if (header->size_bytes > entries.size()) return absl::OkStatus();
    if (!visit(*header, entries.first(header->size_bytes))) return absl::OkStatus();
    entries = entries.subspan(header->size_bytes);
  }
}

absl::Status for_each_entry_record(Bytes entry, absl::FunctionRef<bool(const Record&)> visit,
                                   size_t max_decompressed_bytes) {
  return first_magic(entry) == 2 ? for_each_record(entry, visit, max_decompressed_bytes)
                                 : for_each_message(entry, visit, max_decompressed_bytes);
}

absl::StatusOr<int64_t> first_offset(Bytes entry) {
  const auto header = parse_entry_header(entry);
  if (!header.ok()) return header.status();
  if (header->magic == 2 || header->codec == Codec::kNone) return header->base_offset;
  int64_t offset = header->last_offset;
  const auto status = for_each_message(entry, [&](const Record& first) {
    offset = first.offset;
    return false;
  });
  if (!status.ok()) return status;
  return offset;
}

}  // namespace moldau
