#include "broker/config/listeners.h"

#include <algorithm>
#include <map>
#include <netdb.h>
#include <set>
#include <unistd.h>

#include "broker/config/definitions.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace moldau {
namespace {

using Endpoints = std::vector<Endpoint>;

absl::Status fault(std::string_view key, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(key), ": ", std::string(what)));
}

absl::StatusOr<Endpoints> parse_endpoints(std::string_view key,
                                          const std::vector<std::string>& texts) {
  Endpoints endpoints;
  std::set<std::string> names;
  for (const auto& text : texts) {
    auto endpoint = parse_endpoint(text);
    if (!endpoint.ok()) return fault(key, std::string(endpoint.status().message()));
    if (!names.insert(endpoint->name).second)
      return fault(key, absl::StrCat("the listener ", endpoint->name, " is there twice"));
    endpoints.push_back(*std::move(endpoint));
  }
  return endpoints;
}

// listeners, or what port and host.name say.
absl::StatusOr<Endpoints> bound_endpoints(const Config& config) {
  const bool is_set = config.setting("listeners")->source != ConfigSource::kDefault;
  const auto port = config.find<"port">();
  const auto host = config.find<"host.name">();
  if (!is_set && (port || host))
    return Endpoints{{.name = "PLAINTEXT",
                      .host = host.value_or(""),
                      .port = static_cast<uint16_t>(port.value_or(9092))}};
  return parse_endpoints("listeners", config.get<"listeners">());
}

absl::StatusOr<Endpoints> advertised_endpoints(const Config& config, const Endpoints& bound) {
  const auto listeners = config.find<"advertised.listeners">();
  if (listeners && !listeners->empty()) return parse_endpoints("advertised.listeners", *listeners);
  const auto host = config.find<"advertised.host.name">();
  const auto port = config.find<"advertised.port">();
  Endpoints endpoints = bound;
  if (!endpoints.empty() && host) endpoints[0].host = *host;
  if (!endpoints.empty() && port) endpoints[0].port = static_cast<uint16_t>(*port);
  return endpoints;
}

absl::StatusOr<std::map<std::string, std::string>> protocols(const Config& config) {
  std::map<std::string, std::string> protocols;
  for (const auto& pair : split_list(config.get<"listener.security.protocol.map">())) {
    const std::vector<std::string> parts = absl::StrSplit(pair, ':');
    if (parts.size() != 2)
      return fault("listener.security.protocol.map",
                   absl::StrCat("\"", pair, "\" is not of the form NAME:PROTOCOL"));
    protocols[absl::AsciiStrToUpper(parts[0])] = absl::AsciiStrToUpper(parts[1]);
  }
  return protocols;
}

absl::Status check_protocol(const std::map<std::string, std::string>& protocols,
                            const std::string& name) {
  const auto found = protocols.find(name);
  // KRaft's own rule: controller listeners and, for convenience here, any name but those of the
  // secure protocols, are PLAINTEXT when the map does not name them.
  const std::string protocol = found != protocols.end() ? found->second : "PLAINTEXT";
  if (protocol == "PLAINTEXT") return absl::OkStatus();
  if (protocol != "SSL" && protocol != "SASL_PLAINTEXT" && protocol != "SASL_SSL")
    return fault("listener.security.protocol.map",
                 absl::StrCat("unknown protocol ", protocol, " for ", name));
  return fault("listeners", absl::StrCat("the listener ", name, " asks for ", protocol,
                                         ", which this broker does not have yet; PLAINTEXT is "
                                         "what there is"));
}

bool is_wildcard(std::string_view host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

bool overlap(const Endpoint& a, const Endpoint& b) {
  if (a.port == 0 || a.port != b.port) return false;
  return is_wildcard(a.host) || is_wildcard(b.host) || a.host == b.host;
}

absl::Status check_ports(const Endpoints& endpoints) {
  for (size_t i = 0; i < endpoints.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (overlap(endpoints[i], endpoints[j]))
        return fault("listeners", absl::StrCat(endpoints[j].name, " and ", endpoints[i].name,
                                               " both listen on port ", endpoints[i].port));
  return absl::OkStatus();
}

// The machine's name if clients here can resolve it.
std::string own_host_name() {
  char name[256] = {};
  addrinfo* addresses = nullptr;
  if (::gethostname(name, sizeof(name) - 1) != 0 ||
      ::getaddrinfo(name, nullptr, nullptr, &addresses) != 0)
    return "localhost";
  ::freeaddrinfo(addresses);
  return name;
}

const Endpoint* find_by_name(const Endpoints& endpoints, std::string_view name) {
  const auto found = std::ranges::find(endpoints, name, &Endpoint::name);
  return found == endpoints.end() ? nullptr : &*found;
}

}  // namespace

absl::StatusOr<Endpoint> parse_endpoint(std::string_view text) {
  const auto refuse = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", std::string(text), "\" is not of the form NAME://host:port"));
  };
  const size_t scheme = text.find("://");
  const size_t colon = text.rfind(':');
  if (scheme == std::string_view::npos || scheme == 0 || colon < scheme + 3) return refuse();
  Endpoint endpoint{.name = absl::AsciiStrToUpper(std::string(text.substr(0, scheme))),
                    .host = std::string(text.substr(scheme + 3, colon - scheme - 3))};
  int port = 0;
  if (!absl::SimpleAtoi(std::string(text.substr(colon + 1)), &port) || port < 0 || port > 65535)
    return refuse();
  endpoint.port = static_cast<uint16_t>(port);
  std::string& host = endpoint.host;
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!is_bracketed && host.find_first_of(":[]/") != std::string::npos) return refuse();
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  return endpoint;
}

absl::StatusOr<std::vector<ListenerConfig>> parse_listeners(const Config& config) {
  auto bound = bound_endpoints(config);
  if (!bound.ok()) return bound.status();
  if (bound->empty()) return fault("listeners", "none is named");
  auto advertised = advertised_endpoints(config, *bound);
  if (!advertised.ok()) return advertised.status();
  auto protocol_of = protocols(config);
  if (!protocol_of.ok()) return protocol_of.status();
  if (auto s = check_ports(*bound); !s.ok()) return s;

  std::set<std::string> controllers;
  for (const auto& name : config.get<"controller.listener.names">())
    controllers.insert(absl::AsciiStrToUpper(name));
  const std::string inter_broker =
      absl::AsciiStrToUpper(config.find<"inter.broker.listener.name">().value_or("PLAINTEXT"));

  std::vector<ListenerConfig> listeners;
  bool has_client_listener = false;
  for (const auto& endpoint : *bound) {
    if (auto s = check_protocol(*protocol_of, endpoint.name); !s.ok()) return s;
    ListenerConfig listener{.name = endpoint.name, .host = endpoint.host, .port = endpoint.port};
    listener.is_controller = controllers.contains(endpoint.name);
    listener.is_inter_broker = endpoint.name == inter_broker;
    has_client_listener |= !listener.is_controller;
    const Endpoint* shown = find_by_name(*advertised, endpoint.name);
    if (shown == nullptr) shown = &endpoint;
    if (shown != &endpoint && (shown->host == "0.0.0.0" || shown->host == "::"))
      if (config.find<"advertised.listeners">())
        return fault("advertised.listeners", absl::StrCat(shown->host,
                                                          " is no address to connect to; name one "
                                                          "that clients reach"));
    listener.advertised_host = is_wildcard(shown->host) ? own_host_name() : shown->host;
    listener.advertised_port = shown->port;
    listeners.push_back(std::move(listener));
  }
  for (const auto& endpoint : *advertised)
    if (find_by_name(*bound, endpoint.name) == nullptr)
      return fault("advertised.listeners",
                   absl::StrCat(endpoint.name, " is not among the listeners"));
  if (!has_client_listener) return fault("listeners", "all of them are controller listeners");
  if (config.find<"inter.broker.listener.name">() &&
      std::ranges::none_of(listeners, [](const ListenerConfig& l) { return l.is_inter_broker; }))
    return fault("inter.broker.listener.name",
                 absl::StrCat(inter_broker, " is not among the listeners"));
  return listeners;
}

absl::StatusOr<std::vector<TopicToCreate>> parse_topics_to_create(std::string_view text) {
  std::vector<TopicToCreate> topics;
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(text), absl::ByAnyChar(", \t\r\n"), absl::SkipEmpty());
  for (const std::string& part : parts) {
    const std::vector<std::string> fields = absl::StrSplit(part, ':');
    TopicToCreate topic{.name = fields[0]};
    int replicas = -1;
    if (topic.name.empty() || fields.size() > 4 ||
        (fields.size() > 1 &&
         (!absl::SimpleAtoi(fields[1], &topic.partitions) || topic.partitions < 1)) ||
        (fields.size() > 2 && (!absl::SimpleAtoi(fields[2], &replicas) || replicas < 1)))
      return fault(
          "moldau.create.topics",
          absl::StrCat("\"", part,
                       "\" is not of the form name:partitions:replication-factor[:policy]"));
    topic.replication_factor = static_cast<int16_t>(replicas);
    if (fields.size() > 3) topic.cleanup_policy = fields[3];
    topics.push_back(std::move(topic));
  }
  return topics;
}

}  // namespace moldau
