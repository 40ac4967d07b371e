// Counts the members of an aggregate, so that a test can see that describe() names every one.
#pragma once

#include <cstddef>
#include <utility>

namespace moldau {

struct AnyMember {
  template <class T>
  operator T() const;
};

template <class T, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{((void)I, AnyMember{})...}; };
}

template <class T, size_t N = 0>
constexpr size_t member_count() {
  if constexpr (takes<T>(std::make_index_sequence<N + 1>{})) {
    return member_count<T, N + 1>();
  } else {
    return N;
  }
}

}  // namespace moldau
