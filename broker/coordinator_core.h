// The shape of a coordinator: a pure state machine whose decisions are records of a log.
//
//   struct Core {
//     using Event = std::variant<...>;        // each alternative names its Reply
//     using Reply = std::variant<...>;
//     static constexpr uint8_t kStateVersion; // of what apply() keeps; another one: folded anew
//     void begin(Time now);                   // the log is folded in: events come from now on
//     Outcome<Reply> step(Ticket, const Event&, Time now);
//     Outcome<Reply> wake(Time now);          // the time that wake_at() named has come
//     std::optional<int64_t> wake_at() const; // of the steady clock, in milliseconds
//     void apply(const CoordinatorRecord&);
//     void end_transaction(int64_t producer_id, bool committed);
//   };
//
// Durable state is changed by apply() alone, with the records that step() and wake() returned or
// with the same records read from the log. Working state (who waits, deadlines, and whatever may be
// made again from the durable state by begin()) is changed by step() and wake() at once. If records
// of theirs are lost the core is thrown away, and with it working state that ran ahead.
//
// An answer may be given later than in the step of its event, under the ticket of that event.
// The shell that runs a core over a partition is replicated_core.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/record_batch.h"

namespace moldau {

struct Time {
  int64_t wall_ms = 0;    // Since 1970, may go back: for what is written down.
  int64_t steady_ms = 0;  // Never goes back: for deadlines.
};

// Names one event for as long as it has no answer.
using Ticket = uint64_t;

struct CoordinatorRecord {
  std::string key;
  std::optional<std::string> value;     // nullopt is a tombstone.
  int64_t producer_id = kNoProducerId;  // Set for a record of a transaction: it counts when that
                                        // is committed (KIP-98).
  bool operator==(const CoordinatorRecord&) const = default;
};

template <class Reply>
struct Outcome {
  struct Answer {
    Ticket ticket;
    Reply reply;
  };
  std::vector<CoordinatorRecord> records;  // In one batch (all or none) if one can hold them.
  std::vector<Answer> answers;             // Told when the records are committed.
};

}  // namespace moldau
