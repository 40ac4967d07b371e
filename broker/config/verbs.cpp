#include "broker/config/verbs.h"

#include <ostream>

#include "broker/config/definitions.h"
#include "broker/config/listeners.h"
#include "broker/config/topic_configs.h"

namespace moldau {
namespace {

constexpr int kUsage = 2;
constexpr int kBadConfiguration = 78;

// Words that YAML would read as something else than text, and texts with special characters.
std::string yaml_scalar(const std::string& text) {
  const bool is_plain =
      !text.empty() && text.find_first_of(":#*&[]{},\"'%@`!|>") == std::string::npos;
  return is_plain ? text : "\"" + text + "\"";
}

const char* type_word(ConfigType type) {
  switch (type) {
    case ConfigType::kBoolean:
      return "boolean";
    case ConfigType::kInt:
      return "int";
    case ConfigType::kShort:
      return "short";
    case ConfigType::kLong:
      return "long";
    case ConfigType::kDouble:
      return "double";
    case ConfigType::kList:
      return "list";
    case ConfigType::kClass:
      return "class";
    case ConfigType::kPassword:
      return "password";
    default:
      return "string";
  }
}

const char* update_words(UpdateMode mode) {
  switch (mode) {
    case UpdateMode::kPerBroker:
      return "per broker, while running";
    case UpdateMode::kClusterWide:
      return "while running";
    default:
      return "at start";
  }
}

const char* support_words(Support support) {
  switch (support) {
    case Support::kWorks:
      return "";
    case Support::kAccepted:
      return " Accepted, without effect yet.";
    case Support::kIgnored:
      return " Ignored.";
    default:
      return " Not supported: the broker refuses to start with it.";
  }
}

void print_defaults(std::ostream& out) {
  for (const auto& row : kBrokerConfigs) {
    if (row.support != Support::kWorks) continue;
    if (row.default_value == nullptr) {
      out << "# " << row.name << ":\n";
    } else {
      out << row.name << ": " << yaml_scalar(row.default_value) << '\n';
    }
  }
}

void print_row(std::ostream& out, const ConfigDefinition& row) {
  out << "### " << row.name << "\n" << row.documentation << support_words(row.support) << "\n\n";
  out << "Type " << type_word(row.type) << ", " << describe_allowed(row)
      << ". Default: " << (row.default_value == nullptr ? "none" : yaml_scalar(row.default_value))
      << ".";
}

void print_broker_reference(std::ostream& out) {
  out << "# Broker configuration\n\n";
  for (const auto& row : kBrokerConfigs) {
    print_row(out, row);
    out << " Changes " << update_words(row.update_mode) << ".\n\n";
  }
}

void print_topic_reference(std::ostream& out) {
  out << "# Topic configuration\n\n";
  for (const auto& row : kTopicConfigs) {
    print_row(out, row);
    if (!row.synonyms[0].name.empty()) out << " Broker's default: " << row.synonyms[0].name << ".";
    out << "\n\n";
  }
}

struct CheckArguments {
  ConfigInputs inputs;
  bool is_valid = true;
};

CheckArguments parse_check_arguments(const std::vector<std::string>& arguments) {
  CheckArguments parsed;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool takes_value = argument == "--config" || argument == "--override";
    if (takes_value && i + 1 == arguments.size()) return {.is_valid = false};
    if (argument == "--override") {
      parsed.inputs.overrides.push_back(arguments[++i]);
    } else if (argument == "--config") {
      parsed.inputs.file = arguments[++i];
    } else if (!argument.starts_with("-") && !parsed.inputs.file) {
      parsed.inputs.file = argument;
    } else {
      return {.is_valid = false};
    }
  }
  return parsed;
}

}  // namespace

int check_config(const std::vector<std::string>& arguments, const Environment& environment,
                 std::ostream& out, std::ostream& err) {
  CheckArguments parsed = parse_check_arguments(arguments);
  if (!parsed.is_valid) {
    err << "usage: moldau check-config [FILE] [--override key=value]...\n";
    return kUsage;
  }
  parsed.inputs.environment = environment;
  const auto config = load_config(parsed.inputs);
  if (!config.ok()) {
    err << config.status().message() << '\n';
    return kBadConfiguration;
  }
  for (const auto& warning : config->warnings()) err << "warning: " << warning << '\n';
  const auto listeners = parse_listeners(*config);
  for (const auto& listener : *listeners)
    out << listener.name << " listens on " << (listener.host.empty() ? "*" : listener.host) << ':'
        << listener.port << ", clients are told " << listener.advertised_host << ':'
        << listener.advertised_port << '\n';
  out << "The configuration is good.\n";
  return 0;
}

int show_config(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  if (arguments == std::vector<std::string>{"defaults"}) {
    print_defaults(out);
  } else if (arguments == std::vector<std::string>{"reference"}) {
    print_broker_reference(out);
  } else if (arguments == std::vector<std::string>{"reference", "--topics"}) {
    print_topic_reference(out);
  } else {
    err << "usage: moldau config defaults | reference [--topics]\n";
    return kUsage;
  }
  return 0;
}

}  // namespace moldau
