// What a fuzz target says about the code: true, or the process stops and the input is kept.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace moldau {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace moldau
