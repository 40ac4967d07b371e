#include "broker/network/request.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"

namespace moldau {

Interrupt::Attachment::Attachment(Interrupt& interrupt, Event& event)
    : interrupt_(interrupt), event_(event) {
  interrupt_.events_.push_back(&event_);
  if (interrupt_.is_raised_) event_.set();
}

Interrupt::Attachment::~Attachment() { std::erase(interrupt_.events_, &event_); }

void Interrupt::raise() {
  is_raised_ = true;
  for (Event* event : events_) event->set();
}

std::string ConnectionInfo::peer() const {
  bool is_ipv6 = peer_host.find(':') != std::string::npos;
  return is_ipv6 ? absl::StrCat("[", peer_host, "]:", peer_port)
                 : absl::StrCat(peer_host, ":", peer_port);
}

MutableBytes RequestContext::writable(Bytes field) const {
  if (field.empty()) return {};
  assert(field.data() >= frame.data() &&
         field.data() + field.size() <= frame.data() + frame.size());
  return {frame.data() + (field.data() - frame.data()), field.size()};
}

}  // namespace moldau
