// The arguments of a tool, taken as Kafka's tools take them: --name value, --name=value, a single
// dash before a long name, and any beginning of a name that only one option has (or one that the
// others continue).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau::cli {

enum class OptionKind : uint8_t {
  kFlag,
  kValue,          // Wants a value; may be given several times.
  kOptionalValue,  // Takes the next word as its value unless that is an option.
};

struct OptionSpec {
  std::string_view name;
  OptionKind kind = OptionKind::kFlag;
  std::string_view help;  // One line; empty: taken for compatibility and not shown.
};

// What every tool takes besides its own: --bootstrap-server, --command-config, --zookeeper,
// --format, --help, --version.
const std::vector<OptionSpec>& common_options();

class Options {
 public:
  // InvalidArgument: "x is not a recognized option", "Option x requires an argument", "x is
  // ambiguous: ..." and the like.
  static absl::StatusOr<Options> parse(const std::vector<OptionSpec>& specs,
                                       const std::vector<std::string>& arguments);

  bool has(std::string_view name) const { return values_.contains(name); }
  std::optional<std::string> value(std::string_view name) const;  // The last one given.
  std::vector<std::string> values(std::string_view name) const;
  // InvalidArgument: "Cannot parse argument 'abc' of option partitions".
  absl::StatusOr<std::optional<int64_t>> integer(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// The options and what they do, in columns.
std::string usage(std::string_view tool, std::string_view purpose,
                  const std::vector<OptionSpec>& specs);

}  // namespace moldau::cli
