// Random ids, from the system's source of randomness.
#pragma once

#include "protocol/uuid.h"

namespace moldau {

Uuid random_uuid();  // Version 4; never a reserved one, and its text never begins with '-'.

}  // namespace moldau
