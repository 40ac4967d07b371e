// What a coordinator has folded from its log: committed entries in a Table, and over them the
// writes of records that are not committed yet.
//
// In the Table, for one partition under its own prefix:
//   prefix 0x00              how far the log is folded in:
//                              version:uint8 topic_id:16 end_offset:int64 leader_epoch:int32
//                              folded_at_ms:int64
//   prefix 0x01 key          the core's own entries
// Entries and position change in one batch, so the Table is always the fold of a prefix of the log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/uuid.h"
#include "storage/table.h"

#include "absl/status/status.h"

namespace moldau {

class FoldedState {
 public:
  // The table outlives the state and may be shared; prefixes are of equal length.
  FoldedState(Table& table, std::string prefix);

  // For cores. Uncommitted writes are seen. After a failed read the answer is "nothing there" and
  // status() tells.
  std::optional<std::string> get(std::string_view key) const;
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  // In byte order, until `visit` returns false. `visit` must not write.
  void scan(std::string_view prefix, const Visit& visit) const { scan_from(prefix, prefix, visit); }
  // Leaves out what is before `from`.
  void scan_from(std::string_view prefix, std::string_view from, const Visit& visit) const;
  bool has_prefix(std::string_view prefix) const;
  void put(std::string key, std::string value);
  void erase(std::string key);

  // For shells.
  struct Position {
    uint8_t version = 0;
    Uuid topic_id{};
    int64_t end_offset = 0;     // Of the last record folded in, plus one.
    int32_t leader_epoch = -1;  // Of that record.
    int64_t folded_at_ms = 0;   // Wall clock.

    bool operator==(const Position&) const = default;
  };
  std::optional<Position> position() const;       // nullopt: nothing folded, or not readable.
  absl::Status commit(const Position& position);  // Moves the writes into the Table.
  void discard();                                 // Forgets them, and a failed read.
  absl::Status clear();                           // Forgets everything, committed or not.
  const absl::Status& status() const { return status_; }  // The first read that failed.
  size_t uncommitted() const { return writes_.size(); }

 private:
  std::string table_key(std::string_view key) const;

  Table& table_;
  const std::string prefix_;
  std::map<std::string, std::optional<std::string>, std::less<>> writes_;  // nullopt: erased.
  mutable absl::Status status_;
};

}  // namespace moldau
