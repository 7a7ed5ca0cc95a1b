// What happens to objects, told once it has happened.
//
// Events come from the store, not from the REST API, so that exports, which write their files directly, are
// heard as well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "s3emu/store/object_types.h"

namespace tidemark::s3emu {

struct ObjectEvent {
  // As S3 calls it: `ObjectCreated:Put`, `:Post`, `:Copy`, `:CompleteMultipartUpload`,
  // `ObjectRemoved:Delete`,
  // `:DeleteMarkerCreated`, `ObjectTagging:Put`, `:Delete`, `ObjectAcl:Put`, `LifecycleExpiration:Delete`,
  // `:DeleteMarkerCreated`.
  std::string name;
  std::shared_ptr<const Bucket> bucket;  // as it was at that moment
  std::string key;
  std::uint64_t size = 0;  // of what was created
  std::string etag;        // without quotes; empty for what was removed
  std::string version_id;  // empty on buckets that never had versioning
  Timestamp time;
  // Rises with every event of a key, also over restarts; compares as text.
  std::string sequencer;

  // Who asked, where that is known.
  std::string requester;  // canonical user id
  std::string source_ip;
  std::string request_id;
};

// An ObjectListener is called in the order of the sequencers, one call at a time, by a thread that has made a
// change, after the commit and outside of the locks of objects. It must not block, nor call the store.

// On whose behalf the store is called. Only events tell it on.
struct EventOrigin {
  bool is_form_post = false;    // an object is created by a browser's form
  bool is_lifecycle = false;    // what is removed has expired
  bool is_tag_removal = false;  // the tags of an object are taken away, rather than set to none
  std::string requester = {};
  std::string source_ip = {};
  std::string request_id = {};
};

// Hands events to the listener in the order in which their commits were made. Thread-safety: all methods
// may be called concurrently; tickets belong to one thread.
class EventOrder {
 public:
  // A place in the order. One that is dropped is passed over.
  class Ticket {
   public:
    Ticket(EventOrder& order, std::uint64_t number) : order_(&order), number_(number) {}
    Ticket(Ticket&& other) noexcept : order_(other.order_), number_(other.number_) { other.order_ = nullptr; }
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (order_ != nullptr) order_->settle(number_, std::nullopt);
    }
    // Fills in the sequencer, and hands it over when its turn has come. Call once, without locks.
    void tell(ObjectEvent event);

   private:
    EventOrder* order_;
    const std::uint64_t number_;
  };

  // Without a listener nothing is told. Numbers begin at `start`, so that those of a later run are larger.
  EventOrder(ObjectListener listener, Timestamp start)
      : listener_(std::move(listener)),
        next_number_(static_cast<std::uint64_t>(start.micros)),
        next_told_(next_number_) {}

  // Whether anybody wants to know.
  [[nodiscard]] bool is_heard() const { return listener_ != nullptr; }
  // Behind all earlier ones. Take it right after the commit, while the object is still locked.
  Ticket take();

 private:
  void settle(std::uint64_t number, std::optional<ObjectEvent> event);

  const ObjectListener listener_;
  std::mutex mutex_;
  std::uint64_t next_number_;                                    // guarded by mutex_
  std::uint64_t next_told_;                                      // guarded by mutex_
  std::map<std::uint64_t, std::optional<ObjectEvent>> waiting_;  // guarded by mutex_: for an earlier one
};

// The events of one commit: added while what changed is still locked, told when it is not any more.
// Not thread-safe.
class PendingEvents {
 public:
  // `origin` must outlive it.
  PendingEvents(EventOrder& order, const EventOrigin& origin) : order_(order), origin_(origin) {}

  // Whether anybody wants to know; if not, add() need not be called.
  [[nodiscard]] bool is_heard() const { return order_.is_heard(); }
  // Fills in the origin.
  void add(ObjectEvent event);
  void tell();

 private:
  EventOrder& order_;
  const EventOrigin& origin_;
  std::vector<std::pair<EventOrder::Ticket, ObjectEvent>> events_;
};

}  // namespace tidemark::s3emu
