// The allocator that the program is linked with: mimalloc, or that of glibc.
#pragma once

#include <functional>

namespace tidemark::server {

// Before the first thread.
void prepare_allocator();

// What makes the allocator give back what the calling thread has no use for; empty: it does so by itself.
std::function<void()> way_to_give_back_memory();

}  // namespace tidemark::server
