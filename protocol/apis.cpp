#include "protocol/apis.h"

#include <algorithm>
#include <vector>

#include "protocol/all_messages.h"

namespace moldau {

std::span<const Api> all_apis() {
  static const std::vector<Api> apis = [] {
    std::vector<Api> list;
    for_each_api([&]<class Request, class Response>() { list.push_back(Request::kApi); });
    std::ranges::sort(list, {}, &Api::key);
    return list;
  }();
  return apis;
}

const Api* find_api(int16_t key) {
  auto apis = all_apis();
  auto it = std::ranges::lower_bound(apis, key, {}, &Api::key);
  return it != apis.end() && it->key == key ? &*it : nullptr;
}

}  // namespace moldau
