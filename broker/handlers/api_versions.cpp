#include "broker/handlers/api_versions.h"

#include <algorithm>
#include <string_view>

#include "protocol/error_code.h"

#include "absl/strings/ascii.h"

namespace moldau {
namespace {

// A client that knows versions below this can not read a feature whose lowest level is 0.
constexpr Version kFirstWithFeatureLevelZero = 4;

// Names and versions of software go into logs and metrics: letters, digits, '-' and '.', and at
// both ends a letter or digit (KIP-511).
bool is_software_name(std::string_view text) {
  if (text.empty() || !absl::ascii_isalnum(text.front()) || !absl::ascii_isalnum(text.back())) {
    return false;
  }
  return std::ranges::all_of(text,
                             [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.'; });
}

std::vector<ApiVersionsResponse::ApiVersion> list_of(const ApiTable& apis) {
  std::vector<ApiVersionsResponse::ApiVersion> list;
  for (const auto& served : apis.all()) {
    if (served.hidden) continue;
    list.push_back({.api_key = served.api.key,
                    .min_version = served.api.first,
                    .max_version = served.api.last});
  }
  return list;
}

// A client that names both is told if it reached another broker than the one it looked for.
bool is_meant_for_another(const ApiVersionsRequest& request, const ApiVersionsFacts& facts) {
  return request.cluster_id && request.node_id >= 0 &&
         (*request.cluster_id != facts.cluster_id || request.node_id != facts.node_id);
}

ApiVersionsResponse failed(ErrorCode error) { return {.error_code = static_cast<int16_t>(error)}; }

}  // namespace

ApiVersionsResponse answer_api_versions(const ApiTable& apis, ApiVersionsFacts facts,
                                        const ApiVersionsRequest& request, Version version,
                                        ConnectionInfo& connection) {
  if (version >= 3) {
    if (!is_software_name(request.client_software_name) ||
        !is_software_name(request.client_software_version)) {
      return failed(ErrorCode::kInvalidRequest);
    }
    connection.client_software_name = request.client_software_name;
    connection.client_software_version = request.client_software_version;
  }
  if (is_meant_for_another(request, facts)) return failed(ErrorCode::kRebootstrapRequired);

  ApiVersionsResponse response;
  response.api_keys = list_of(apis);
  response.supported_features = std::move(facts.supported_features);
  if (version < kFirstWithFeatureLevelZero) {
    std::erase_if(response.supported_features, [](const auto& f) { return f.min_version == 0; });
  }
  response.finalized_features = std::move(facts.finalized_features);
  response.finalized_features_epoch = facts.finalized_features_epoch;
  return response;
}

ApiVersionsResponse unsupported_api_versions(const ApiTable& apis) {
  auto response = failed(ErrorCode::kUnsupportedVersion);
  response.api_keys = list_of(apis);
  return response;
}

ServedApi serve_api_versions(std::function<ApiVersionsFacts(Broker&)> facts) {
  return api<ApiVersionsRequest>(
      [facts = std::move(facts)](
          RequestContext& context,
          ApiVersionsRequest& request) -> asio::awaitable<ApiVersionsResponse> {
        co_return answer_api_versions(context.apis, facts(context.broker), request,
                                      context.header.api_version, context.connection);
      });
}

}  // namespace moldau
