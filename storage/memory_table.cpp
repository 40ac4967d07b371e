// Table in memory.
#include <algorithm>
#include <map>

#include "storage/table.h"

namespace moldau {
namespace {

class MemoryTable : public Table {
 public:
  absl::StatusOr<std::optional<std::string>> get(std::string_view key) const override {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::optional<std::string>();
    return std::optional<std::string>(it->second);
  }

  absl::Status apply(const std::vector<Write>& batch) override {
    for (const auto& [key, value] : batch) {
      if (value)
        entries_[key] = *value;
      else
        entries_.erase(key);
    }
    return absl::OkStatus();
  }

  absl::Status scan_from(std::string_view prefix, std::string_view from,
                         const Visit& visit) const override {
    const auto as_of_now = entries_;
    for (auto it = as_of_now.lower_bound(std::max(prefix, from)); it != as_of_now.end(); ++it)
      if (!it->first.starts_with(prefix) || !visit(it->first, it->second)) break;
    return absl::OkStatus();
  }

  absl::Status remove_prefix(std::string_view prefix) override {
    auto it = entries_.lower_bound(prefix);
    while (it != entries_.end() && it->first.starts_with(prefix)) it = entries_.erase(it);
    return absl::OkStatus();
  }

  absl::Status flush() override { return absl::OkStatus(); }

 private:
  std::map<std::string, std::string, std::less<>> entries_;
};

}  // namespace

std::unique_ptr<Table> make_memory_table() { return std::make_unique<MemoryTable>(); }

}  // namespace moldau
