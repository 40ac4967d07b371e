#include "replication/metadata/record.h"

#include <type_traits>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

constexpr uint64_t kFrameVersion = 1;

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<uint32_t> take_varint(Bytes& bytes) {
  uint32_t value = 0;
  for (int shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The oldest version that has room for everything that is set.
template <class R>
Version version_for(const R&) {
  return R::kApi.first;
}
Version version_for(const RegisterBrokerRecord& record) {
  if (record.cordoned_log_dirs) return 4;
  if (!record.log_dirs.empty()) return 3;
  if (record.is_migrating_zk_broker) return 2;
  return record.in_controlled_shutdown ? 1 : 0;
}
Version version_for(const BrokerRegistrationChangeRecord& record) {
  if (record.cordoned_log_dirs) return 3;
  if (!record.log_dirs.empty()) return 2;
  return record.in_controlled_shutdown != 0 ? 1 : 0;
}
Version version_for(const PartitionRecord& record) {
  if (record.eligible_leader_replicas || record.last_known_elr) return 2;
  return record.directories.empty() ? 0 : 1;
}
Version version_for(const PartitionChangeRecord& record) {
  if (record.eligible_leader_replicas || record.last_known_elr) return 2;
  return record.directories ? 1 : 0;
}

template <class R>
absl::StatusOr<MetadataRecord> decode_one(Bytes body, Version version) {
  absl::StatusOr<R> record = decode_as<R>(body, version);
  if (!record.ok()) return record.status();
  return MetadataRecord(std::move(*record));
}

// Tries the alternatives of the variant in turn.
template <size_t Index = 0>
absl::StatusOr<MetadataRecord> decode_type(uint32_t type, Version version, Bytes body) {
  if constexpr (Index == std::variant_size_v<MetadataRecord>) {
    return absl::InvalidArgumentError(absl::StrCat("unknown metadata record type ", type));
  } else {
    using R = std::variant_alternative_t<Index, MetadataRecord>;
    if (type == static_cast<uint32_t>(R::kApi.key)) {
      if (!R::kApi.supports(version)) {
        return absl::InvalidArgumentError(
            absl::StrCat("unknown version ", version, " of ", R::kApi.name));
      }
      return decode_one<R>(body, version);
    }
    return decode_type<Index + 1>(type, version, body);
  }
}

}  // namespace

std::string encode_metadata_record(const MetadataRecord& record) {
  return std::visit(
      [](const auto& r) {
        using R = std::decay_t<decltype(r)>;
        const Version version = version_for(r);
        std::string out;
        append_varint(out, kFrameVersion);
        append_varint(out, static_cast<uint64_t>(R::kApi.key));
        append_varint(out, static_cast<uint64_t>(version));
        encode_to(out, r, version);
        return out;
      },
      record);
}

absl::StatusOr<MetadataRecord> decode_metadata_record(Bytes value) {
  const auto frame_version = take_varint(value);
  const auto type = take_varint(value);
  const auto version = take_varint(value);
  if (!frame_version || !type || !version || *version > INT16_MAX) {
    return absl::InvalidArgumentError("metadata record: bad frame");
  }
  if (*frame_version != kFrameVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("metadata record: unknown frame version ", *frame_version));
  }
  return decode_type(*type, static_cast<Version>(*version), value);
}

const char* record_name(const MetadataRecord& record) {
  return std::visit([](const auto& r) { return std::decay_t<decltype(r)>::kApi.name; }, record);
}

}  // namespace moldau
