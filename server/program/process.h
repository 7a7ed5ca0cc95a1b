// The life of the process: what it is born with, and the signals that end it.
#pragma once

namespace tidemark::server {

// A process may be born without its standard streams. The first files it opens would take their numbers, and
// what is printed would go into the data. Call it before anything else.
void open_standard_streams();

// Before the first thread: who takes signals, what others may read of our files, memory, names of hosts.
void prepare_process();

// Blocks until SIGTERM or SIGINT, and returns it. After prepare_process().
int wait_for_stop();

// Ends the process with status 1 at the second signal, and if it does not end by itself in time. Acknowledged
// writes are safe.
void watch_over_stop();

}  // namespace tidemark::server
