// The table of APIs that this broker serves, each with its handler: the map of the system.
#pragma once

#include "broker/network/api_table.h"

namespace moldau {

// All that the daemon serves.
ApiTable served_apis();

}  // namespace moldau
