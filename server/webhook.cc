#include "server/webhook.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "s3emu/rules/event_records.h"

namespace tidemark::server {
namespace {

using s3emu::ObjectEvent;
using Milliseconds = std::chrono::milliseconds;

}  // namespace

// What the thread and the object that started it share; the last of them ends it.
struct Webhook::State {
  explicit State(Options the_options)
      : options(std::move(the_options)), records(options.region, options.owner_id) {
    stop_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    INVARIANT(stop_descriptor >= 0);
  }
  ~State() { ::close(stop_descriptor); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void run();
  std::optional<ObjectEvent> next_event();
  void deliver(const std::string& body);
  // Whether the record is settled, one way or the other.
  bool attempt(const std::string& body, int* refusals);
  void tell_of_change(const std::string& failure);
  void pause(Milliseconds time);
  void count_dropped(const char* why);
  bool is_stopping();

  const Options options;
  s3emu::EventRecords records;
  int stop_descriptor = -1;  // can be read once everything must end
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<ObjectEvent> events;  // guarded by mutex
  std::uint64_t dropped = 0;       // guarded by mutex
  bool is_last_chance = false;     // guarded by mutex: no further events, and no second attempts
  bool is_done = false;            // guarded by mutex: the thread has ended
  bool failing = false;            // of the thread that delivers
};

std::optional<ObjectEvent> Webhook::State::next_event() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return !events.empty() || is_last_chance; });
  if (events.empty()) return std::nullopt;
  ObjectEvent event = std::move(events.front());
  events.pop_front();
  return event;
}

void Webhook::State::run() {
  while (const auto event = next_event()) {
    for (const std::string& body : records.of(*event)) deliver(body);
  }
  const std::scoped_lock lock(mutex);
  is_done = true;
  changed.notify_all();
}

bool Webhook::State::is_stopping() {
  const std::scoped_lock lock(mutex);
  return is_last_chance;
}

void Webhook::State::pause(Milliseconds time) {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, time, [&] { return is_last_chance; });
}

void Webhook::State::count_dropped(const char* why) {
  const std::scoped_lock lock(mutex);
  ++dropped;
  // Not a line for each of thousands.
  const bool is_telling = (dropped & (dropped - 1)) == 0;
  if (is_telling) log::warn("the webhook loses events", {{"why", why}, {"lost", dropped}});
}

// One line when it begins to fail, and one when it has recovered.
void Webhook::State::tell_of_change(const std::string& failure) {
  if (failing == !failure.empty()) return;
  failing = !failure.empty();
  if (failing) {
    log::warn("the webhook does not take events; they wait", {{"error", failure}});
  } else {
    log::info("the webhook takes events again");
  }
}

bool Webhook::State::attempt(const std::string& body, int* refusals) {
  const auto status = post_json(options.url, body, options.patience, stop_descriptor);
  tell_of_change(status ? (*status < 500 ? std::string() : "it answers " + std::to_string(*status))
                        : status.error().message);
  if (status && *status >= 200 && *status < 300) return true;
  if (!status) return false;
  const bool is_final = *status < 500 && *status != 408 && *status != 429;
  if (!is_final && ++*refusals < options.refusals_max) return false;
  log::warn("the webhook refuses a record", {{"status", *status}});
  count_dropped("refused");
  return true;
}

void Webhook::State::deliver(const std::string& body) {
  int refusals = 0;
  for (Milliseconds time = options.pause_min; !attempt(body, &refusals);
       time = std::min(time * 2, options.pause_max)) {
    if (is_stopping()) {
      count_dropped("stopping");
      return;
    }
    pause(time);
  }
}

Webhook::Webhook(Options options) : state_(std::make_shared<State>(std::move(options))) {
  std::thread([state = state_] { state->run(); }).detach();
}

Webhook::~Webhook() {
  std::unique_lock lock(state_->mutex);
  state_->is_last_chance = true;
  state_->changed.notify_all();
  const auto is_done = [&] { return state_->is_done; };
  if (state_->changed.wait_for(lock, state_->options.farewell, is_done)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(state_->stop_descriptor, &one, sizeof one);
  // A name look-up cannot be ended; then the thread is left to itself.
  state_->changed.wait_for(lock, std::chrono::seconds(1), is_done);
}

void Webhook::tell(ObjectEvent event) {
  bool is_full = false;
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->is_last_chance) return;
    is_full = state_->events.size() >= state_->options.events_max;
    if (is_full) state_->events.pop_front();
    state_->events.push_back(std::move(event));
  }
  if (is_full) state_->count_dropped("the queue is full");
  state_->changed.notify_all();
}

std::uint64_t Webhook::dropped() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->dropped;
}

}  // namespace tidemark::server
