// Tells an HTTP endpoint what happens to objects: the documents that s3emu/rules/event_records.h makes of the
// events, one a request, in the order of the changes; an answer of 2xx settles it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "s3emu/store/object_events.h"
#include "server/client/http_post.h"

namespace tidemark::server {

// Thread-safety: all methods may be called concurrently.
class Webhook {
 public:
  struct Options {
    HttpUrl url;
    std::string region;  // as of EventRecords
    std::string owner_id;
    // When so many wait, the oldest is dropped.
    std::size_t events_max = 10'000;
    // For one request, and between two attempts at first and at most.
    std::chrono::milliseconds patience{10'000};
    std::chrono::milliseconds pause_min{100};
    std::chrono::milliseconds pause_max{5'000};
    // An endpoint that cannot be reached is tried until it can; one that refuses a record so often never gets
    // it.
    int refusals_max = 10;
    // For what is left, at the end.
    std::chrono::milliseconds farewell{2'000};
  };

  explicit Webhook(Options options);
  // Sends what is left, for as long as the endpoint takes it and the farewell lasts. Never hangs.
  ~Webhook();
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  // Never blocks.
  void tell(s3emu::ObjectEvent event);
  // Events that never reached the endpoint.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // the thread has it, too
};

}  // namespace tidemark::server
