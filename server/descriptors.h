// Who may use how many of the file descriptors that the operating system lets the process have.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::server {

// What is left over is for the change log, history, jobs and whatever else must never be refused one: what
// commits need stays open, or can be opened, however many connections there are.
struct DescriptorPlan {
  std::size_t connections = 0;
  std::size_t object_files = 0;  // uploads and downloads in progress
  int state_files = 0;           // of RocksDB, for DynamoDB's items
};
// `network_threads` as in ServeConfig.
DescriptorPlan plan_descriptors(std::uint64_t limit, unsigned network_threads);

// Raises the limit as far as a process may, and returns it.
std::uint64_t raise_descriptor_limit();

}  // namespace tidemark::server
