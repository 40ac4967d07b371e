#include "protocol/message.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace moldau {
namespace {

struct StringSink {
  std::string& out;
  void put(const void* p, size_t n) { out.append(static_cast<const char*>(p), n); }
};
struct CountSink {
  size_t& size;
  void put(const void*, size_t n) { size += n; }
};

template <class Sink>
class Writer : public Visitor {
 public:
  Writer(Sink sink, Version v, Version flexible) : Visitor(v, flexible), sink_(sink) {}

 private:
  struct Tagged { int tag; std::string bytes; };

  template <class T> void big_endian(T x) {
    using U = std::make_unsigned_t<T>;
    U u = static_cast<U>(x);
    uint8_t b[sizeof(T)];
    for (size_t i = 0; i < sizeof(T); ++i) b[i] = static_cast<uint8_t>(u >> (8 * (sizeof(T) - 1 - i)));
    put(b, sizeof b);
  }
  void varint(uint64_t x) {
    uint8_t b[10]; size_t n = 0;
    do { b[n] = static_cast<uint8_t>(x & 0x7f); x >>= 7; if (x) b[n] |= 0x80; ++n; } while (x);
    put(b, n);
  }
  void put(const void* p, size_t n) {
    if (tag_depth_ > 0) tag_buffers_.back().append(static_cast<const char*>(p), n);
    else sink_.put(p, n);
  }
  void length(std::optional<size_t> n, int fixed_width) {
    if (flexible_) return varint(n ? *n + 1 : 0);
    if (fixed_width == 2) return big_endian<int16_t>(n ? static_cast<int16_t>(*n) : -1);
    big_endian<int32_t>(n ? static_cast<int32_t>(*n) : -1);
  }

  void value(bool& x) override { big_endian<int8_t>(x); }
  void value(int8_t& x) override { big_endian(x); }
  void value(int16_t& x) override { big_endian(x); }
  void value(uint16_t& x) override { big_endian(x); }
  void value(int32_t& x) override { big_endian(x); }
  void value(int64_t& x) override { big_endian(x); }
  void value(double& x) override { big_endian(std::bit_cast<int64_t>(x)); }
  void value(Uuid& x) override { put(x.data(), x.size()); }
  void value(std::string& x) override { length(x.size(), 2); put(x.data(), x.size()); }
  void value(Bytes& x) override { length(x.size(), 4); put(x.data(), x.size()); }
  void value(std::optional<std::string>& x) override {
    if (x || !nullable_) { std::string empty; return value(x ? *x : empty); }
    length(std::nullopt, 2);
  }
  void value(std::optional<Bytes>& x) override {
    if (x || !nullable_) { Bytes empty; return value(x ? *x : empty); }
    length(std::nullopt, 4);
  }
  std::optional<size_t> array_length(std::optional<size_t> have, bool nullable) override {
    if (!have && !nullable) have = 0;
    length(have, 4);
    return have;
  }
  bool struct_present(bool have) override {
    big_endian<int8_t>(have ? 1 : -1);
    return have;
  }
  bool begin_field(const char*, const On& on, bool absent) override {
    if (on.tag == kUntagged) return true;
    if (absent || !flexible_) return false;
    tag_buffers_.emplace_back();
    ++tag_depth_;
    return true;
  }
  void end_field(const On& on) override {
    if (on.tag == kUntagged) return;
    structs_.back().push_back({on.tag, std::move(tag_buffers_.back())});
    tag_buffers_.pop_back();
    --tag_depth_;
  }
  void begin_struct() override { structs_.emplace_back(); }
  void end_struct() override {
    auto tagged = std::move(structs_.back());
    structs_.pop_back();
    if (!flexible_) return;
    std::ranges::sort(tagged, {}, &Tagged::tag);
    varint(tagged.size());
    for (auto& t : tagged) { varint(t.tag); varint(t.bytes.size()); put(t.bytes.data(), t.bytes.size()); }
  }

  Sink sink_;
  int tag_depth_ = 0;
  std::vector<std::string> tag_buffers_;
  std::vector<std::vector<Tagged>> structs_;
};

class Decoder : public Visitor {
 public:
  Decoder(Bytes in, const char*& error, Version v, Version flexible)
      : Visitor(v, flexible), in_(in), error_(error) {}

 private:
  struct TagSection { uint64_t left = 0; bool started = false; int wanted = kUntagged; Bytes rest; bool matched = true; };

  void fail(const char* why) { if (!error_) error_ = why; in_ = {}; }
  Bytes take(size_t n) {
    if (n > in_.size()) { fail("message is truncated"); return {}; }
    Bytes b = in_.first(n); in_ = in_.subspan(n); return b;
  }
  template <class T> T big_endian() {
    Bytes b = take(sizeof(T));
    std::make_unsigned_t<T> u = 0;
    for (uint8_t c : b) u = static_cast<std::make_unsigned_t<T>>((static_cast<uint64_t>(u) << 8) | c);
    return static_cast<T>(u);
  }
  uint64_t varint() {
    uint64_t x = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      Bytes b = take(1);
      if (b.empty()) return 0;
      x |= static_cast<uint64_t>(b[0] & 0x7f) << shift;
      if (!(b[0] & 0x80)) return x;
    }
    fail("varint is too long");
    return 0;
  }
  std::optional<size_t> length(int fixed_width) {
    int64_t n = flexible_ ? static_cast<int64_t>(varint()) - 1
              : fixed_width == 2 ? big_endian<int16_t>() : big_endian<int32_t>();
    if (error_) return 0;
    if (n < 0) return std::nullopt;
    if (static_cast<uint64_t>(n) > in_.size()) { fail("length is past the end of the message"); return 0; }
    return n;
  }

  void value(bool& x) override { x = big_endian<int8_t>(); }
  void value(int8_t& x) override { x = big_endian<int8_t>(); }
  void value(int16_t& x) override { x = big_endian<int16_t>(); }
  void value(uint16_t& x) override { x = big_endian<uint16_t>(); }
  void value(int32_t& x) override { x = big_endian<int32_t>(); }
  void value(int64_t& x) override { x = big_endian<int64_t>(); }
  void value(double& x) override { x = std::bit_cast<double>(big_endian<int64_t>()); }
  void value(Uuid& x) override { Bytes b = take(16); std::ranges::copy(b, x.begin()); }
  void value(std::string& x) override {
    auto n = length(2);
    if (!n) return fail("null for a string that may not be null");
    Bytes b = take(*n); x.assign(b.begin(), b.end());
  }
  void value(Bytes& x) override {
    auto n = length(4);
    if (!n) return fail("null for bytes that may not be null");
    x = take(*n);
  }
  void value(std::optional<std::string>& x) override {
    auto n = length(2);
    if (!n) { if (!nullable_) fail("null in a version that forbids it"); return x.reset(); }
    Bytes b = take(*n); x.emplace(b.begin(), b.end());
  }
  void value(std::optional<Bytes>& x) override {
    auto n = length(4);
    if (!n) { if (!nullable_) fail("null in a version that forbids it"); return x.reset(); }
    x = take(*n);
  }
  std::optional<size_t> array_length(std::optional<size_t>, bool nullable) override {
    auto n = length(4);
    if (!n && !nullable) fail("null for an array that may not be null");
    return n;
  }
  bool struct_present(bool) override {
    return big_endian<int8_t>() >= 0;
  }
  bool begin_field(const char*, const On& on, bool) override {
    return on.tag == sections_.back().wanted && !error_;
  }
  void end_field(const On&) override {}
  void begin_struct() override { sections_.emplace_back(); }
  bool next_tagged_field() override {
    TagSection& s = sections_.back();
    if (s.started) in_ = error_ ? Bytes{} : s.rest;  // Unknown tags are skipped here.
    if (!flexible_ || error_) return false;
    if (!s.started) { s.left = varint(); s.started = true; }
    if (s.left == 0 || error_) return false;
    --s.left;
    s.wanted = static_cast<int>(varint());
    Bytes payload = take(varint());
    if (error_) return false;
    s.rest = in_;
    in_ = payload;
    return true;
  }
  void end_struct() override { sections_.pop_back(); }

  Bytes in_;
  const char*& error_;
  std::vector<TagSection> sections_;
};

class Printer : public Visitor {
 public:
  Printer(std::string& out, Version v, Version flexible) : Visitor(v, flexible), out_(out) {}

 private:
  void value(bool& x) override { out_ += x ? "true" : "false"; }
  void value(int8_t& x) override { out_ += std::to_string(x); }
  void value(int16_t& x) override { out_ += std::to_string(x); }
  void value(uint16_t& x) override { out_ += std::to_string(x); }
  void value(int32_t& x) override { out_ += std::to_string(x); }
  void value(int64_t& x) override { out_ += std::to_string(x); }
  void value(double& x) override { out_ += std::to_string(x); }
  void value(Uuid&) override { out_ += "<uuid>"; }
  void value(std::string& x) override { out_ += '"' + x + '"'; }
  void value(Bytes& x) override { out_ += '<' + std::to_string(x.size()) + " bytes>"; }
  void value(std::optional<std::string>& x) override { if (x) value(*x); else out_ += "null"; }
  void value(std::optional<Bytes>& x) override { if (x) value(*x); else out_ += "null"; }
  std::optional<size_t> array_length(std::optional<size_t> have, bool) override {
    out_ += have ? "[" + std::to_string(*have) + "]" : "null";
    return have;
  }
  bool struct_present(bool have) override { if (!have) out_ += "null"; return have; }
  bool begin_field(const char* name, const On& on, bool absent) override {
    if (on.tag != kUntagged && absent) return false;
    if (out_.size() && out_.back() != '{') out_ += ", ";
    ((out_ += name) += ": ");
    return true;
  }
  void end_field(const On&) override {}
  void begin_struct() override { out_ += '{'; }
  void end_struct() override { out_ += '}'; }
  std::string& out_;
};

}  // namespace

std::unique_ptr<Visitor> make_encoder(std::string& out, Version v, Version flexible) {
  return std::make_unique<Writer<StringSink>>(StringSink{out}, v, flexible);
}
std::unique_ptr<Visitor> make_sizer(size_t& size, Version v, Version flexible) {
  return std::make_unique<Writer<CountSink>>(CountSink{size}, v, flexible);
}
std::unique_ptr<Visitor> make_printer(std::string& out, Version v, Version flexible) {
  return std::make_unique<Printer>(out, v, flexible);
}
std::unique_ptr<Visitor> make_decoder(Bytes in, const char*& error, Version v, Version flexible) {
  return std::make_unique<Decoder>(in, error, v, flexible);
}

}  // namespace moldau
