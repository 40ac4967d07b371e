// The visitors behind message.h, and the definitions of its templates.
//
// Include this only where messages are instantiated: messages_*.cpp, and tests with messages of
// their own.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <type_traits>

#include "protocol/message.h"

namespace moldau {

template <class T>
constexpr bool kScalar = std::is_arithmetic_v<T>;
template <>
inline constexpr bool kScalar<Uuid> = true;
template <>
inline constexpr bool kScalar<Bytes> = true;
template <>
inline constexpr bool kScalar<std::string> = true;
template <>
inline constexpr bool kScalar<std::optional<Bytes>> = true;
template <>
inline constexpr bool kScalar<std::optional<std::string>> = true;
template <>
inline constexpr bool kScalar<Records> = true;
template <class T>
constexpr bool kVector = false;
template <class T>
inline constexpr bool kVector<std::vector<T>> = true;
template <class T>
constexpr bool kOptional = false;
template <class T>
inline constexpr bool kOptional<std::optional<T>> = true;

// What a decoder has to know of a type before it makes room for many of it.
struct ElementShape {
  size_t bytes_in_memory;
  size_t (*smallest_encoding)(Version, bool flexible);
};

class Visitor {
 public:
  virtual ~Visitor() = default;
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // The one call that describe() makes per field. `when_absent` is the default of a tagged field
  // where it is not that of the type.
  template <class T>
  void operator()(const char* name, T& field, On on = {}) {
    if (version_ < on.since || version_ > on.until) return;
    if (!begin_field(name, on, on.tag != kUntagged && is_default(field))) return;
    visit(field, on);
  }
  template <class T>
  void operator()(const char* name, T& field, On on, const std::type_identity_t<T>& when_absent) {
    if (version_ < on.since || version_ > on.until) return;
    if (!begin_field(name, on, on.tag != kUntagged && field == when_absent)) return;
    visit(field, on);
  }

  template <class T>
  void structure(T& s) {
    static_assert(std::is_class_v<T>, "a message can not have a field of this type");
    begin_struct();
    s.describe(*this);
    while (next_tagged_field()) s.describe(*this);  // Decoder: once per tagged field it meets.
    end_struct();
  }

 protected:
  Visitor(Version version, bool flexible) : version_(version), flexible_(flexible) {}

  virtual void value(bool&) = 0;
  virtual void value(int8_t&) = 0;
  virtual void value(int16_t&) = 0;
  virtual void value(uint16_t&) = 0;
  virtual void value(int32_t&) = 0;
  virtual void value(int64_t&) = 0;
  virtual void value(double&) = 0;
  virtual void value(Uuid&) = 0;
  virtual void value(std::string&) = 0;
  virtual void value(Bytes&) = 0;
  virtual void value(std::optional<std::string>&) = 0;
  virtual void value(std::optional<Bytes>&) = 0;
  virtual void value(Records&) = 0;

  // Writes or reads the element count; nullopt is a null array.
  virtual std::optional<size_t> array_length(std::optional<size_t> have, bool nullable,
                                             const ElementShape&) = 0;
  virtual void begin_element(size_t) {}
  virtual void end_array() {}
  // The mark before a struct that may be null: int8 -1 or 1, in a tagged field a varint 0 or 1.
  virtual bool struct_present(bool have, bool tagged) = 0;
  // False leaves the field out. `is_default` is computed for tagged fields only.
  virtual bool begin_field(const char* name, const On& on, bool is_default) = 0;
  virtual void end_field(const On& on) = 0;
  virtual void begin_struct() = 0;
  virtual bool next_tagged_field() { return false; }
  virtual void end_struct() = 0;

  const Version version_;
  const bool flexible_;
  bool nullable_ = true;

 private:
  template <class T>
  void visit(T& field, const On& on) {
    nullable_ = version_ >= on.nullable_since;
    composite(field, on.tag != kUntagged);
    end_field(on);
  }

  template <class T>
  void composite(T& field, bool tagged) {
    if constexpr (kScalar<T>) {
      value(field);
    } else if constexpr (kVector<T>) {
      array(field, array_length(field.size(), false, shape_of<typename T::value_type>()));
    } else if constexpr (kOptional<T>) {
      nullable_composite(field, tagged);
    } else {
      structure(field);
    }
  }

  template <class T>
  void nullable_composite(std::optional<T>& field, bool tagged) {
    static_assert(kVector<T> || !kScalar<T>, "the protocol has no null numbers, booleans or ids");
    if constexpr (kVector<T>) {
      auto have = field ? std::optional(field->size()) : std::nullopt;
      auto length = array_length(have, nullable_, shape_of<typename T::value_type>());
      if (!length) return field.reset();
      array(field ? *field : field.emplace(), length);
    } else {
      if (nullable_ && !struct_present(field.has_value(), tagged)) return field.reset();
      structure(field ? *field : field.emplace(T{}));
    }
  }

  template <class T>
  void array(std::vector<T>& items, std::optional<size_t> length) {
    if (items.size() != length) items = std::vector<T>(length.value_or(0));
    size_t i = 0;
    for (auto& item : items) {
      begin_element(i++);
      composite(item, false);
    }
    end_array();
  }

  template <class T>
  static bool is_default(const T& field) {
    if constexpr (kVector<T>) {
      return field.empty();
    } else if constexpr (kOptional<T>) {
      return !field.has_value();
    } else if constexpr (std::is_same_v<T, Bytes>) {
      return field.empty();
    } else if constexpr (requires { field == field; }) {
      return field == T{};
    } else {
      assert(!"a struct that is a tagged field needs operator==");
      return false;
    }
  }

  template <class T>
  static ElementShape shape_of();
};

// Adds up the smallest encoding of what it visits: empty strings and arrays, nulls, no tags.
class SmallestSizer final : public Visitor {
 public:
  SmallestSizer(Version version, bool flexible) : Visitor(version, flexible) {}

  template <class T>
  static size_t of(Version version, bool flexible) {
    SmallestSizer sizer(version, flexible);
    T item{};
    if constexpr (kScalar<T>) {
      sizer.value(item);
    } else {
      sizer.structure(item);
    }
    return sizer.size_;
  }

 private:
  void value(bool&) override { size_ += 1; }
  void value(int8_t&) override { size_ += 1; }
  void value(int16_t&) override { size_ += 2; }
  void value(uint16_t&) override { size_ += 2; }
  void value(int32_t&) override { size_ += 4; }
  void value(int64_t&) override { size_ += 8; }
  void value(double&) override { size_ += 8; }
  void value(Uuid&) override { size_ += 16; }
  void value(std::string&) override { size_ += flexible_ ? 1 : 2; }
  void value(Bytes&) override { size_ += flexible_ ? 1 : 4; }
  void value(std::optional<std::string>&) override { size_ += flexible_ ? 1 : 2; }
  void value(std::optional<Bytes>&) override { size_ += flexible_ ? 1 : 4; }
  void value(Records&) override { size_ += flexible_ ? 1 : 4; }
  std::optional<size_t> array_length(std::optional<size_t>, bool, const ElementShape&) override {
    size_ += flexible_ ? 1 : 4;
    return 0;
  }
  bool struct_present(bool, bool) override {
    size_ += 1;
    return false;
  }
  bool begin_field(const char*, const On& on, bool) override { return on.tag == kUntagged; }
  void end_field(const On&) override {}
  void begin_struct() override {}
  void end_struct() override { size_ += flexible_ ? 1 : 0; }

  size_t size_ = 0;
};

// The same for a type that is asked for again and again.
template <class T>
size_t smallest_encoding(Version version, bool flexible) {
  static std::array<std::atomic<size_t>, 64> known{};
  auto& slot = known[static_cast<size_t>(version) * 2 % 64 + flexible];
  size_t size = slot.load(std::memory_order_relaxed);
  if (size == 0) {
    size = std::max<size_t>(SmallestSizer::of<T>(version, flexible), 1);
    slot.store(size, std::memory_order_relaxed);
  }
  return size;
}

template <class T>
ElementShape Visitor::shape_of() {
  return {sizeof(T), &smallest_encoding<T>};
}

namespace codec {

// What a function in message.cpp needs to know of a message: where it is, and how to walk it.
struct Message {
  void* address;
  void (*walk)(Visitor&, void* address);
  Version version;
  bool flexible;
};

template <class M>
Message erase(const M& message, Version version) {
  // Encoding only reads the message; describe() is non-const because decoding shares it.
  return {const_cast<M*>(&message),
          [](Visitor& visitor, void* m) { visitor.structure(*static_cast<M*>(m)); }, version,
          version >= M::kApi.flexible};
}

void encode(std::string& out, const Message& message);
void encode(EncodedMessage& out, const Message& message);
size_t size(const Message& message);
std::string print(const Message& message);
absl::Status decode(const Message& message, Bytes frame);
absl::Status unsupported_version(const Api& api, Version version);

}  // namespace codec

template <class M>
void encode_to(std::string& out, const M& message, Version version) {
  assert(M::kApi.supports(version));
  codec::encode(out, codec::erase(message, version));
}
template <class M>
std::string encode(const M& message, Version version) {
  std::string out;
  encode_to(out, message, version);
  return out;
}
template <class M>
void encode_to(EncodedMessage& out, const M& message, Version version) {
  assert(M::kApi.supports(version));
  codec::encode(out, codec::erase(message, version));
}
template <class M>
size_t encoded_size(const M& message, Version version) {
  assert(M::kApi.supports(version));
  return codec::size(codec::erase(message, version));
}
template <class M>
std::string debug_string(const M& message, Version version) {
  return codec::print(codec::erase(message, version));
}
template <class M>
absl::Status decode(M& message, Bytes frame, Version version) {
  if (!M::kApi.supports(version)) return codec::unsupported_version(M::kApi, version);
  message = M{};
  return codec::decode(codec::erase(message, version), frame);
}

// Everything above for one message.
#define MOLDAU_INSTANTIATE(M)                                     \
  template std::string encode<M>(const M&, Version);              \
  template void encode_to<M>(std::string&, const M&, Version);    \
  template void encode_to<M>(EncodedMessage&, const M&, Version); \
  template size_t encoded_size<M>(const M&, Version);             \
  template std::string debug_string<M>(const M&, Version);        \
  template absl::Status decode<M>(M&, Bytes, Version)

}  // namespace moldau
