#include "s3emu/store/object_events.h"

#include "base/bytes.h"

namespace tidemark::s3emu {
namespace {

thread_local const EventOrigin* current_origin = nullptr;

std::string sequencer_text(std::uint64_t number) {
  std::string bytes;
  append_u64_be(&bytes, number);
  std::string text = to_hex(bytes);
  for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

EventOriginScope::EventOriginScope(EventOrigin origin) : origin_(std::move(origin)), outer_(current_origin) {
  current_origin = &origin_;
}

EventOriginScope::~EventOriginScope() { current_origin = outer_; }

const EventOrigin& EventOriginScope::current() {
  static const EventOrigin nobody;
  return current_origin != nullptr ? *current_origin : nobody;
}

EventOrder::Ticket EventOrder::take() {
  const std::scoped_lock lock(mutex_);
  return {*this, next_number_++};
}

void EventOrder::Ticket::tell(ObjectEvent event) {
  EventOrder* const order = order_;
  order_ = nullptr;
  const EventOrigin& origin = EventOriginScope::current();
  event.sequencer = sequencer_text(number_);
  event.requester = origin.requester;
  event.source_ip = origin.source_ip;
  event.request_id = origin.request_id;
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
  if (order_.is_heard()) events_.emplace_back(order_.take(), std::move(event));
}

void PendingEvents::tell() {
  for (auto& [ticket, event] : events_) ticket.tell(std::move(event));
  events_.clear();
}

}  // namespace tidemark::s3emu
