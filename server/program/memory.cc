#include "server/program/memory.h"

#ifdef TIDEMARK_MIMALLOC
#include <mimalloc.h>
#else
#include <malloc.h>
#endif

namespace tidemark::server {

void prepare_allocator() {
#ifndef TIDEMARK_MIMALLOC
  // Many threads that take turns would each keep an arena of their own.
  mallopt(M_ARENA_MAX, 4);
#endif
}

std::function<void()> way_to_give_back_memory() {
#ifdef TIDEMARK_MIMALLOC
  return [] { mi_collect(true); };
#else
  return nullptr;
#endif
}

}  // namespace tidemark::server
