// Kafka's 128-bit ids of topics, directories, members and processes.
//
// The text form is base64url without padding (22 characters), as Kafka prints them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moldau {

using Uuid = std::array<uint8_t, 16>;

inline constexpr Uuid kZeroUuid{};
// The topic id of __cluster_metadata (KIP-500).
inline constexpr Uuid kMetadataTopicId{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

// Directory ids with a meaning (KIP-858).
inline constexpr Uuid kDirUnassigned = kZeroUuid;
inline constexpr Uuid kDirLost{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
inline constexpr Uuid kDirMigrating{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

// Ids below this (the first 100 of them) are never given out.
inline constexpr uint64_t kReservedUuids = 100;

bool is_reserved(const Uuid& id);

std::string to_string(const Uuid& id);
// With hyphens, as RFC 4122 writes it and Kafka the ids of classic members: 36 characters.
std::string to_rfc4122(const Uuid& id);

// nullopt if the text is not the form of 16 bytes; padding is accepted.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace moldau
