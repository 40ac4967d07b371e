// `moldau start`: one broker in the foreground, from its configuration to its clean end.
#pragma once

#include <string>
#include <vector>

namespace moldau {

// Returns the exit code: 0 after a clean stop, 1 if the broker could not start or stop cleanly, 2
// for wrong usage, 78 (EX_CONFIG) for a configuration that is not accepted.
int start_broker(const std::vector<std::string>& arguments);

}  // namespace moldau
