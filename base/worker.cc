#include "base/worker.h"

#include <exception>
#include <optional>
#include <utility>

#include "base/background_threads.h"
#include "base/log.h"
#include "base/thread_name.h"

namespace tidemark {
namespace {

void dress_thread(const std::string& name, int nice) {
  name_thread(name);
  if (nice > 0) lower_thread_priority(nice);
}

}  // namespace

Worker::Worker(const std::string& name, int nice, Chore chore)
    : thread_([this, name, nice, chore = std::move(chore)](const std::stop_token& stop) {
        dress_thread(name, nice);
        run(stop, name, nice, chore);
      }) {}

Worker::~Worker() { stop(); }

void Worker::wake() {
  const std::lock_guard lock(mutex_);
  ++woken_;
  changed_.notify_all();
}

void Worker::drain(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (std::this_thread::get_id() == own_id_) return;
  const std::uint64_t awaited = woken_;
  changed_.wait(lock, stop, [&] { return done_ >= awaited || is_over_; });
}

void Worker::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::run(const std::stop_token& stop, const std::string& name, int nice, const Chore& chore) {
  std::unique_lock lock(mutex_);
  own_id_ = std::this_thread::get_id();
  while (changed_.wait(lock, stop, [this] { return woken_ > done_; }) && !stop.stop_requested()) {
    const std::uint64_t begun = woken_;
    lock.unlock();
    try {
      std::optional<BackgroundWork> working;
      if (nice > 0) working.emplace();
      chore(stop);
    } catch (const std::exception& exception) {
      log::error("a chore failed", {{"worker", name}, {"error", exception.what()}});
    }
    lock.lock();
    done_ = begun;
    changed_.notify_all();
  }
  is_over_ = true;
  changed_.notify_all();
}

}  // namespace tidemark
