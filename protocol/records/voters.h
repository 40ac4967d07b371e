// VotersRecord: control record with the voters of the metadata quorum (KIP-853).
#pragma once

#include "protocol/message.h"

namespace moldau {

struct VotersRecord {
  static constexpr Api kApi{.key = 0, .name = "VotersRecord", .first = 0, .last = 0, .flexible = 0};

  struct Endpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;

    void describe(auto& field) {
      field("name", name);
      field("host", host);
      field("port", port);
    }
  };

  struct KRaftVersionFeature {
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;

    void describe(auto& field) {
      field("min_supported_version", min_supported_version);
      field("max_supported_version", max_supported_version);
    }
  };

  struct Voter {
    int32_t voter_id = 0;
    Uuid voter_directory_id{};
    std::vector<Endpoint> endpoints;
    KRaftVersionFeature kraft_version_feature;

    void describe(auto& field) {
      field("voter_id", voter_id);
      field("voter_directory_id", voter_directory_id);
      field("endpoints", endpoints);
      field("kraft_version_feature", kraft_version_feature);
    }
  };

  int16_t version = 0;
  std::vector<Voter> voters;

  void describe(auto& field) {
    field("version", version);
    field("voters", voters);
  }
};

}  // namespace moldau
