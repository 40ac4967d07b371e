#include "broker/cli/json.h"

#include <cstdio>

namespace moldau::cli {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          char escape[8];
          std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
          out += escape;
        }
    }
  }
  return out + "\"";
}

std::string json_array(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const auto& element : elements) {
    if (out.size() > 1) out += ",";
    out += element;
  }
  return out + "]";
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (fields_.size() > 1) fields_ += ",";
  fields_ += json_string(name);
  fields_ += ":";
  fields_ += json;
  return *this;
}

}  // namespace moldau::cli
