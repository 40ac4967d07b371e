// One binary under several names: `moldau <verb>`, and Kafka's tools by the names that scripts call
// them by (kafka-topics, kafka-topics.sh, ...), which are links to it.
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "broker/cli/tools.h"
#include "broker/config/load.h"
#include "broker/config/verbs.h"
#include "broker/start.h"
#include "broker/version.h"

namespace {

constexpr int kUsage = 2;

constexpr const char* kHelp = R"(Usage: moldau <verb> [options]

  start                 run a broker: --config FILE, --override key=value
  check-config          say whether a configuration would be accepted
  config                defaults | reference: every key, its default, what it does
  topics                create, list, describe, alter and delete topics (kafka-topics)
  produce               write lines as records (kafka-console-producer)
  consume               print records (kafka-console-consumer)
  configs               show and change configuration (kafka-configs)
  get-offsets           ends of partitions (kafka-get-offsets)
  broker-api-versions   what a broker serves (kafka-broker-api-versions)
  completion            bash | zsh | fish: a script that completes these
  version

Each verb explains itself with --help.
)";

int run(const std::string& verb, const std::vector<std::string>& arguments) {
  using namespace moldau;
  if (verb == "start") return start_broker(arguments);
  if (verb == "check-config")
    return check_config(arguments, read_environment(), std::cout, std::cerr);
  if (verb == "config") return show_config(arguments, std::cout, std::cerr);
  if (cli::is_tool(verb)) return cli::run_tool(verb, arguments);
  if (verb == "completion")
    return cli::print_completion(arguments,
                                 {"start", "check-config", "config", "completion", "version"});
  if (verb == "version" || verb == "--version") {
    std::cout << "moldau " << kVersion << '\n';
    return 0;
  }
  const bool is_help = verb == "help" || verb == "--help" || verb == "-h";
  (is_help ? std::cout : std::cerr) << kHelp;
  return is_help ? 0 : kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string called = std::filesystem::path(argv[0]).filename();
  if (moldau::cli::is_tool(called)) return moldau::cli::run_tool(called, arguments);
  if (arguments.empty()) return run("", {});
  const std::string verb = arguments.front();
  arguments.erase(arguments.begin());
  return run(verb, arguments);
}
