// DefaultPrincipalData: the principal inside an Envelope.
#pragma once

#include "protocol/message.h"

namespace moldau {

struct DefaultPrincipalData {
  static constexpr Api kApi{
      .key = 0, .name = "DefaultPrincipalData", .first = 0, .last = 0, .flexible = 0};

  std::string type;
  std::string name;
  bool token_authenticated = false;

  void describe(auto& field) {
    field("type", type);
    field("name", name);
    field("token_authenticated", token_authenticated);
  }
};

}  // namespace moldau
