// InitProducerId (KIP-98): a number for an idempotent producer. Transactions are not served yet.
#include <limits>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/producer_ids.h"

namespace moldau {

asio::awaitable<InitProducerIdResponse> handle_init_producer_id(RequestContext& ctx,
                                                                InitProducerIdRequest& request) {
  InitProducerIdResponse response;
  if (request.transactional_id) {
    // Nothing here would make a transaction atomic, and no code says so but a final refusal.
    response.error_code =
        code(request.transactional_id->empty() ? ErrorCode::kInvalidRequest
                                               : ErrorCode::kTransactionalIdAuthorizationFailed);
    co_return response;
  }
  // Epoch bumps of a producer that has no transactional id start it over with a new number
  // (KIP-360).
  const auto id = co_await ctx.broker.producer_ids().next();
  if (id.ok()) {
    response.producer_id = *id;
    response.producer_epoch = 0;
  } else {
    response.error_code = code(ErrorCode::kCoordinatorNotAvailable);
  }
  co_return response;
}

}  // namespace moldau
