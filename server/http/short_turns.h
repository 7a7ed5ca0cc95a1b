// How soon a thread that wakes up gets a processor.
#pragma once

namespace tidemark::server {

// Asks the kernel for short turns on the processor for the calling thread, which has its share as before but
// need not wait until others have used up theirs when it wakes up: a request is answered while exports,
// imports and other programs keep every processor busy. Linux 6.12 and later; does nothing elsewhere.
void ask_for_short_turns();

}  // namespace tidemark::server
