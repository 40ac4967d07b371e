// Topics that come into being because a client named them (auto.create.topics.enable), or because
// the broker was started with a list of them.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "protocol/error_code.h"

#include "absl/container/flat_hash_map.h"

namespace moldau {

class Broker;
using TopicErrors = absl::flat_hash_map<std::string, ErrorCode>;

// Creates the named topics with the broker's defaults, where that is allowed, and returns once
// their partitions have leaders. Gives the error of each name that was not created and does not
// exist.
boost::asio::awaitable<TopicErrors> create_topics_on_demand(Broker& broker,
                                                            std::vector<std::string> names);

}  // namespace moldau
