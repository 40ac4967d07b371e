// How every Kafka message describes itself, and what can be done with the description.
//
// A message is a plain struct with one describe() that names its fields in wire order. Encoding,
// decoding, sizing and printing are visitors over that one description. They are compiled once for
// all messages, in messages_*.cpp; a header of a message stays cheap to include. A message that is
// not in protocol/all_messages.h needs protocol/message_codec.h where it is encoded or decoded.
//
// Rules of decoding (hostile input never crashes and never allocates much more than it sent):
// - bytes left over are an error of their own; a length past the end or below -1 is an error;
// - the count of an array is at most the bytes left over the smallest encoding of an element;
// - what is decoded takes at most kDecodeFactor times the frame plus kDecodeSlackBytes of memory;
// - null is an error where the version does not allow it;
// - tags come in rising order, once each (KIP-482); unknown ones are skipped and not kept.
// Nesting is bounded by the types, none of which contains itself.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/uuid.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

using Version = int16_t;

inline constexpr Version kLatest = std::numeric_limits<Version>::max();
inline constexpr Version kNeverFlexible = kLatest;
inline constexpr int kUntagged = -1;

inline constexpr size_t kDecodeFactor = 4;
inline constexpr size_t kDecodeSlackBytes = 1 << 20;

// Bytes fields of at least this size are not copied by encode_gather().
inline constexpr size_t kGatherBytes = 1024;

// Identity of an API, or of a record schema (whose key is then its record type).
struct Api {
  int16_t key;
  const char* name;
  Version first, last;  // What this code reads and writes.
  Version flexible;     // First version with compact lengths and tagged fields, or kNeverFlexible.

  constexpr bool supports(Version v) const { return v >= first && v <= last; }
};

// The versions in which a field is on the wire. A tagged field that has its default value is left
// out of the message; the default is the value in a new struct unless describe() names another.
struct On {
  Version since = 0;
  Version until = kLatest;
  Version nullable_since = 0;  // Read only for std::optional members.
  int tag = kUntagged;
};

// The records of a response: null, in memory, or still where they are stored, from where whoever
// sends the message takes them. Decoding gives the first two.
class Records {
 public:
  Records() = default;
  Records(Bytes bytes) : value_(bytes) {}
  Records(StoredBytes stored) : value_(std::move(stored)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  Bytes bytes() const {  // Those in memory.
    const Bytes* bytes = std::get_if<Bytes>(&value_);
    return bytes ? *bytes : Bytes{};
  }
  const StoredBytes* stored() const { return std::get_if<StoredBytes>(&value_); }
  size_t size() const { return stored() ? stored()->size : bytes().size(); }

 private:
  std::variant<std::monostate, Bytes, StoredBytes> value_;
};

// An encoded message in pieces: large Bytes fields are borrowed, the rest is owned.
// It is valid for as long as the memory that the message's Bytes point to.
class EncodedMessage {
 public:
  using Part = std::variant<Bytes, StoredBytes>;

  EncodedMessage() = default;
  explicit EncodedMessage(std::string head) : owned_(std::move(head)) { size_ = owned_.size(); }

  size_t size() const { return size_; }
  size_t size_in_memory() const { return size_ - stored_size_; }
  // The message in wire order. Invalidated by any change to this object.
  std::vector<Part> parts() const;
  // The same for a message that is in memory: fit for a gathering write, and as one.
  std::vector<Bytes> pieces() const;
  std::string flatten() const;

  void append(const void* data, size_t size);  // Copies.
  void borrow(Bytes bytes);                    // Does not.
  void borrow(StoredBytes stored);
  // Overwrites bytes of the head given to the constructor, e.g. with the size of the whole.
  void patch(size_t offset, const void* data, size_t size);

 private:
  struct Borrowed {
    size_t at;  // How much of owned_ goes before.
    Part part;
  };
  std::string owned_;
  std::vector<Borrowed> borrowed_;
  size_t size_ = 0;
  size_t stored_size_ = 0;
};

// All of these expect a version that the message supports; decode() checks it, the others assert.
// Where a version has no null, an absent optional is written as an empty value. Strings longer than
// 32767 bytes do not fit the protocol and are cut there.
template <class M>
std::string encode(const M& message, Version version);
template <class M>
void encode_to(std::string& out, const M& message, Version version);  // Appends.
template <class M>
void encode_to(EncodedMessage& out, const M& message, Version version);  // Appends.
template <class M>
size_t encoded_size(const M& message, Version version);
template <class M>
std::string debug_string(const M& message, Version version);

// Replaces `message`. Its Bytes point into `frame`. InvalidArgument names the field at fault, and
// `message` is unspecified; OutOfRange: it is complete, and bytes of the frame are left over.
template <class M>
absl::Status decode(M& message, Bytes frame, Version version);

template <class M>
absl::StatusOr<M> decode_as(Bytes frame, Version version) {
  M message;
  if (absl::Status status = decode(message, frame, version); !status.ok()) return status;
  return message;
}
template <class M>
EncodedMessage encode_gather(const M& message, Version version, std::string head = {}) {
  EncodedMessage out(std::move(head));
  encode_to(out, message, version);
  return out;
}

}  // namespace moldau
