// Compiles the visitors for the APIs in MOLDAU_ADMIN_APIS.
#include "protocol/all_messages.h"
#include "protocol/message_codec.h"

namespace moldau {

#define MOLDAU_INSTANTIATE_API(Name) \
  MOLDAU_INSTANTIATE(Name##Request); \
  MOLDAU_INSTANTIATE(Name##Response);

MOLDAU_ADMIN_APIS(MOLDAU_INSTANTIATE_API)

}  // namespace moldau
