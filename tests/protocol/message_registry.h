// Every message by name, behind one interface, for the tests that treat them all alike.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/all_messages.h"

namespace moldau {

// What becomes of a frame that was decoded and is encoded again, in every way there is.
struct RoundTrip {
  std::string encoded;
  std::string gathered;
  size_t size = 0;
  std::string text;
};

struct MessageCodec {
  std::string name;  // As in Kafka's schemas, e.g. "ProduceRequest".
  Api api;
  std::function<absl::StatusOr<RoundTrip>(Bytes frame, Version)> round_trip;
  std::function<absl::Status(Bytes frame, Version)> only_decode;
};

template <class M>
MessageCodec codec_of(std::string name) {
  return {std::move(name), M::kApi,
          [](Bytes frame, Version v) -> absl::StatusOr<RoundTrip> {
            M message;
            if (auto status = decode(message, frame, v); !status.ok()) return status;
            return RoundTrip{encode(message, v), encode_gather(message, v).flatten(),
                             encoded_size(message, v), debug_string(message, v)};
          },
          [](Bytes frame, Version v) {
            M message;
            return decode(message, frame, v);
          }};
}

inline const std::vector<MessageCodec>& all_messages() {
  static const std::vector<MessageCodec> codecs = [] {
    std::vector<MessageCodec> list;
    for_each_api([&]<class Request, class Response>() {
      std::string name = Request::kApi.name;
      list.push_back(codec_of<Request>(name + "Request"));
      list.push_back(codec_of<Response>(name + "Response"));
    });
    for_each_record_schema([&]<class M>() { list.push_back(codec_of<M>(M::kApi.name)); });
    return list;
  }();
  return codecs;
}

}  // namespace moldau
