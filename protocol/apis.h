// Which APIs there are, with their keys and versions: all that protocol/messages/ declares.
//
// What a broker serves and advertises is the table in broker/apis.cpp; this is what it can read.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/message.h"

namespace moldau {

// By rising key.
std::span<const Api> all_apis();

// nullptr if the key is unknown.
const Api* find_api(int16_t key);

}  // namespace moldau
