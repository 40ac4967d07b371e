#include "protocol/message_set.h"

#include <algorithm>
#include <optional>

#include "protocol/big_endian.h"
#include "protocol/crc32c.h"
#include "protocol/log_entry.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace moldau {
namespace {

constexpr size_t kSizeAt = 8, kCrcAt = 12, kAttributesAt = 17, kTimestampAt = 18;
constexpr size_t kKeyAt[] = {18, 26};

absl::Status bad(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("message set: ", what));
}

// --- One message
// ----------------------------------------------------------------------------------

struct Message {
  int64_t offset = 0;
  size_t size_bytes = 0;
  int8_t magic = 0;
  Codec codec = Codec::kNone;
  TimestampType timestamp_type = TimestampType::kCreateTime;
  int64_t timestamp = kNoTimestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;

  bool is_wrapper() const { return codec != Codec::kNone; }
  bool has_append_time() const { return timestamp_type == TimestampType::kLogAppendTime; }
};

// Takes a length and as many bytes off the front of `in`; false if they are not there.
bool take_nullable(Bytes& in, std::optional<Bytes>& out) {
  if (in.size() < 4) return false;
  const auto length = load_big_endian<int32_t>(in.data());
  in = in.subspan(4);
  out.reset();
  if (length == -1) return true;
  if (length < 0 || static_cast<size_t>(length) > in.size()) return false;
  out = in.first(static_cast<size_t>(length));
  in = in.subspan(static_cast<size_t>(length));
  return true;
}

absl::Status check_codec(Codec codec) {
  if (codec <= Codec::kLz4) return absl::OkStatus();
  return bad(absl::StrCat("codec ", static_cast<int>(codec), " in an old format"));
}

// Reads the message at the front of `set`, its checksum included.
absl::StatusOr<Message> parse_message(Bytes set) {
  const auto size = entry_size(set);
  if (absl::IsOutOfRange(size.status())) return bad("cut short");
  if (!size.ok()) return size.status();
  if (*size > set.size()) return bad("a message passes the end");
  const uint8_t* p = set.data();
  Message m;
  m.size_bytes = *size;
  m.magic = static_cast<int8_t>(p[kMagicPosition]);
  if (m.magic > 1) return bad("format 2 among older messages");
  m.offset = load_big_endian<int64_t>(p);
  m.codec = static_cast<Codec>(p[kAttributesAt] & 0x07);
  if (auto s = check_codec(m.codec); !s.ok()) return s;
  if (m.magic == 1) {
    m.timestamp = load_big_endian<int64_t>(p + kTimestampAt);
    m.timestamp_type = static_cast<TimestampType>((p[kAttributesAt] >> 3) & 1);
  }
  const Bytes whole = set.first(m.size_bytes);
  if (load_big_endian<uint32_t>(p + kCrcAt) != crc32_ieee(whole.subspan(kMagicPosition))) {
    return bad("checksum does not match");
  }
  Bytes fields = whole.subspan(kKeyAt[m.magic]);
  if (!take_nullable(fields, m.key) || !take_nullable(fields, m.value) || !fields.empty()) {
    return bad("key and value do not fill the message");
  }
  return m;
}

void append_nullable(std::string& out, const std::optional<Bytes>& bytes) {
  append_big_endian(out, bytes ? static_cast<int32_t>(bytes->size()) : -1);
  if (bytes) out.append(as_text(*bytes));
}

// Appends `record` as an uncompressed message.
void append_message(std::string& out, int8_t magic, TimestampType type, const Record& record) {
  const size_t start = out.size();
  append_big_endian(out, record.offset);
  append_big_endian(out, int32_t{0});   // The size and
  append_big_endian(out, uint32_t{0});  // the checksum are set below.
  append_big_endian(out, magic);
  const bool append_time = magic == 1 && type == TimestampType::kLogAppendTime;
  append_big_endian(out, static_cast<int8_t>(append_time ? kAppendTimeBit : 0));
  if (magic == 1) append_big_endian(out, record.timestamp);
  append_nullable(out, record.key);
  append_nullable(out, record.value);

  auto* p = reinterpret_cast<uint8_t*>(out.data()) + start;
  const Bytes message{p, out.size() - start};
  store_big_endian(p + kSizeAt, static_cast<int32_t>(message.size() - kLogOverhead));
  store_big_endian(p + kCrcAt, crc32_ieee(message.subspan(kMagicPosition)));
}

// --- Sets and wrappers
// ----------------------------------------------------------------------------

// Calls `visit` with each message of a set as it stands there, until it returns false.
absl::Status for_each_shallow(Bytes set, absl::FunctionRef<bool(const Message&)> visit) {
  while (!set.empty()) {
    const auto message = parse_message(set);
    if (!message.ok()) return message.status();
    if (!visit(*message)) return absl::OkStatus();
    set = set.subspan(message->size_bytes);
  }
  return absl::OkStatus();
}

// The set inside a wrapper; what it takes is taken off `budget`.
absl::StatusOr<std::string> unwrap(const Message& wrapper, size_t& budget) {
  if (!wrapper.value) return bad("a wrapper without value");
  auto set = decompress(wrapper.codec, *wrapper.value, budget);
  if (!set.ok()) return set;
  if (set->empty()) return bad("an empty wrapper");
  budget -= set->size();
  return set;
}

// What inner offsets count from. Producers leave the wrapper's offset 0, and then nothing is known.
absl::StatusOr<int64_t> inner_base_offset(const Message& wrapper, Bytes set) {
  if (wrapper.magic == 0 || wrapper.offset == 0) return 0;
  int64_t last = 0;
  const auto status = for_each_shallow(set, [&](const Message& inner) {
    last = inner.offset;
    return true;
  });
  if (!status.ok()) return status;
  if (last < 0 || last > wrapper.offset) return bad("an inner offset is past its wrapper's");
  return wrapper.offset - last;
}

// Calls `visit` with each message inside `wrapper`, its timestamp and type settled, its offset as
// it stands there. The outcome is an error, or whether the visitor wants more.
absl::StatusOr<bool> for_each_inner(const Message& wrapper, Bytes set,
                                    absl::FunctionRef<bool(const Message&)> visit) {
  bool nested = false, more = true;
  const auto status = for_each_shallow(set, [&](Message inner) {
    nested = inner.is_wrapper();
    if (nested) return false;
    inner.timestamp_type = wrapper.timestamp_type;
    if (wrapper.has_append_time()) inner.timestamp = wrapper.timestamp;
    return more = visit(inner);
  });
  if (!status.ok()) return status;
  if (nested) return bad("a wrapper in a wrapper");
  return more;
}

Record record_of(const Message& m, int64_t base_offset) {
  return {.offset = static_cast<int64_t>(static_cast<uint64_t>(m.offset) +
                                         static_cast<uint64_t>(base_offset)),
          .timestamp = m.timestamp,
          .key = m.key,
          .value = m.value};
}

absl::StatusOr<bool> visit_wrapper(const Message& wrapper, size_t& budget,
                                   absl::FunctionRef<bool(const Record&)> visit) {
  const auto set = unwrap(wrapper, budget);
  if (!set.ok()) return set.status();
  const auto base = inner_base_offset(wrapper, as_bytes(*set));
  if (!base.ok()) return base.status();
  return for_each_inner(wrapper, as_bytes(*set),
                        [&](const Message& inner) { return visit(record_of(inner, *base)); });
}

// --- Up
// -------------------------------------------------------------------------------------------

class UpConverter {
 public:
  explicit UpConverter(size_t max_decompressed_bytes) : budget_(max_decompressed_bytes) {}

  absl::Status add(const Message& message) {
    if (message.is_wrapper()) return add_wrapper(message);
    if (batch_ && !fits_batch(message)) finish_batch();
    add_to_batch(message, Codec::kNone);
    return absl::OkStatus();
  }

  UpConversion finish() {
    finish_batch();
    return {std::move(batches_), record_count_};
  }

 private:
  absl::Status add_wrapper(const Message& wrapper) {
    finish_batch();
    const auto set = unwrap(wrapper, budget_);
    if (!set.ok()) return set.status();
    const auto added = for_each_inner(wrapper, as_bytes(*set), [&](const Message& inner) {
      add_to_batch(inner, wrapper.codec);
      return true;
    });
    finish_batch();
    return added.status();
  }

  // A batch has one type of timestamp, and with append time one timestamp.
  bool fits_batch(const Message& m) const {
    return m.timestamp_type == batch_type_ &&
           (!m.has_append_time() || m.timestamp == batch_timestamp_);
  }

  void add_to_batch(const Message& m, Codec codec) {
    if (!batch_) {
      batch_.emplace(BatchBuilder::Options{
          .base_offset = record_count_, .codec = codec, .timestamp_type = m.timestamp_type});
      batch_type_ = m.timestamp_type;
      batch_timestamp_ = m.timestamp;
    }
    batch_->add(m.timestamp, m.key, m.value);
    ++record_count_;
  }

  void finish_batch() {
    if (!batch_) return;
    batches_ += batch_->build();
    batch_.reset();
  }

  size_t budget_;
  std::string batches_;
  int64_t record_count_ = 0;
  std::optional<BatchBuilder> batch_;
  TimestampType batch_type_ = TimestampType::kCreateTime;
  int64_t batch_timestamp_ = kNoTimestamp;
};

// --- Down
// -----------------------------------------------------------------------------------------

class DownConverter {
 public:
  DownConverter(int8_t magic, int64_t from_offset, size_t max_bytes, bool cut_last)
      : magic_(magic), from_offset_(from_offset), max_bytes_(max_bytes), cut_last_(cut_last) {
    is_full_ = max_bytes == 0 && cut_last;
  }

  bool is_full() const { return is_full_; }
  std::string finish() { return std::move(out_); }

  absl::Status add(const EntryHeader& entry, Bytes bytes) {
    if (is_full_ || entry.is_control || entry.last_offset < from_offset_) return absl::OkStatus();
    // A plain message that is old enough goes out as it is.
    if (entry.magic <= magic_ && entry.codec == Codec::kNone) return add_message(bytes);
    const int8_t magic = std::min(magic_, entry.magic);
    return for_each_entry_record(bytes, [&](const Record& record) {
      if (record.offset < from_offset_) return true;
      const size_t before = out_.size();
      append_message(out_, magic, entry.timestamp_type, record);
      settle(before);
      return !is_full_;
    });
  }

 private:
  absl::Status add_message(Bytes message) {
    const size_t before = out_.size();
    out_.append(as_text(message));
    settle(before);
    return absl::OkStatus();
  }

  // Called after a message was appended at `before`: what to do about one that is too much.
  void settle(size_t before) {
    is_full_ = out_.size() >= max_bytes_;
    if (out_.size() <= max_bytes_) return;
    if (cut_last_) {
      out_.resize(max_bytes_);
    } else if (before > 0) {
      out_.resize(before);
    }
  }

  int8_t magic_;
  int64_t from_offset_;
  size_t max_bytes_;
  bool cut_last_;
  bool is_full_ = false;
  std::string out_;
};

}  // namespace

absl::Status check_message(Bytes message) {
  const auto parsed = parse_message(message);
  if (!parsed.ok()) return parsed.status();
  if (parsed->size_bytes != message.size()) return bad("bytes after the message");
  return absl::OkStatus();
}

absl::Status for_each_message(Bytes message_set, absl::FunctionRef<bool(const Record&)> visit,
                              size_t max_decompressed_bytes) {
  absl::Status failure;
  size_t budget = max_decompressed_bytes;
  const auto status = for_each_shallow(message_set, [&](const Message& message) {
    if (!message.is_wrapper()) return visit(record_of(message, 0));
    const auto more = visit_wrapper(message, budget, visit);
    failure = more.status();
    return more.ok() && *more;
  });
  return failure.ok() ? status : failure;
}

absl::StatusOr<UpConversion> convert_up(Bytes message_set, size_t max_decompressed_bytes) {
  UpConverter converter(max_decompressed_bytes);
  absl::Status failure;
  const auto status = for_each_shallow(message_set, [&](const Message& message) {
    failure = converter.add(message);
    return failure.ok();
  });
  if (!failure.ok()) return failure;
  if (!status.ok()) return status;
  return converter.finish();
}

int8_t first_magic(Bytes bytes) {
  return bytes.size() <= kMagicPosition ? int8_t{-1} : static_cast<int8_t>(bytes[kMagicPosition]);
}

absl::StatusOr<std::string> convert_down(Bytes batches, int8_t magic, int64_t from_offset,
                                         size_t max_bytes, bool cut_last) {
  DownConverter converter(magic, from_offset, max_bytes, cut_last);
  absl::Status failure;
  const auto status = for_each_entry(batches, [&](const EntryHeader& entry, Bytes bytes) {
    failure = converter.add(entry, bytes);
    return failure.ok() && !converter.is_full();
  });
  if (!failure.ok()) return failure;
  if (!status.ok()) return status;
  return converter.finish();
}

}  // namespace moldau
