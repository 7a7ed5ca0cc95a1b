#include "server/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace tidemark::server {
namespace {

constexpr std::uint64_t kConnectionsMax = 10'000;
constexpr std::uint64_t kObjectFilesMax = 4'096;
constexpr std::uint64_t kStateFilesMax = 2'048;
// Whatever the limit is: a server with fewer is of no use to anybody.
constexpr std::uint64_t kFewest = 16;
// 128 files of the object store's metadata, logs, segments of history, epoll and timers, and room to breathe.
constexpr std::uint64_t kReserve = 384;
// Of both kinds, what each wakes up by; the reserve has those of eight.
constexpr std::uint64_t kOfNetworkThread = 8;
constexpr std::uint64_t kThreadsInReserve = 8;

}  // namespace

DescriptorPlan plan_descriptors(std::uint64_t limit, unsigned network_threads) {
  const std::uint64_t more_threads =
      std::max<std::uint64_t>(network_threads, kThreadsInReserve) - kThreadsInReserve;
  const std::uint64_t shared = limit - std::min(limit / 2, kReserve + kOfNetworkThread * more_threads);
  const std::uint64_t state = std::clamp(shared / 8, kFewest, kStateFilesMax);
  const std::uint64_t objects = std::clamp(shared / 4, kFewest, kObjectFilesMax);
  const std::uint64_t rest = shared - std::min(shared, state + objects);
  return {.connections = static_cast<std::size_t>(std::clamp(rest, kFewest, kConnectionsMax)),
          .object_files = static_cast<std::size_t>(objects),
          .state_files = static_cast<int>(state)};
}

std::uint64_t raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 1024;
  if (files.rlim_cur < files.rlim_max) {
    const rlim_t soft = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0) return soft;
  }
  return files.rlim_cur;
}

}  // namespace tidemark::server
