#include "s3emu/store/object_events.h"

#include "base/bytes.h"

namespace tidemark::s3emu {
namespace {

std::string sequencer_text(std::uint64_t number) {
  std::string bytes;
  append_u64_be(&bytes, number);
  std::string text = to_hex(bytes);
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

EventOrder::Ticket EventOrder::take() {
  const std::scoped_lock lock(mutex_);
  return {*this, next_number_++};
}

void EventOrder::Ticket::tell(ObjectEvent event) {
  EventOrder* const order = order_;
  order_ = nullptr;
  event.sequencer = sequencer_text(number_);
  order->settle(number_, std::move(event));
}

void EventOrder::settle(std::uint64_t number, std::optional<ObjectEvent> event) {
  // The listener is called under this lock, which keeps the calls in order; it guards nothing else.
  const std::scoped_lock lock(mutex_);
  waiting_.emplace(number, std::move(event));
  for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_told_; ++next_told_) {
    if (first->second && listener_) listener_(*first->second);
    first = waiting_.erase(first);
  }
}

void PendingEvents::add(ObjectEvent event) {
  if (!order_.is_heard()) return;
  event.requester = origin_.requester;
  event.source_ip = origin_.source_ip;
  event.request_id = origin_.request_id;
  events_.emplace_back(order_.take(), std::move(event));
}

void PendingEvents::tell() {
  for (auto& [ticket, event] : events_) ticket.tell(std::move(event));
  events_.clear();
}

}  // namespace tidemark::s3emu
