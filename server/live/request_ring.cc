#include "server/live/request_ring.h"

#include <algorithm>

namespace tidemark::server {

std::size_t RequestRing::bytes_of(const SeenRequest& request) {
  return sizeof(SeenRequest) + request.method.capacity() + request.target.capacity() +
         request.peer.capacity() + request.request_id.capacity() + request.request.capacity() +
         request.answer.capacity();
}

void RequestRing::add(SeenRequest request) {
  const auto now = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  if (now > watched_until_) {
    is_watched_.store(false, std::memory_order_relaxed);
    requests_.clear();
    requests_.shrink_to_fit();
    bytes_ = 0;
    return;
  }
  ++last_number_;
  bytes_ += bytes_of(request);
  requests_.push_back(std::move(request));
  while (requests_.size() > kRecordsMax || bytes_ > kBytesMax) {
    bytes_ -= bytes_of(requests_.front());
    requests_.pop_front();
  }
}

RequestRing::Page RequestRing::read(std::uint64_t after, std::size_t count_max) {
  const std::scoped_lock lock(mutex_);
  watched_until_ = std::chrono::steady_clock::now() + kWatchedFor;
  is_watched_.store(true, std::memory_order_relaxed);
  const std::uint64_t before_first = last_number_ - requests_.size();
  Page page;
  page.lost = before_first > after ? before_first - after : 0;
  // A number from before a restart of the server is none of ours.
  std::uint64_t number = after > last_number_ ? last_number_ : std::max(after, before_first);
  while (number < last_number_ && page.requests.size() < count_max) {
    page.requests.emplace_back(number + 1, requests_[static_cast<std::size_t>(number - before_first)]);
    ++number;
  }
  page.next = number;
  return page;
}

}  // namespace tidemark::server
