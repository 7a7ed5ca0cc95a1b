#include "server/live/request_ring.h"

#include <algorithm>

namespace tidemark::server {

std::size_t RequestRing::bytes_of(const SeenRequest& request) {
  return sizeof(SeenRequest) + request.method.capacity() + request.target.capacity() +
         request.peer.capacity() + request.request_id.capacity() + request.request.capacity() +
         request.answer.capacity();
}

bool RequestRing::admits() {
  if (!is_watched()) return false;
  const std::int64_t window = std::chrono::steady_clock::now().time_since_epoch() / kWindow;
  // Two threads at once may admit a few more: it is a bound, not a count.
  if (window_.load(std::memory_order_relaxed) != window) {
    window_.store(window, std::memory_order_relaxed);
    admitted_.store(0, std::memory_order_relaxed);
  }
  const bool admitted = admitted_.load(std::memory_order_relaxed) < kAdmittedMax;
  if (admitted) {
    admitted_.fetch_add(1, std::memory_order_relaxed);
  } else {
    last_number_.fetch_add(1, std::memory_order_relaxed);
  }
  return admitted;
}

void RequestRing::add(SeenRequest request) {
  const auto now = std::chrono::steady_clock::now();
  auto kept = std::make_shared<const SeenRequest>(std::move(request));
  std::deque<Numbered> gone;  // ends without the lock
  const std::scoped_lock lock(mutex_);
  if (now > watched_until_) {
    is_watched_.store(false, std::memory_order_relaxed);
    gone.swap(requests_);
    bytes_ = 0;
    return;
  }
  bytes_ += bytes_of(*kept);
  requests_.emplace_back(last_number_.fetch_add(1, std::memory_order_relaxed) + 1, std::move(kept));
  while (requests_.size() > kRecordsMax || bytes_ > kBytesMax) {
    bytes_ -= bytes_of(*requests_.front().second);
    gone.push_back(std::move(requests_.front()));
    requests_.pop_front();
  }
}

RequestRing::Page RequestRing::read(std::uint64_t after, std::size_t count_max) {
  const std::scoped_lock lock(mutex_);
  watched_until_ = std::chrono::steady_clock::now() + kWatchedFor;
  is_watched_.store(true, std::memory_order_relaxed);
  const std::uint64_t last = last_number_.load(std::memory_order_relaxed);
  // A number from before a restart of the server is none of ours.
  const std::uint64_t from = std::min(after, last);
  auto it = std::upper_bound(requests_.begin(), requests_.end(), from,
                             [](std::uint64_t number, const Numbered& one) { return number < one.first; });
  Page page;
  for (; it != requests_.end() && page.requests.size() < count_max; ++it) page.requests.push_back(*it);
  page.next = it == requests_.end() ? last : page.requests.back().first;
  page.lost = page.next - from - page.requests.size();
  return page;
}

}  // namespace tidemark::server
