// A small durable ordered map: state folded from a log, with the offset that it covers.
//
// It can always be rebuilt from the log, so writes are not synced one by one: after a crash a table
// may be older than it was, never torn - a batch is applied whole or not at all, batches in order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace moldau {

class Table {
 public:
  virtual ~Table() = default;

  struct Write {
    std::string key;
    std::optional<std::string> value;  // nullopt deletes.
  };
  virtual absl::Status apply(const std::vector<Write>& batch) = 0;
  virtual absl::StatusOr<std::optional<std::string>> get(std::string_view key) const = 0;
  // Every key that starts with `prefix`, in byte order, until `visit` returns false.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  absl::Status scan(std::string_view prefix, const Visit& visit) const {
    return scan_from(prefix, prefix, visit);
  }
  // Of those, the ones that are not before `from`.
  virtual absl::Status scan_from(std::string_view prefix, std::string_view from,
                                 const Visit& visit) const = 0;
  virtual absl::Status remove_prefix(std::string_view prefix) = 0;
  virtual absl::Status flush() = 0;  // Makes what was applied durable.
};

absl::StatusOr<std::unique_ptr<Table>> open_rocksdb_table(const std::string& directory);
std::unique_ptr<Table> make_memory_table();

}  // namespace moldau
