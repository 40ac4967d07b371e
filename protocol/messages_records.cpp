// Compiles the visitors for the schemas in MOLDAU_RECORDS.
#include "protocol/all_messages.h"
#include "protocol/message_codec.h"

namespace moldau {

#define MOLDAU_INSTANTIATE_RECORD(Name) MOLDAU_INSTANTIATE(Name);

MOLDAU_RECORDS(MOLDAU_INSTANTIATE_RECORD)

}  // namespace moldau
