#include "protocol/record_batch.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace moldau {
namespace {

// Where each field stands in a batch.
constexpr size_t kLengthAt = 8, kEpochAt = 12, kCrcAt = 17, kAttributesAt = 21,
                 kLastOffsetDeltaAt = 23, kBaseTimestampAt = 27, kMaxTimestampAt = 35,
                 kProducerIdAt = 43, kProducerEpochAt = 51, kBaseSequenceAt = 53,
                 kRecordCountAt = 57;

constexpr int32_t kMinBatchLength = kBatchHeaderBytes - kLogOverhead;
constexpr size_t kMinRecordBytes = 7;  // Every field of a record in one byte each.

absl::Status bad(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("record batch: ", what));
}

uint32_t computed_checksum(Bytes batch) { return crc32c(batch.subspan(kAttributesAt)); }

// --- Reading records
// ------------------------------------------------------------------------------

// Takes fields off the front of a range. A failed read makes this and every later one give zeros;
// ok() tells at the end.
class FieldReader {
 public:
  explicit FieldReader(Bytes bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }

  int8_t int8() { return remaining() == 0 ? fail() : static_cast<int8_t>(*at_++); }
  int32_t varint() {
    const uint64_t bits = unsigned_varint(5);
    if (bits > std::numeric_limits<uint32_t>::max()) return fail();
    const auto low = static_cast<uint32_t>(bits);
    return static_cast<int32_t>((low >> 1) ^ (0u - (low & 1)));
  }
  int64_t varlong() {
    const uint64_t bits = unsigned_varint(10);
    return static_cast<int64_t>((bits >> 1) ^ (uint64_t{0} - (bits & 1)));
  }
  Bytes bytes(int32_t size) {
    if (size < 0 || static_cast<size_t>(size) > remaining()) {
      fail();
      return {};
    }
    at_ += size;
    return {at_ - size, static_cast<size_t>(size)};
  }
  std::optional<Bytes> nullable_bytes() {
    const int32_t size = varint();
    if (size == -1) return std::nullopt;
    return bytes(size);
  }

 private:
  int8_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }
  uint64_t unsigned_varint(int max_bytes) {
    uint64_t value = 0;
    for (int i = 0; i < max_bytes && at_ != end_; ++i) {
      const uint8_t byte = *at_++;
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) return value;
    }
    fail();
    return 0;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  bool ok_ = true;
};

// Deltas may be anything in a batch from outside; two's complement wrapping is what Java does too.
int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

bool read_headers(FieldReader& in, std::vector<RecordHeader>& headers) {
  headers.clear();
  const int32_t count = in.varint();
  if (count < 0 || static_cast<size_t>(count) > in.remaining() / 2) return false;
  for (int32_t i = 0; i < count; ++i) {
    const std::string_view key = as_text(in.bytes(in.varint()));
    headers.push_back({key, in.nullable_bytes()});
  }
  return in.ok();
}

// Reads one record's fields into `record`; its offset delta is left in `offset_delta`.
bool read_record(FieldReader& records, const BatchHeader& header, Record& record,
                 int32_t& offset_delta) {
  const int32_t length = records.varint();
  FieldReader in(records.bytes(length));
  if (!records.ok()) return false;
  in.int8();  // Attributes: none are defined for records.
  const int64_t timestamp_delta = in.varlong();
  offset_delta = in.varint();
  record.offset = wrapping_add(header.base_offset, offset_delta);
  record.timestamp = header.timestamp_type() == TimestampType::kLogAppendTime
                         ? header.max_timestamp
                         : wrapping_add(header.base_timestamp, timestamp_delta);
  record.key = in.nullable_bytes();
  record.value = in.nullable_bytes();
  return read_headers(in, record.headers) && in.remaining() == 0;
}

absl::Status visit_records(const BatchHeader& header, Bytes records,
                           absl::FunctionRef<bool(const Record&)> visit) {
  FieldReader in(records);
  Record record;
  int32_t last_delta = -1;
  for (int32_t i = 0; i < header.record_count; ++i) {
    int32_t delta = 0;
    if (!read_record(in, header, record, delta)) return bad(absl::StrCat("record ", i, " is bad"));
    if (delta <= last_delta || delta > header.last_offset_delta) {
      return bad(absl::StrCat("record ", i, " has offset delta ", delta));
    }
    last_delta = delta;
    if (!visit(record)) return absl::OkStatus();
  }
  if (in.remaining() != 0) return bad("bytes after the last record");
  return absl::OkStatus();
}

// --- Writing records
// ------------------------------------------------------------------------------

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

// Zigzag of a 32-bit value is the same bits whether taken as 32 or 64 wide, so one form serves
// both.
void append_varint(std::string& out, int64_t value) {
  uint64_t bits = zigzag(value);
  for (; bits > 0x7f; bits >>= 7) out.push_back(static_cast<char>(bits | 0x80));
  out.push_back(static_cast<char>(bits));
}

size_t varint_size(int64_t value) {
  size_t size = 1;
  for (uint64_t bits = zigzag(value); bits > 0x7f; bits >>= 7) ++size;
  return size;
}

int64_t length_of(const std::optional<Bytes>& bytes) {
  return bytes ? static_cast<int64_t>(bytes->size()) : -1;
}

void append_nullable(std::string& out, const std::optional<Bytes>& bytes) {
  append_varint(out, length_of(bytes));
  if (bytes) out.append(as_text(*bytes));
}

size_t nullable_size(const std::optional<Bytes>& bytes) {
  return varint_size(length_of(bytes)) + (bytes ? bytes->size() : 0);
}

size_t headers_size(const std::vector<RecordHeader>& headers) {
  size_t size = varint_size(static_cast<int64_t>(headers.size()));
  for (const auto& h : headers) {
    size += varint_size(static_cast<int64_t>(h.key.size())) + h.key.size() + nullable_size(h.value);
  }
  return size;
}

}  // namespace

int32_t BatchHeader::last_sequence() const {
  if (base_sequence == kNoSequence) return kNoSequence;
  return static_cast<int32_t>(
      (static_cast<uint32_t>(base_sequence) + static_cast<uint32_t>(last_offset_delta)) &
      0x7fffffffu);
}

absl::StatusOr<BatchHeader> parse_batch_header(Bytes bytes) {
  if (bytes.size() < kBatchHeaderBytes) return absl::OutOfRangeError("record batch: header is cut");
  const uint8_t* p = bytes.data();
  BatchHeader h;
  h.base_offset = load_big_endian<int64_t>(p);
  h.batch_length = load_big_endian<int32_t>(p + kLengthAt);
  h.partition_leader_epoch = load_big_endian<int32_t>(p + kEpochAt);
  h.magic = load_big_endian<int8_t>(p + kMagicPosition);
  h.crc = load_big_endian<uint32_t>(p + kCrcAt);
  h.attributes = load_big_endian<int16_t>(p + kAttributesAt);
  h.last_offset_delta = load_big_endian<int32_t>(p + kLastOffsetDeltaAt);
  h.base_timestamp = load_big_endian<int64_t>(p + kBaseTimestampAt);
  h.max_timestamp = load_big_endian<int64_t>(p + kMaxTimestampAt);
  h.producer_id = load_big_endian<int64_t>(p + kProducerIdAt);
  h.producer_epoch = load_big_endian<int16_t>(p + kProducerEpochAt);
  h.base_sequence = load_big_endian<int32_t>(p + kBaseSequenceAt);
  h.record_count = load_big_endian<int32_t>(p + kRecordCountAt);

  if (h.magic != 2) return bad(absl::StrCat("magic is ", h.magic));
  if (h.batch_length < kMinBatchLength) return bad(absl::StrCat("length is ", h.batch_length));
  if (h.last_offset_delta < 0 ||
      h.base_offset >= std::numeric_limits<int64_t>::max() - h.last_offset_delta) {
    return bad(absl::StrCat("last offset delta is ", h.last_offset_delta));
  }
  return h;
}

bool checksum_matches(Bytes batch) {
  return load_big_endian<uint32_t>(batch.data() + kCrcAt) == computed_checksum(batch);
}

absl::Status check_batch(Bytes batch) {
  const auto header = parse_batch_header(batch);
  if (absl::IsOutOfRange(header.status())) return bad("header is cut");
  if (!header.ok()) return header.status();
  if (header->size_bytes() != batch.size()) {
    return bad(absl::StrCat("is ", header->size_bytes(), " bytes long, not ", batch.size()));
  }
  if (!checksum_matches(batch)) return bad("checksum does not match");
  if (!is_known(header->codec())) {
    return bad(absl::StrCat("unknown codec ", static_cast<int>(header->codec())));
  }
  const int64_t offsets = int64_t{header->last_offset_delta} + 1;
  if (header->record_count < 0 || header->record_count > offsets) {
    return bad(absl::StrCat(header->record_count, " records in ", offsets, " offsets"));
  }
  const size_t most_records = (batch.size() - kBatchHeaderBytes) / kMinRecordBytes;
  if (header->codec() == Codec::kNone && static_cast<size_t>(header->record_count) > most_records) {
    return bad(absl::StrCat(header->record_count, " records in ", batch.size(), " bytes"));
  }
  return absl::OkStatus();
}

absl::Status check_produced_batch(Bytes batch) {
  if (auto s = check_batch(batch); !s.ok()) return s;
  const BatchHeader header = *parse_batch_header(batch);
  if (header.record_count != int64_t{header.last_offset_delta} + 1) {
    return absl::InvalidArgumentError("record batch: offsets are left out");
  }
  if (header.is_control()) return absl::InvalidArgumentError("record batch: control batch");
  if (header.has_producer_id() && header.base_sequence < 0) {
    return absl::InvalidArgumentError("record batch: producer id without a sequence");
  }
  return absl::OkStatus();
}

void set_offset_and_epoch(MutableBytes batch, int64_t base_offset, int32_t leader_epoch) {
  store_big_endian(batch.data(), base_offset);
  store_big_endian(batch.data() + kEpochAt, leader_epoch);
}

void set_log_append_time(MutableBytes batch, int64_t timestamp_ms) {
  const auto attributes = load_big_endian<int16_t>(batch.data() + kAttributesAt);
  store_big_endian(batch.data() + kAttributesAt, static_cast<int16_t>(attributes | kAppendTimeBit));
  store_big_endian(batch.data() + kMaxTimestampAt, timestamp_ms);
  store_big_endian(batch.data() + kCrcAt, computed_checksum(batch));
}

absl::Status for_each_record(Bytes batch, absl::FunctionRef<bool(const Record&)> visit,
                             size_t max_decompressed_bytes) {
  const auto header = parse_batch_header(batch);
  if (!header.ok()) return header.status();
  if (header->size_bytes() > batch.size()) return bad("is cut");
  const Bytes records = batch.first(header->size_bytes()).subspan(kBatchHeaderBytes);
  if (header->codec() == Codec::kNone || header->record_count == 0) {
    return visit_records(*header, records, visit);
  }
  const auto plain = decompress(header->codec(), records, max_decompressed_bytes);
  if (!plain.ok()) return plain.status();
  return visit_records(*header, as_bytes(*plain), visit);
}

absl::Status check_records(Bytes batch, size_t max_decompressed_bytes) {
  return for_each_record(
      batch, [](const Record&) { return true; }, max_decompressed_bytes);
}

absl::Status for_each_batch(Bytes batches,
                            absl::FunctionRef<bool(const BatchHeader&, Bytes)> visit) {
  while (true) {
    const auto header = parse_batch_header(batches);
    if (absl::IsOutOfRange(header.status())) return absl::OkStatus();
    if (!header.ok()) return header.status();
    const size_t size = header->size_bytes();
    if (size > batches.size()) return absl::OkStatus();
    if (!visit(*header, batches.first(size))) return absl::OkStatus();
    batches = batches.subspan(size);
  }
}

BatchBuilder::BatchBuilder(Options options)
    : options_(options), last_offset_(wrapping_add(options.base_offset, -1)) {}

void BatchBuilder::add(int64_t timestamp_ms, std::optional<Bytes> key, std::optional<Bytes> value,
                       const std::vector<RecordHeader>& headers) {
  add_at(last_offset_ + 1, timestamp_ms, key, value, headers);
}

void BatchBuilder::add_at(int64_t offset, int64_t timestamp_ms, std::optional<Bytes> key,
                          std::optional<Bytes> value, const std::vector<RecordHeader>& headers) {
  if (record_count_++ == 0) base_timestamp_ = timestamp_ms;
  max_timestamp_ = std::max(max_timestamp_, timestamp_ms);
  last_offset_ = offset;

  const int64_t offset_delta = offset - options_.base_offset;
  const auto timestamp_delta = static_cast<int64_t>(static_cast<uint64_t>(timestamp_ms) -
                                                    static_cast<uint64_t>(base_timestamp_));
  const size_t length = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                        nullable_size(key) + nullable_size(value) + headers_size(headers);
  append_varint(records_, static_cast<int64_t>(length));
  records_.push_back(0);
  append_varint(records_, timestamp_delta);
  append_varint(records_, offset_delta);
  append_nullable(records_, key);
  append_nullable(records_, value);
  append_varint(records_, static_cast<int64_t>(headers.size()));
  for (const auto& h : headers) {
    append_nullable(records_, as_bytes(h.key));
    append_nullable(records_, h.value);
  }
}

std::string BatchBuilder::build() const {
  if (record_count_ == 0) std::abort();
  std::string compressed;
  if (options_.codec != Codec::kNone) {
    compressed = compress(options_.codec, as_bytes(records_), options_.compression_level);
  }
  const std::string& records = options_.codec == Codec::kNone ? records_ : compressed;

  std::string batch(kBatchHeaderBytes, '\0');
  batch.reserve(kBatchHeaderBytes + records.size());
  batch += records;
  auto* p = reinterpret_cast<uint8_t*>(batch.data());
  const bool append_time = options_.timestamp_type == TimestampType::kLogAppendTime;
  const int attributes = static_cast<int>(options_.codec) | (append_time ? kAppendTimeBit : 0) |
                         (options_.is_transactional ? kTransactionalBit : 0) |
                         (options_.is_control ? kControlBit : 0);
  store_big_endian(p, options_.base_offset);
  store_big_endian(p + kLengthAt, static_cast<int32_t>(batch.size() - kLogOverhead));
  store_big_endian(p + kEpochAt, options_.leader_epoch);
  store_big_endian(p + kMagicPosition, int8_t{2});
  store_big_endian(p + kAttributesAt, static_cast<int16_t>(attributes));
  store_big_endian(p + kLastOffsetDeltaAt,
                   static_cast<int32_t>(last_offset_ - options_.base_offset));
  store_big_endian(p + kBaseTimestampAt, base_timestamp_);
  store_big_endian(p + kMaxTimestampAt, max_timestamp_);
  store_big_endian(p + kProducerIdAt, options_.producer_id);
  store_big_endian(p + kProducerEpochAt, options_.producer_epoch);
  store_big_endian(p + kBaseSequenceAt, options_.base_sequence);
  store_big_endian(p + kRecordCountAt, static_cast<int32_t>(record_count_));
  store_big_endian(p + kCrcAt, computed_checksum(as_bytes(batch)));
  return batch;
}

}  // namespace moldau
