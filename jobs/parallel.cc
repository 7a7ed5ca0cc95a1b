#include "jobs/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "base/background_threads.h"

namespace tidemark::jobs {
namespace {

Result<void> guarded(const std::function<Result<void>(std::size_t)>& task, std::size_t position) {
  try {
    return task(position);
  } catch (const std::exception& exception) {
    return fail(Error::io(exception.what()));
  }
}

}  // namespace

Result<void> run_parallel(std::size_t count, int threads, const std::stop_token& stop,
                          const std::function<Result<void>(std::size_t)>& task) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::optional<Error> first_error;  // guarded by mutex

  const auto threads_wanted = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
  run_on_background_threads(threads_wanted, [&] {
    while (!failed.load() && !stop.stop_requested()) {
      const std::size_t position = next.fetch_add(1);
      if (position >= count) return;
      if (auto result = guarded(task, position); !result) {
        failed.store(true);
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = std::move(result).error();
      }
    }
  });
  if (first_error) return fail(*std::move(first_error));
  if (stop.stop_requested()) return fail(Error::unavailable("stopped"));
  return {};
}

}  // namespace tidemark::jobs
