#include "broker/network/api_table.h"

#include <algorithm>
#include <cassert>

namespace moldau {

ApiTable::ApiTable(std::vector<ServedApi> apis) : apis_(std::move(apis)) {
  auto key = [](const ServedApi& served) { return served.api.key; };
  std::ranges::sort(apis_, {}, key);
  assert(std::ranges::adjacent_find(apis_, {}, key) == apis_.end());
}

const ServedApi* ApiTable::find(int16_t key) const {
  auto it = std::ranges::lower_bound(apis_, key, {},
                                     [](const ServedApi& served) { return served.api.key; });
  return it != apis_.end() && it->api.key == key ? &*it : nullptr;
}

}  // namespace moldau
