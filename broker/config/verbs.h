// The verbs of the command line that are about configuration alone. Each returns the exit code.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "broker/config/load.h"

namespace moldau {

// `moldau check-config [FILE] [--config FILE] [--override k=v]...`: 0 and a line saying so, or
// every fault on `err` and 78 (EX_CONFIG); 2 for wrong usage.
int check_config(const std::vector<std::string>& arguments, const Environment& environment,
                 std::ostream& out, std::ostream& err);

// `moldau config defaults`: every broker config and its default, as a YAML file that would be
// accepted. `moldau config reference [--topics]`: the same with type, range and documentation, in
// Markdown.
int show_config(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace moldau
