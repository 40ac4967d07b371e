// kafka-broker-api-versions: which versions of each API the brokers serve.
#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>

#include "broker/cli/json.h"
#include "broker/cli/tool.h"
#include "protocol/apis.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace moldau::cli {
namespace {

std::string api_name(int16_t key) {
  const Api* api = find_api(key);
  return api == nullptr ? "UNKNOWN" : api->name;
}

std::string print(const ApiVersionRange& range) {
  std::string versions = std::to_string(range.first);
  if (range.last != range.first) absl::StrAppend(&versions, " to ", range.last);
  const Api* api = find_api(range.key);
  const Version usable = api == nullptr ? Version{-1} : std::min(api->last, range.last);
  const bool is_usable = api != nullptr && usable >= std::max(api->first, range.first);
  return absl::StrCat("\t", api_name(range.key), "(", range.key, "): ", versions,
                      " [usable: ", is_usable ? std::to_string(usable) : "NONE", "]");
}

// What brokers and controllers use among themselves; a client does not miss it.
bool is_for_clients(int16_t key) {
  constexpr int16_t kInternal[] = {4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82};
  return key < 93 && std::ranges::find(kInternal, key) == std::end(kInternal);
}

std::string print(const MetadataResponse::Broker& broker,
                  const std::vector<ApiVersionRange>& ranges) {
  std::map<int16_t, std::string> by_key;
  for (const auto& api : all_apis())
    if (is_for_clients(api.key))
      by_key[api.key] = absl::StrCat("\t", api.name, "(", api.key, "): UNSUPPORTED");
  for (const auto& range : ranges) by_key[range.key] = print(range);
  std::vector<std::string> lines;
  for (const auto& [key, line] : by_key) lines.push_back(line);
  return absl::StrCat(broker.host, ":", broker.port, " (id: ", broker.node_id,
                      " rack: ", broker.rack.value_or("null"), " isFenced: false) -> (\n",
                      absl::StrJoin(lines, ",\n"), "\n)\n");
}

std::string json(const MetadataResponse::Broker& broker,
                 const std::vector<ApiVersionRange>& ranges) {
  std::vector<std::string> apis;
  for (const auto& range : ranges)
    apis.push_back(JsonObject()
                       .text("name", api_name(range.key))
                       .number("key", range.key)
                       .number("min", range.first)
                       .number("max", range.last)
                       .done());
  return JsonObject()
      .number("id", broker.node_id)
      .text("host", broker.host)
      .number("port", broker.port)
      .raw("apis", json_array(apis))
      .done();
}

}  // namespace

const std::vector<OptionSpec>& api_versions_options() {
  static const auto* const kOptions =
      new std::vector<OptionSpec>(with_common_options({{"broker-list", OptionKind::kValue, ""}}));
  return *kOptions;
}

absl::Status run_api_versions(ToolRun& run) {
  auto client = run.connect();
  if (!client.ok()) return client.status();
  const std::vector<std::string> no_topics;
  auto metadata = (*client)->metadata(&no_topics);
  if (!metadata.ok()) return metadata.status();
  std::vector<std::string> objects;
  for (const auto& broker : metadata->brokers) {
    auto connection = (*client)->connection_to(broker.node_id);
    if (!connection.ok()) return connection.status();
    auto ranges = (*connection)->api_versions();
    std::ranges::sort(ranges, {}, &ApiVersionRange::key);
    if (run.prints_json) {
      objects.push_back(json(broker, ranges));
    } else {
      run.out << print(broker, ranges);
    }
  }
  if (run.prints_json) run.out << json_array(objects) << '\n';
  return absl::OkStatus();
}

}  // namespace moldau::cli
