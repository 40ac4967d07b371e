// How every Kafka message describes itself, and the visitors that read that description.
//
// A message is a plain struct with one describe() function that names its fields in wire order.
// Encoding, decoding, sizing and printing are visitors over that one description.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "protocol/bytes.h"

namespace moldau {

using Version = int16_t;
using Uuid = std::array<uint8_t, 16>;
// Bytes fields borrow from the frame that they were decoded from: decoding copies no records.

constexpr Version kLatest = std::numeric_limits<Version>::max();
constexpr int kUntagged = -1;

struct Api {
  int16_t key;
  const char* name;
  Version first, last, flexible;
};

// The versions in which a field is on the wire. A tagged field is left out when null or empty.
struct On {
  Version since = 0;
  Version until = kLatest;
  Version nullable_since = 0;  // Read only for std::optional members.
  int tag = kUntagged;
};

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
template <class T>
constexpr bool kVector = false;
template <class T>
inline constexpr bool kVector<std::vector<T>> = true;
template <class T>
constexpr bool kOptional = false;
template <class T>
inline constexpr bool kOptional<std::optional<T>> = true;

class Visitor {
 public:
  virtual ~Visitor() = default;

  // The one call that describe() makes per field.
  template <class T>
  void operator()(const char* name, T& field, On on = {}) {
    if (version_ < on.since || version_ > on.until) return;
    if (!begin_field(name, on, is_absent(field))) return;
    nullable_ = version_ >= on.nullable_since;
    composite(field, on.tag != kUntagged);
    end_field(on);
  }

  template <class T>
  void structure(T& s) {
    static_assert(std::is_class_v<T>, "a Kafka message can not have a field of this type");
    begin_struct();
    s.describe(*this);
    while (next_tagged_field()) s.describe(*this);  // Decoder: once per tagged field it meets.
    end_struct();
  }

 protected:
  Visitor(Version version, Version flexible) : version_(version), flexible_(version >= flexible) {}

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

  // Writes or reads the element count; nullopt is a null array.
  virtual std::optional<size_t> array_length(std::optional<size_t> have, bool nullable) = 0;
  virtual bool struct_present(bool have) = 0;
  virtual bool begin_field(const char* name, const On& on, bool absent) = 0;
  virtual void end_field(const On& on) = 0;
  virtual void begin_struct() = 0;
  virtual bool next_tagged_field() { return false; }
  virtual void end_struct() = 0;

  const Version version_;
  const bool flexible_;
  bool nullable_ = true;

 private:
  template <class T>
  void composite(T& field, bool tagged) {
    if constexpr (kScalar<T>) {
      value(field);
    } else if constexpr (kVector<T>) {
      array(field, array_length(field.size(), false));
    } else if constexpr (kOptional<T>) {
      using Inner = typename T::value_type;
      if constexpr (kVector<Inner>) {
        auto length = array_length(field ? std::optional(field->size()) : std::nullopt, nullable_);
        if (!length) return field.reset();
        array(field ? *field : field.emplace(), length);
      } else if (tagged || struct_present(field.has_value())) {
        composite(field ? *field : field.emplace(), false);
      } else {
        field.reset();
      }
    } else {
      structure(field);
    }
  }

  template <class T>
  void array(std::vector<T>& items, std::optional<size_t> length) {
    if (items.size() != length) items = std::vector<T>(length.value_or(0));
    for (auto& item : items) composite(item, false);
  }

  template <class T>
  static bool is_absent(const T&) {
    return false;
  }
  template <class T>
  static bool is_absent(const std::vector<T>& v) {
    return v.empty();
  }
  template <class T>
  static bool is_absent(const std::optional<T>& v) {
    return !v;
  }
};

// Each visitor is compiled once, in message.cpp.
std::unique_ptr<Visitor> make_encoder(std::string& out, Version, Version flexible);
std::unique_ptr<Visitor> make_sizer(size_t& size, Version, Version flexible);
std::unique_ptr<Visitor> make_printer(std::string& out, Version, Version flexible);
std::unique_ptr<Visitor> make_decoder(Bytes frame, const char*& error, Version, Version flexible);

// Encoding only reads the message; describe() is non-const because decoding shares it.
template <class M>
std::string encode(const M& m, Version v) {
  std::string out;
  make_encoder(out, v, M::kApi.flexible)->structure(const_cast<M&>(m));
  return out;
}
template <class M>
size_t encoded_size(const M& m, Version v) {
  size_t size = 0;
  make_sizer(size, v, M::kApi.flexible)->structure(const_cast<M&>(m));
  return size;
}
template <class M>
std::string debug_string(const M& m, Version v) {
  std::string out;
  make_printer(out, v, M::kApi.flexible)->structure(const_cast<M&>(m));
  return out;
}
// Returns nullptr, or what is wrong with the frame.
template <class M>
const char* decode(M& m, Bytes frame, Version v) {
  const char* error = nullptr;
  make_decoder(frame, error, v, M::kApi.flexible)->structure(m);
  return error;
}

}  // namespace moldau
