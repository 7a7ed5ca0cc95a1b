// INVARIANT(condition): stops the process, in every build type, when our own code is wrong.
#pragma once

#include <cstdio>
#include <cstdlib>

#define INVARIANT(condition)                                                                             \
  do {                                                                                                   \
    if (!(condition)) [[unlikely]] {                                                                     \
      std::fprintf(stderr, "tidemark: invariant broken: %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                                      \
    }                                                                                                    \
  } while (false)
