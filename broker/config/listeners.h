// Where the broker listens and what it tells clients to connect to: listeners,
// advertised.listeners, listener.security.protocol.map (KIP-103), with the names of older Kafkas
// (port, host.name, advertised.host.name, advertised.port) where those are not set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config.h"

#include "absl/status/statusor.h"

namespace moldau {

struct ListenerConfig {
  std::string name;   // Upper case.
  std::string host;   // Empty: every address, IPv4 and IPv6. Without brackets.
  uint16_t port = 0;  // 0: any free one.
  std::string advertised_host;
  uint16_t advertised_port = 0;  // 0: the port that was bound.
  bool is_controller = false;    // In controller.listener.names; never advertised to clients.
  bool is_inter_broker = false;
};

// InvalidArgument names the key and what is allowed: a listener twice, a port twice, an unknown
// name, a protocol other than PLAINTEXT.
absl::StatusOr<std::vector<ListenerConfig>> parse_listeners(const Config& config);

// "NAME://host:port", "NAME://[::1]:9092", "NAME://:9092".
struct Endpoint {
  std::string name;
  std::string host;
  uint16_t port = 0;
};
absl::StatusOr<Endpoint> parse_endpoint(std::string_view text);

// moldau.create.topics: topics to make at start when they are not there, as the container images
// take them, name:partitions:replication factor[:cleanup policy], apart by commas or white space.
struct TopicToCreate {
  std::string name;
  int32_t partitions = -1;
  int16_t replication_factor = -1;
  std::string cleanup_policy;  // Empty: the broker's.
};
absl::StatusOr<std::vector<TopicToCreate>> parse_topics_to_create(std::string_view text);

}  // namespace moldau
