// Writing JSON, as much as the tools need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moldau::cli {

std::string json_string(std::string_view text);
std::string json_array(const std::vector<std::string>& elements);  // Of JSON texts.

// An object written field by field, in order.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) {
    return raw(name, json_string(value));
  }
  JsonObject& number(std::string_view name, int64_t value) {
    return raw(name, std::to_string(value));
  }
  JsonObject& boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string done() const { return fields_ + "}"; }

 private:
  std::string fields_ = "{";
};

}  // namespace moldau::cli
