#include "storage/space_reserve.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace moldau {
namespace {

// Others write to the disk too, so what one look allows is bounded.
constexpr int64_t kMostAtOnce = 16 << 20;

}  // namespace

bool SpaceReserve::allows(int64_t bytes) {
  if (reserved_ == 0) return true;
  if (allowed_.fetch_sub(bytes) >= bytes) return true;
  return look();
}

bool SpaceReserve::look() {
  const auto space = disk_.space(path_);
  if (!space.ok()) return true;  // The write itself will say what is wrong.
  const int64_t usable = static_cast<int64_t>(space->usable_bytes);
  const bool is_full = usable <= reserved_;
  allowed_ = is_full ? 0 : std::min(kMostAtOnce, (usable - reserved_) / 2);
  if (is_full_.exchange(is_full) != is_full) {
    report_(is_full,
            is_full ? absl::StrCat("The disk of ", path_, " is full: ", usable,
                                   " bytes are left, and ", reserved_,
                                   " are kept for deletions and metadata "
                                   "(moldau.reserved.disk.bytes). Records are refused until space "
                                   "is made; everything else goes on.")
                    : absl::StrCat("The disk of ", path_, " has room again: ", usable,
                                   " bytes are left. Records are taken."));
  }
  return !is_full;
}

}  // namespace moldau
