#include <algorithm>
#include <array>
#include <bit>

#include "protocol/big_endian.h"
#include "protocol/message_codec.h"
#include "protocol/message_prefix.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kMaxStringBytes = 32767;  // Kafka's limit; it also bounds compact strings.
constexpr size_t kMaxNesting = 16;         // Of structs. The types decide it; none comes near.
const size_t kInlineStringBytes = std::string().capacity();  // No memory but the object itself.

struct StringSink {
  std::string& out;
  void put(const void* p, size_t n) { out.append(static_cast<const char*>(p), n); }
  void put_bytes(Bytes b) { put(b.data(), b.size()); }
  void put_stored(const StoredBytes&) { assert(!"records must be in memory here"); }
};
struct CountSink {
  size_t& size;
  void put(const void*, size_t n) { size += n; }
  void put_bytes(Bytes b) { size += b.size(); }
  void put_stored(const StoredBytes& s) { size += s.size; }
};
struct GatherSink {
  EncodedMessage& out;
  void put(const void* p, size_t n) { out.append(p, n); }
  void put_bytes(Bytes b) {
    if (b.size() >= kGatherBytes) return out.borrow(b);
    put(b.data(), b.size());
  }
  void put_stored(const StoredBytes& s) { out.borrow(s); }
};

template <class Sink>
class Writer final : public Visitor {
 public:
  Writer(Sink sink, Version v, bool flexible) : Visitor(v, flexible), sink_(sink) {}

 private:
  struct Tagged {
    int tag;
    std::string bytes;
  };

  template <class T>
  void big_endian(T x) {
    uint8_t b[sizeof(T)];
    store_big_endian(b, x);
    put(b, sizeof b);
  }
  void varint(uint64_t x) {
    uint8_t b[10];
    size_t n = 0;
    for (; x > 0x7f; x >>= 7) b[n++] = static_cast<uint8_t>(x | 0x80);
    b[n++] = static_cast<uint8_t>(x);
    put(b, n);
  }
  // Tagged fields go through a buffer, because their size comes first.
  void put(const void* p, size_t n) {
    if (tag_buffers_.empty()) return sink_.put(p, n);
    tag_buffers_.back().append(static_cast<const char*>(p), n);
  }
  void length(std::optional<size_t> n, int fixed_width) {
    if (flexible_) return varint(n ? *n + 1 : 0);
    if (fixed_width == 2) return big_endian<int16_t>(n ? static_cast<int16_t>(*n) : -1);
    big_endian<int32_t>(n ? static_cast<int32_t>(*n) : -1);
  }
  void text(std::string_view s) {
    s = s.substr(0, kMaxStringBytes);
    length(s.size(), 2);
    put(s.data(), s.size());
  }

  void value(bool& x) override { big_endian<int8_t>(x); }
  void value(int8_t& x) override { big_endian(x); }
  void value(int16_t& x) override { big_endian(x); }
  void value(uint16_t& x) override { big_endian(x); }
  void value(int32_t& x) override { big_endian(x); }
  void value(int64_t& x) override { big_endian(x); }
  void value(double& x) override { big_endian(std::bit_cast<int64_t>(x)); }
  void value(Uuid& x) override { put(x.data(), x.size()); }
  void value(std::string& x) override { text(x); }
  void value(Bytes& x) override {
    length(x.size(), 4);
    if (tag_buffers_.empty()) return sink_.put_bytes(x);
    put(x.data(), x.size());
  }
  void value(std::optional<std::string>& x) override {
    if (x) return text(*x);
    nullable_ ? length(std::nullopt, 2) : text("");
  }
  void value(std::optional<Bytes>& x) override {
    Bytes empty;
    if (x || !nullable_) return value(x ? *x : empty);
    length(std::nullopt, 4);
  }
  void value(Records& x) override {
    if (const StoredBytes* stored = x.stored()) {
      length(stored->size, 4);
      return sink_.put_stored(*stored);
    }
    auto bytes = x.is_null() ? std::nullopt : std::optional(x.bytes());
    value(bytes);
  }
  std::optional<size_t> array_length(std::optional<size_t> have, bool nullable,
                                     const ElementShape&) override {
    if (!have && !nullable) have = 0;
    length(have, 4);
    return have;
  }
  bool struct_present(bool have, bool tagged) override {
    big_endian<int8_t>(have ? 1 : tagged ? 0 : -1);
    return have;
  }
  bool begin_field(const char*, const On& on, bool is_default) override {
    if (on.tag == kUntagged) return true;
    if (is_default || !flexible_) return false;
    tag_buffers_.emplace_back();
    return true;
  }
  void end_field(const On& on) override {
    if (on.tag == kUntagged) return;
    if (tagged_.size() < depth_) tagged_.resize(depth_);
    tagged_[depth_ - 1].push_back({on.tag, std::move(tag_buffers_.back())});
    tag_buffers_.pop_back();
  }
  void begin_struct() override { ++depth_; }
  void end_struct() override {
    --depth_;
    if (!flexible_) return;
    if (depth_ >= tagged_.size()) return varint(0);
    auto tagged = std::exchange(tagged_[depth_], {});
    std::ranges::sort(tagged, {}, &Tagged::tag);
    varint(tagged.size());
    for (auto& t : tagged) {
      varint(static_cast<uint64_t>(t.tag));
      varint(t.bytes.size());
      put(t.bytes.data(), t.bytes.size());
    }
  }

  Sink sink_;
  size_t depth_ = 0;
  std::vector<std::string> tag_buffers_;     // One for each tagged field that is being written.
  std::vector<std::vector<Tagged>> tagged_;  // The finished ones, by depth of their struct.
};

class Decoder final : public Visitor {
 public:
  Decoder(Bytes in, Version v, bool flexible)
      : Visitor(v, flexible), in_(in), budget_(in.size() * kDecodeFactor + kDecodeSlackBytes) {}

  // After the outermost structure.
  absl::Status status() const {
    return error_ ? absl::InvalidArgumentError(*error_) : absl::OkStatus();
  }
  absl::Status status_at_end() const {
    if (error_ || in_.empty()) return status();
    return absl::OutOfRangeError("bytes are left over at the end of the message");
  }

 private:
  struct TagSection {
    bool started = false;
    bool matched = true;
    int64_t wanted = kUntagged;  // kUntagged while the fields without tags are read.
    uint64_t left = 0;
    Bytes rest;  // What follows the tagged field that is being read.
  };

  void fail(const char* why) {
    if (!error_) {
      error_.emplace();
      for (size_t i = 0; i < path_size_; ++i) absl::StrAppend(&*error_, i ? "." : "", path_[i]);
      absl::StrAppend(&*error_, path_size_ ? ": " : "", why);
    }
    in_ = {};
  }
  Bytes take(size_t n) {
    if (n > in_.size()) {
      fail("the message is truncated");
      return {};
    }
    Bytes b = in_.first(n);
    in_ = in_.subspan(n);
    return b;
  }
  void spend(size_t n) {
    if (n > budget_) return fail("decoding would take too much memory");
    budget_ -= n;
  }
  template <class T>
  T big_endian() {
    Bytes b = take(sizeof(T));
    return b.empty() ? 0 : load_big_endian<T>(b.data());
  }
  uint32_t varint() {
    uint64_t x = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      Bytes b = take(1);
      if (b.empty()) return 0;
      x |= static_cast<uint64_t>(b[0] & 0x7f) << shift;
      if (b[0] & 0x80) continue;
      if (x > std::numeric_limits<uint32_t>::max()) break;
      return static_cast<uint32_t>(x);
    }
    fail("a varint does not fit 32 bits");
    return 0;
  }
  // nullopt is null. After a failure the length is 0.
  std::optional<size_t> length(int fixed_width) {
    int64_t n = flexible_          ? static_cast<int64_t>(varint()) - 1
                : fixed_width == 2 ? big_endian<int16_t>()
                                   : big_endian<int32_t>();
    if (error_) return 0;
    if (n == -1) return std::nullopt;
    if (n < 0 || static_cast<uint64_t>(n) > in_.size()) {
      fail(n < 0 ? "a length is negative" : "a length is past the end of the message");
      return 0;
    }
    return static_cast<size_t>(n);
  }
  void text(std::string& x, size_t n) {
    if (n > kMaxStringBytes) return fail("a string is longer than 32767 bytes");
    if (n > kInlineStringBytes) spend(std::max(n, 2 * kInlineStringBytes) + 1);
    Bytes b = take(n);
    x.assign(b.begin(), b.end());
  }
  bool null_is_allowed(bool nullable) {
    if (!nullable) fail("null where this version has no null");
    return nullable;
  }

  void value(bool& x) override { x = big_endian<int8_t>() != 0; }
  void value(int8_t& x) override { x = big_endian<int8_t>(); }
  void value(int16_t& x) override { x = big_endian<int16_t>(); }
  void value(uint16_t& x) override { x = big_endian<uint16_t>(); }
  void value(int32_t& x) override { x = big_endian<int32_t>(); }
  void value(int64_t& x) override { x = big_endian<int64_t>(); }
  void value(double& x) override { x = std::bit_cast<double>(big_endian<int64_t>()); }
  void value(Uuid& x) override { std::ranges::copy(take(x.size()), x.begin()); }
  void value(std::string& x) override {
    auto n = length(2);
    if (n || null_is_allowed(false)) text(x, *n);
  }
  void value(Bytes& x) override {
    auto n = length(4);
    if (n || null_is_allowed(false)) x = take(*n);
  }
  void value(std::optional<std::string>& x) override {
    auto n = length(2);
    if (n) return text(x.emplace(), *n);
    null_is_allowed(nullable_);
    x.reset();
  }
  void value(std::optional<Bytes>& x) override {
    auto n = length(4);
    if (n) {
      x = take(*n);
      return;
    }
    null_is_allowed(nullable_);
    x.reset();
  }
  void value(Records& x) override {
    std::optional<Bytes> bytes;
    value(bytes);
    x = bytes ? Records(*bytes) : Records();
  }
  std::optional<size_t> array_length(std::optional<size_t>, bool nullable,
                                     const ElementShape& shape) override {
    auto n = length(4);
    if (!n) {
      null_is_allowed(nullable);
      return std::nullopt;
    }
    if (*n == 0) return n;
    if (*n > in_.size() / shape.smallest_encoding(version_, flexible_)) {
      fail("an array has more elements than the message has room for");
    } else {
      spend(*n * shape.bytes_in_memory);
    }
    return error_ ? 0 : n;
  }
  bool struct_present(bool, bool tagged) override {
    bool present = tagged ? varint() > 0 : big_endian<int8_t>() >= 0;
    return present && !error_;
  }

  bool begin_field(const char* name, const On& on, bool) override {
    TagSection& section = sections_[depth_ - 1];
    if (error_ || on.tag != section.wanted) return false;
    section.matched = true;
    path_[path_size_++] = name;
    return true;
  }
  void end_field(const On&) override { --path_size_; }
  void begin_struct() override {
    assert(depth_ < kMaxNesting);
    sections_[depth_++] = {};
  }
  // Called after each pass of describe(): first over the untagged fields, then for each tag.
  bool next_tagged_field() override {
    TagSection& s = sections_[depth_ - 1];
    if (!flexible_ || error_) return false;
    if (s.started) {
      if (s.matched && !in_.empty()) fail("bytes are left over in a tagged field");
      in_ = error_ ? Bytes{} : s.rest;  // Unknown tags are skipped here.
    } else {
      s.started = true;
      s.left = varint();
    }
    return !error_ && s.left-- > 0 && open_tagged_field(s);
  }
  bool open_tagged_field(TagSection& s) {
    int64_t tag = varint();
    if (tag <= s.wanted) fail("tags are not in rising order");
    Bytes payload = take(varint());
    if (error_) return false;
    s.wanted = tag;
    s.matched = false;
    s.rest = std::exchange(in_, payload);
    return true;
  }
  void end_struct() override { --depth_; }

  Bytes in_;
  size_t budget_;
  std::optional<std::string> error_;
  std::array<const char*, kMaxNesting> path_;     // Of the field that is being read.
  std::array<TagSection, kMaxNesting> sections_;  // Of the structs that are being read.
  size_t path_size_ = 0;
  size_t depth_ = 0;
};

class Printer final : public Visitor {
 public:
  Printer(std::string& out, Version v, bool flexible) : Visitor(v, flexible), out_(out) {}

 private:
  void value(bool& x) override { out_ += x ? "true" : "false"; }
  void value(int8_t& x) override { absl::StrAppend(&out_, int{x}); }
  void value(int16_t& x) override { absl::StrAppend(&out_, x); }
  void value(uint16_t& x) override { absl::StrAppend(&out_, x); }
  void value(int32_t& x) override { absl::StrAppend(&out_, x); }
  void value(int64_t& x) override { absl::StrAppend(&out_, x); }
  void value(double& x) override { absl::StrAppend(&out_, x); }
  void value(Uuid& x) override { out_ += to_string(x); }
  void value(std::string& x) override { absl::StrAppend(&out_, "\"", x, "\""); }
  void value(Bytes& x) override { absl::StrAppend(&out_, "<", x.size(), " bytes>"); }
  void value(std::optional<std::string>& x) override {
    if (x) return value(*x);
    out_ += "null";
  }
  void value(std::optional<Bytes>& x) override {
    if (x) return value(*x);
    out_ += "null";
  }
  void value(Records& x) override {
    if (x.is_null()) return void(out_ += "null");
    absl::StrAppend(&out_, "<", x.size(), " bytes>");
  }
  std::optional<size_t> array_length(std::optional<size_t> have, bool,
                                     const ElementShape&) override {
    out_ += have ? "[" : "null";
    return have;
  }
  void begin_element(size_t i) override {
    if (i > 0) out_ += ", ";
  }
  void end_array() override { out_ += ']'; }
  bool struct_present(bool have, bool) override {
    if (!have) out_ += "null";
    return have;
  }
  bool begin_field(const char* name, const On& on, bool is_default) override {
    if (on.tag != kUntagged && is_default) return false;
    absl::StrAppend(&out_, out_.ends_with('{') ? "" : ", ", name, ": ");
    return true;
  }
  void end_field(const On&) override {}
  void begin_struct() override { out_ += '{'; }
  void end_struct() override { out_ += '}'; }

  std::string& out_;
};

}  // namespace

namespace codec {

void encode(std::string& out, const Message& m) {
  Writer writer(StringSink{out}, m.version, m.flexible);
  m.walk(writer, m.address);
}
void encode(EncodedMessage& out, const Message& m) {
  Writer writer(GatherSink{out}, m.version, m.flexible);
  m.walk(writer, m.address);
}
size_t size(const Message& m) {
  size_t size = 0;
  Writer writer(CountSink{size}, m.version, m.flexible);
  m.walk(writer, m.address);
  return size;
}
std::string print(const Message& m) {
  std::string out;
  Printer printer(out, m.version, m.flexible);
  m.walk(printer, m.address);
  return out;
}
absl::Status decode(const Message& m, Bytes frame) {
  Decoder decoder(frame, m.version, m.flexible);
  m.walk(decoder, m.address);
  return decoder.status_at_end();
}
absl::Status decode_prefix(const Message& m, Bytes bytes) {
  Decoder decoder(bytes, m.version, m.flexible);
  m.walk(decoder, m.address);
  return decoder.status();
}
absl::Status unsupported_version(const Api& api, Version version) {
  return absl::InvalidArgumentError(absl::StrCat(api.name, " version ", version,
                                                 " is not supported; versions ", api.first, " to ",
                                                 api.last, " are"));
}

}  // namespace codec

std::vector<EncodedMessage::Part> EncodedMessage::parts() const {
  std::vector<Part> parts;
  parts.reserve(borrowed_.size() * 2 + 1);
  size_t done = 0;
  Bytes owned = as_bytes(owned_);
  for (const Borrowed& b : borrowed_) {
    if (b.at > done) parts.emplace_back(owned.subspan(done, b.at - done));
    parts.push_back(b.part);
    done = b.at;
  }
  if (done < owned.size()) parts.emplace_back(owned.subspan(done));
  return parts;
}

std::vector<Bytes> EncodedMessage::pieces() const {
  std::vector<Bytes> pieces;
  for (const Part& part : parts()) {
    assert(std::holds_alternative<Bytes>(part));
    pieces.push_back(std::get<Bytes>(part));
  }
  return pieces;
}

std::string EncodedMessage::flatten() const {
  std::string out;
  out.reserve(size_);
  for (Bytes piece : pieces()) out += as_text(piece);
  return out;
}

void EncodedMessage::append(const void* data, size_t size) {
  owned_.append(static_cast<const char*>(data), size);
  size_ += size;
}

void EncodedMessage::borrow(Bytes bytes) {
  borrowed_.push_back({owned_.size(), bytes});
  size_ += bytes.size();
}

void EncodedMessage::borrow(StoredBytes stored) {
  size_ += stored.size;
  stored_size_ += stored.size;
  borrowed_.push_back({owned_.size(), std::move(stored)});
}

void EncodedMessage::patch(size_t offset, const void* data, size_t size) {
  assert(offset + size <= owned_.size());
  owned_.replace(offset, size, static_cast<const char*>(data), size);
}

}  // namespace moldau
