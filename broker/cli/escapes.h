// \t, \n, \r, \0 and \\ in separators that are given on the command line, where a shell passes them
// on as they are.
#pragma once

#include <string>
#include <string_view>

namespace moldau::cli {

std::string unescape(std::string_view text);

}  // namespace moldau::cli
