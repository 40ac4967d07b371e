#include "protocol/request_header.h"

#include <algorithm>
#include <limits>

#include "protocol/apis.h"
#include "protocol/big_endian.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/controlled_shutdown.h"

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr size_t kSizeBytes = 4;

// Reads big-endian numbers and counts; knows when it ran out.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  Bytes take(size_t n) {
    if (n > bytes_.size()) ok_ = false;
    Bytes b = bytes_.first(std::min(n, bytes_.size()));
    bytes_ = bytes_.subspan(b.size());
    return b;
  }
  template <class T>
  T number() {
    uint64_t x = 0;
    for (uint8_t byte : take(sizeof(T))) x = x << 8 | byte;
    return static_cast<T>(x);
  }
  uint32_t varint() {
    uint64_t x = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      auto byte = number<uint8_t>();
      x |= uint64_t{byte & 0x7fu} << shift;
      if (byte & 0x80) continue;
      if (x > std::numeric_limits<uint32_t>::max()) break;
      return static_cast<uint32_t>(x);
    }
    ok_ = false;
    return 0;
  }
  std::optional<std::string> nullable_string() {
    auto size = number<int16_t>();
    if (size == -1) return std::nullopt;
    if (size < 0) ok_ = false;
    return std::string(as_text(take(size < 0 ? 0 : static_cast<size_t>(size))));
  }
  void skip_tags() {
    for (uint32_t left = varint(); left > 0 && ok_; --left) {
      varint();
      take(varint());
    }
  }

  bool ok() const { return ok_; }
  Bytes rest() const { return bytes_; }

 private:
  Bytes bytes_;
  bool ok_ = true;
};

absl::Status malformed(const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("the header of a ", what, " is malformed"));
}

}  // namespace

int request_header_version(const Api& api, Version version) {
  if (api.key == ControlledShutdownRequest::kApi.key && version == 0) return 0;
  return version >= api.flexible ? 2 : 1;
}

int response_header_version(const Api& api, Version version) {
  if (api.key == ApiVersionsRequest::kApi.key) return 0;
  return version >= api.flexible ? 1 : 0;
}

absl::StatusOr<ParsedRequest> parse_request(Bytes frame) {
  ParsedRequest request;
  Reader in(frame);
  request.header.api_key = in.number<int16_t>();
  request.header.api_version = in.number<int16_t>();
  request.header.correlation_id = in.number<int32_t>();
  request.api = find_api(request.header.api_key);
  if (request.api != nullptr) {
    int version = request_header_version(*request.api, request.header.api_version);
    if (version >= 1) request.header.client_id = in.nullable_string();
    if (version >= 2) in.skip_tags();
  }
  if (!in.ok()) return malformed("request");
  request.body = in.rest();
  return request;
}

absl::StatusOr<ParsedResponse> parse_response(Bytes frame, const Api& api, Version version) {
  ParsedResponse response;
  Reader in(frame);
  response.correlation_id = in.number<int32_t>();
  if (response_header_version(api, version) >= 1) in.skip_tags();
  if (!in.ok()) return malformed("response");
  response.body = in.rest();
  return response;
}

std::string begin_request_frame(const Api& api, const RequestHeader& header) {
  std::string out(kSizeBytes, '\0');
  append_big_endian(out, header.api_key);
  append_big_endian(out, header.api_version);
  append_big_endian(out, header.correlation_id);
  int version = request_header_version(api, header.api_version);
  if (version >= 1) {
    append_big_endian(
        out, header.client_id ? static_cast<int16_t>(header.client_id->size()) : int16_t{-1});
    out += header.client_id.value_or("");
  }
  if (version >= 2) out += '\0';
  return out;
}

std::string begin_response_frame(const Api& api, Version version, int32_t correlation_id) {
  std::string out(kSizeBytes, '\0');
  append_big_endian(out, correlation_id);
  if (response_header_version(api, version) >= 1) out += '\0';
  return out;
}

void finish_frame(EncodedMessage& frame) {
  std::string size;
  append_big_endian(size, static_cast<int32_t>(frame.size() - kSizeBytes));
  frame.patch(0, size.data(), size.size());
}

}  // namespace moldau
