#include "broker/cli/tools.h"

#include <csignal>
#include <iostream>
#include <regex>

#include "broker/cli/tool.h"
#include "broker/config/definitions.h"
#include "broker/config/load.h"
#include "broker/version.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace moldau::cli {
namespace {

constexpr std::string_view kUsagePrefix = "usage: ";

const std::vector<Tool>& tools() {
  static const auto* const kTools = new std::vector<Tool>{
      {"topics", "kafka-topics", "Creates, lists, describes, alters and deletes topics.",
       "Error while executing topic command : ", true, kFailure, topics_options, run_topics},
      {"produce", "kafka-console-producer", "Writes the lines of its input to a topic.", "", false,
       kFailure, produce_options, run_produce},
      {"consume", "kafka-console-consumer", "Prints the records of a topic.", "", false, kFailure,
       consume_options, run_consume},
      {"configs", "kafka-configs", "Shows and changes the configuration of topics and brokers.",
       "Error while executing config command: ", false, kFailure, configs_options, run_configs},
      {"groups", "kafka-consumer-groups",
       "Lists, describes and deletes groups of consumers, and resets their offsets.",
       "\nError: Executing consumer group command failed due to ", true, kSuccess, groups_options,
       run_groups},
      {"get-offsets", "kafka-get-offsets", "Prints the offsets of partitions.",
       "Error occurred: ", false, kFailure, get_offsets_options, run_get_offsets},
      {"broker-api-versions", "kafka-broker-api-versions",
       "Prints which versions of each API the brokers serve.", "", false, kFailure,
       api_versions_options, run_api_versions},
  };
  return *kTools;
}

std::string base_name(std::string name) {
  if (const size_t slash = name.rfind('/'); slash != std::string::npos)
    name = name.substr(slash + 1);
  if (name.ends_with(".sh")) name.resize(name.size() - 3);
  return name;
}

const Tool* find_tool(const std::string& name) {
  const std::string base = base_name(name);
  for (const auto& tool : tools())
    if (base == tool.verb || base == tool.kafka_name) return &tool;
  return nullptr;
}

absl::Status read_servers(ToolRun& run) {
  auto text = run.options.value("bootstrap-server");
  if (!text) text = run.options.value("broker-list");
  auto servers = parse_servers(text.value_or("localhost:9092"));
  if (!servers.ok()) return wrong_usage(std::string(servers.status().message()));
  run.servers = *std::move(servers);
  return absl::OkStatus();
}

// The protocol here is plain: a file that asks for more must not be passed over in silence.
absl::Status read_client_properties(ToolRun& run) {
  for (const char* option : {"command-config", "producer.config", "consumer.config"}) {
    const auto path = run.options.value(option);
    if (!path) continue;
    auto settings = read_config_file(*path);
    if (!settings.ok()) return settings.status();
    for (const auto& setting : *settings) {
      if (setting.key == "security.protocol" && setting.value != "PLAINTEXT")
        return absl::InvalidArgumentError(
            absl::StrCat(setting.origin, ": security.protocol ", setting.value.value_or(""),
                         " is not supported yet; PLAINTEXT is what there is"));
      run.client_properties.emplace_back(setting.key, setting.value.value_or(""));
    }
  }
  return absl::OkStatus();
}

void explain_zookeeper(const ToolRun& run) {
  if (!run.options.has("zookeeper")) return;
  const std::string server = absl::StrCat(run.servers[0].host, ":", run.servers[0].port);
  run.err << "There is no ZooKeeper here; using the broker at " << server
          << " (--bootstrap-server names it).\n";
}

absl::Status prepare(ToolRun& run) {
  const std::string format = run.options.value("format").value_or("text");
  if (format != "text" && format != "json")
    return wrong_usage(absl::StrCat("--format is text or json, not ", format));
  run.prints_json = format == "json";
  if (auto s = read_servers(run); !s.ok()) return s;
  if (auto s = read_client_properties(run); !s.ok()) return s;
  explain_zookeeper(run);
  return absl::OkStatus();
}

int report(const Tool& tool, const std::string& name, const absl::Status& status, std::ostream& out,
           std::ostream& err) {
  out.flush();
  if (status.ok()) return kSuccess;
  const std::string text(status.message());
  const bool is_verb = base_name(name) == tool.verb;
  if (is_wrong_usage(status)) {
    err << text.substr(kUsagePrefix.size()) << '\n' << usage(name, tool.purpose, tool.options());
    return is_verb ? kWrongUsage : kFailure;
  }
  if (!text.empty()) (tool.errors_on_stdout ? out : err) << tool.error_prefix << text << std::endl;
  return is_verb ? kFailure : tool.kafka_failure;
}

volatile std::sig_atomic_t interrupted = 0;

std::string bash_completion(const std::vector<std::string>& verbs) {
  std::string script = "_moldau() {\n  local word=${COMP_WORDS[COMP_CWORD]} options=\n";
  absl::StrAppend(&script, "  case ${COMP_WORDS[1]} in\n");
  for (const auto& tool : tools()) {
    std::vector<std::string> names;
    for (const auto& option : tool.options())
      if (!option.help.empty()) names.push_back(absl::StrCat("--", std::string(option.name)));
    absl::StrAppend(&script, "    ", std::string(tool.verb), ") options=\"",
                    absl::StrJoin(names, " "), "\" ;;\n");
  }
  absl::StrAppend(&script, "  esac\n  [ $COMP_CWORD -gt 1 ] || options=\"",
                  absl::StrJoin(verbs, " "), "\"\n",
                  "  COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n}\n",
                  "complete -o default -F _moldau moldau\n");
  return script;
}

std::string fish_completion(const std::vector<std::string>& verbs) {
  std::string script = absl::StrCat("complete -c moldau -n __fish_use_subcommand -a '",
                                    absl::StrJoin(verbs, " "), "'\n");
  for (const auto& tool : tools())
    for (const auto& option : tool.options()) {
      if (option.help.empty()) continue;
      absl::StrAppend(&script, "complete -c moldau -n '__fish_seen_subcommand_from ",
                      std::string(tool.verb), "' -l ", std::string(option.name), " -d '",
                      absl::StrReplaceAll(std::string(option.help), {{"'", "\\'"}}), "'\n");
    }
  return script;
}

}  // namespace

absl::Status wrong_usage(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(kUsagePrefix), std::string(what)));
}

bool is_wrong_usage(const absl::Status& status) {
  return absl::IsInvalidArgument(status) && std::string(status.message()).starts_with(kUsagePrefix);
}

absl::Status already_reported() { return absl::UnknownError(""); }

absl::StatusOr<std::unique_ptr<Client>> ToolRun::connect(std::string client_id) const {
  auto client = Client::connect({.servers = servers, .client_id = std::move(client_id)});
  if (!client.ok() && !options.has("bootstrap-server") && !options.has("broker-list"))
    err << "No --bootstrap-server was given; the default is localhost:9092.\n";
  return client;
}

std::vector<OptionSpec> with_common_options(std::vector<OptionSpec> own) {
  own.insert(own.end(), common_options().begin(), common_options().end());
  return own;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool is_interrupted() { return interrupted != 0; }

absl::StatusOr<std::function<bool(const std::string&)>> topic_filter(
    const std::optional<std::string>& expression) {
  if (!expression) return [](const std::string&) { return true; };
  try {
    std::regex pattern(absl::StrReplaceAll(*expression, {{",", "|"}}));
    return [pattern](const std::string& name) { return std::regex_match(name, pattern); };
  } catch (const std::regex_error&) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", *expression, "\" is not a regular expression"));
  }
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> parse_pairs(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      return wrong_usage(absl::StrCat("\"", text, "\" is not of the form name=value"));
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

bool is_tool(const std::string& name) { return find_tool(name) != nullptr; }

int run_tool(const std::string& name, const std::vector<std::string>& arguments) {
  const Tool* tool = find_tool(name);
  if (tool == nullptr) {
    std::cerr << name << " is not a tool\n";
    return kWrongUsage;
  }
  auto options = Options::parse(tool->options(), arguments);
  if (!options.ok())
    return report(*tool, name, wrong_usage(std::string(options.status().message())), std::cout,
                  std::cerr);
  if (options->has("help")) {
    std::cout << usage(base_name(name), tool->purpose, tool->options());
    return kSuccess;
  }
  if (options->has("version")) {
    std::cout << kVersion << '\n';
    return kSuccess;
  }
  ToolRun run{.name = base_name(name),
              .options = *std::move(options),
              .out = std::cout,
              .err = std::cerr,
              .servers = {},
              .client_properties = {}};
  absl::Status status = prepare(run);
  if (status.ok()) status = tool->run(run);
  return report(*tool, base_name(name), status, std::cout, std::cerr);
}

int print_completion(const std::vector<std::string>& arguments,
                     const std::vector<std::string>& verbs) {
  std::vector<std::string> all = verbs;
  for (const auto& tool : tools()) all.emplace_back(tool.verb);
  const std::string shell = arguments.size() == 1 ? arguments[0] : "";
  if (shell == "bash") {
    std::cout << bash_completion(all);
  } else if (shell == "zsh") {
    std::cout << "autoload -U +X bashcompinit && bashcompinit\n" << bash_completion(all);
  } else if (shell == "fish") {
    std::cout << fish_completion(all);
  } else {
    std::cerr << "usage: moldau completion bash|zsh|fish\n";
    return kWrongUsage;
  }
  return kSuccess;
}

}  // namespace moldau::cli
