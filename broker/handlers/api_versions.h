// ApiVersions: what this broker serves (KIP-35), who the client is (KIP-511), the features of the
// cluster (KIP-584), and whether the client reached whom it meant (KIP-1242). Made from the table
// of APIs, so that an API that is served is told, and none that is not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/network/api_table.h"
#include "protocol/messages/api_versions.h"

namespace moldau {

// What the answer holds beside the table.
struct ApiVersionsFacts {
  std::string cluster_id;
  int32_t node_id = -1;
  std::vector<ApiVersionsResponse::SupportedFeature> supported_features;
  std::vector<ApiVersionsResponse::FinalizedFeature> finalized_features;
  int64_t finalized_features_epoch = -1;  // Offset of the metadata that they are of; -1 is unknown.
};

// The answer, in a version that the table has. Remembers in `connection` what the client says of
// itself.
ApiVersionsResponse answer_api_versions(const ApiTable& apis, ApiVersionsFacts facts,
                                        const ApiVersionsRequest& request, Version version,
                                        ConnectionInfo& connection);

// The answer to a version that the table does not have, to be sent in version 0.
ApiVersionsResponse unsupported_api_versions(const ApiTable& apis);

// The line of the table.
ServedApi serve_api_versions(std::function<ApiVersionsFacts(Broker&)> facts);

}  // namespace moldau
