// What the tools share: where they read and write, how they end, and their list.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cli/client.h"
#include "broker/cli/options.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;  // As a verb of moldau; under Kafka's name it is 1, as there.

// One run of a tool, with its arguments read.
struct ToolRun {
  std::string name;  // As it was called.
  Options options;
  std::ostream& out;
  std::ostream& err;
  bool prints_json = false;

  // Connects to --bootstrap-server (or --broker-list), or to localhost:9092.
  absl::StatusOr<std::unique_ptr<Client>> connect(std::string client_id = "moldau-cli") const;
  std::vector<ServerAddress> servers;
  // --command-config and its older names: client properties of a file.
  std::vector<std::pair<std::string, std::string>> client_properties;
};

// How a tool ends: InvalidArgument with this prefix is wrong usage.
absl::Status wrong_usage(std::string_view what);
bool is_wrong_usage(const absl::Status& status);
// A failure of which the tool has printed all there is to say.
absl::Status already_reported();

struct Tool {
  std::string_view verb;        // moldau topics
  std::string_view kafka_name;  // kafka-topics
  std::string_view purpose;
  // How Kafka's tool begins the line about a failure, and whether it writes it to stdout.
  std::string_view error_prefix;
  bool errors_on_stdout = false;
  int kafka_failure = 1;  // How Kafka's tool exits on a failure, where ours has its name.
  const std::vector<OptionSpec>& (*options)();
  absl::Status (*run)(ToolRun& run);
};

const std::vector<OptionSpec>& topics_options();
absl::Status run_topics(ToolRun& run);
const std::vector<OptionSpec>& configs_options();
absl::Status run_configs(ToolRun& run);
const std::vector<OptionSpec>& groups_options();
absl::Status run_groups(ToolRun& run);
const std::vector<OptionSpec>& get_offsets_options();
absl::Status run_get_offsets(ToolRun& run);
const std::vector<OptionSpec>& api_versions_options();
absl::Status run_api_versions(ToolRun& run);
const std::vector<OptionSpec>& produce_options();
absl::Status run_produce(ToolRun& run);
const std::vector<OptionSpec>& consume_options();
absl::Status run_consume(ToolRun& run);

// `own` with the options that every tool takes.
std::vector<OptionSpec> with_common_options(std::vector<OptionSpec> own);

// Set by SIGINT and SIGTERM once catch_interrupts() was called: tools that run on end in order.
void catch_interrupts();
bool is_interrupted();

// Which topics a regular expression names, whole names, `,` as `|`; nothing given names all.
// InvalidArgument: not a regular expression.
absl::StatusOr<std::function<bool(const std::string&)>> topic_filter(
    const std::optional<std::string>& expression);

// "key=value" pairs of --property and the like, each option perhaps with several, apart by commas.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> parse_pairs(
    const std::vector<std::string>& texts);

}  // namespace moldau::cli
