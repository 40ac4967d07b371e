// How the values of __cluster_metadata records carry their schemas.
//
//   value := frame_version:unsigned varint (1)  type:unsigned varint  version:unsigned varint  body
//
// The type is kApi.key of the schema.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/message.h"

#include "absl/status/statusor.h"

namespace moldau {

struct MetadataFrame {
  int16_t type = 0;
  Version version = 0;
  Bytes body;  // Borrowed from the record.
};

std::string encode_metadata_frame(int16_t type, Version version, std::string body);
absl::StatusOr<MetadataFrame> parse_metadata_frame(Bytes record);

template <class Record>
std::string encode_metadata(const Record& record, Version version) {
  return encode_metadata_frame(Record::kApi.key, version, encode(record, version));
}
// The caller has looked at the type.
template <class Record>
absl::StatusOr<Record> decode_metadata(const MetadataFrame& frame) {
  return decode_as<Record>(frame.body, frame.version);
}

}  // namespace moldau
