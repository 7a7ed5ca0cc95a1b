#include "base/schedule.h"

#include <algorithm>
#include <exception>
#include <future>

#include "base/check.h"
#include "base/log.h"
#include "base/thread_name.h"

namespace tidemark {
namespace {

using std::chrono::microseconds;

// How often the thread looks at the clock, and how long it rests at least, however fast time passes.
constexpr microseconds kLookInterval = std::chrono::seconds{1};
// Whoever waits for one of them holds a connection.
constexpr std::size_t kMovesMax = 100;
constexpr microseconds kRestMin = std::chrono::milliseconds{1};

Error before_now() { return Error::invalid_argument("the clock cannot be set back"); }
Error ended() { return Error::unavailable("the schedule has ended"); }

std::function<Timestamp(Timestamp now)> ahead_by(microseconds by) {
  // What a clock can show is less than a third of what the type can count.
  return [by](Timestamp now) { return now.plus(std::min(by, kLatestTime - Timestamp{})); };
}

}  // namespace

struct schedule_detail::Task {
  // These stay as they are.
  std::string name;
  Schedule::Run run;
  std::function<void(const std::stop_token&)> settled;
  microseconds interval{0};  // 0: runs once
  std::function<std::optional<Timestamp>()> next_due = nullptr;
  bool also_in_real_time = false;
  std::uint64_t age = 0;
  // Guarded by the schedule's mutex.
  Timestamp tick = {};                      // the next regular time
  std::optional<Timestamp> queued_at = {};  // its place in the queue: at the tick, or woken before it
  bool is_over = false;                     // cancelled, or has had its only run
  std::chrono::steady_clock::time_point ran =
      std::chrono::steady_clock::now();  // its last run, or the beginning
  int asking = 0;                        // how many calls of due() are at its next_due
  // In the course of a move: how often the task has run, and how far its next tick is away at the least.
  int move_runs = 0;
  microseconds pace{0};

  [[nodiscard]] bool is_periodic() const { return interval.count() > 0; }
  // The last tick that is not after `time`.
  [[nodiscard]] Timestamp last_tick(Timestamp time) const {
    if (!is_periodic() || time < tick) return tick;
    return tick.plus((time - tick) / interval * interval);
  }
  // The first tick after `now` that is not before `time`; `tick` or a later one may be behind it.
  [[nodiscard]] Timestamp tick_for(Timestamp time, Timestamp now) const {
    const Timestamp soonest = std::max(time, now.plus(microseconds{1}));
    const std::int64_t behind = (tick - soonest) / interval;
    return soonest <= tick ? tick.plus(-behind * interval)
                           : tick.plus((soonest - tick + interval - microseconds{1}) / interval * interval);
  }
};

ScheduledTask::ScheduledTask(Schedule* schedule, std::shared_ptr<schedule_detail::Task> task)
    : schedule_(schedule), task_(std::move(task)) {}

ScheduledTask::ScheduledTask(ScheduledTask&& other) noexcept
    : schedule_(std::exchange(other.schedule_, nullptr)), task_(std::move(other.task_)) {}

ScheduledTask& ScheduledTask::operator=(ScheduledTask&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  schedule_ = std::exchange(other.schedule_, nullptr);
  task_ = std::move(other.task_);
  return *this;
}

void ScheduledTask::wake() {
  if (schedule_ != nullptr) schedule_->wake(task_);
}

void ScheduledTask::cancel() {
  if (schedule_ != nullptr) schedule_->cancel(task_);
}

Schedule::~Schedule() { stop(); }

void Schedule::start() {
  {
    const std::lock_guard lock(mutex_);
    INVARIANT(!has_thread_);
    has_thread_ = true;
  }
  clock_.on_move([this] {
    const std::lock_guard lock(mutex_);
    must_recompute_ = true;
    changed_.notify_all();
  });
  thread_ = std::thread([this] {
    name_thread("schedule");
    run_thread();
  });
}

void Schedule::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
  }
  stop_.request_stop();
  if (!thread_.joinable()) return;
  clock_.on_move({});
  thread_.join();
}

ScheduledTask Schedule::at(Timestamp due, std::string name, Run run, TaskOptions options) {
  return add(due, {.name = std::move(name), .run = std::move(run), .settled = std::move(options.settled)});
}

ScheduledTask Schedule::every(microseconds interval, std::string name, Run run, TaskOptions options) {
  INVARIANT(interval.count() > 0);
  Timestamp first = clock_.now().plus(interval);
  if (options.is_aligned) first = Timestamp{}.plus((first - Timestamp{}) / interval * interval);
  return add(first, {.name = std::move(name),
                     .run = std::move(run),
                     .settled = std::move(options.settled),
                     .interval = interval,
                     .next_due = std::move(options.next_due),
                     .also_in_real_time = options.also_in_real_time});
}

ScheduledTask Schedule::add(Timestamp due, Task task) {
  auto added = std::make_shared<Task>(std::move(task));
  added->tick = due;
  const std::lock_guard lock(mutex_);
  added->age = ++last_age_;
  enqueue(added, due);
  return {this, std::move(added)};
}

void Schedule::wake(const std::shared_ptr<Task>& task) {
  const Timestamp now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (task->is_over || (task->queued_at && *task->queued_at <= now)) return;
  dequeue(task.get());
  enqueue(task, now);
}

void Schedule::cancel(const std::shared_ptr<Task>& task) {
  Lock lock(mutex_);
  task->is_over = true;
  dequeue(task.get());
  changed_.wait(lock, [&] { return task->asking == 0; });
  if (runner_ == std::this_thread::get_id()) return;
  changed_.wait(lock, [&] { return running_ != task.get(); });
}

void Schedule::enqueue(const std::shared_ptr<Task>& task, Timestamp due) {
  // Ticks that are being leapt over become one.
  if (horizon_ && due == task->tick) due = task->tick = task->last_tick(*horizon_);
  place(task, due);
}

void Schedule::place(const std::shared_ptr<Task>& task, Timestamp due) {
  task->queued_at = due;
  const bool is_first = queue_.empty() || Place{due, task->age} < queue_.begin()->first;
  queue_.emplace(Place{due, task->age}, task);
  if (!is_first) return;
  must_recompute_ = true;
  changed_.notify_all();
}

void Schedule::dequeue(Task* task) {
  if (!task->queued_at) return;
  queue_.erase({*task->queued_at, task->age});
  task->queued_at.reset();
}

// Takes the task out of the queue, unless it has another time to wait for.
std::shared_ptr<Schedule::Task> Schedule::take_first() {
  const auto first = queue_.begin();
  std::shared_ptr<Task> task = first->second;
  const bool is_at_tick = first->first.first >= task->tick;
  queue_.erase(first);
  task->queued_at.reset();
  if (!task->is_periodic()) {
    task->is_over = true;
  } else {
    if (is_at_tick) task->tick = task->tick.plus(task->interval);
    enqueue(task, task->tick);
  }
  return task;
}

void Schedule::leave_out_ticks(Timestamp until) {
  std::vector<std::shared_ptr<Task>> late;
  for (const auto& [place, task] : queue_) {
    if (place.first > until) break;
    if (place.first == task->tick && task->last_tick(until) > task->tick) late.push_back(task);
  }
  for (const auto& task : late) {
    dequeue(task.get());
    enqueue(task, task->tick);
  }
}

// Gives back, of the ticks that a move leaps over, the next one that its task wants. Needs the turn.
void Schedule::ask_for_ticks(Lock* lock, Timestamp until) {
  std::vector<std::shared_ptr<Task>> asked;
  for (const auto& [due, task] : queue_) {
    if (due.first > until) break;
    if (task->next_due && due.first == task->tick) asked.push_back(task);
  }
  for (const auto& task : asked) {
    if (task->is_over) continue;
    running_ = task.get();  // so that its end waits
    lock->unlock();
    const auto wanted = task->next_due();
    const Timestamp now = clock_.now();
    lock->lock();
    running_ = nullptr;
    changed_.notify_all();
    const bool was_moved = !task->queued_at || *task->queued_at != task->tick || task->tick > until;
    if (was_moved || !wanted || *wanted > until) continue;
    const Timestamp tick = task->tick_for(std::max(*wanted, now.plus(task->pace)), now);
    if (tick >= task->tick) continue;
    dequeue(task.get());
    task->tick = tick;
    place(task, tick);
  }
}

std::vector<DueTask> Schedule::due(std::size_t max) {
  std::vector<DueTask> found;
  std::vector<std::shared_ptr<Task>> asked;
  Lock lock(mutex_);
  for (const auto& [place, task] : queue_) {
    if (task->next_due) {
      asked.push_back(task);
      ++task->asking;  // its end waits
    } else if (found.size() < max) {
      found.push_back({task->name, place.first, task->interval, !task->is_periodic()});
    }
  }
  for (const auto& task : asked) {
    lock.unlock();
    const auto wanted = task->next_due();
    const Timestamp now = clock_.now();
    lock.lock();
    --task->asking;
    changed_.notify_all();
    if (wanted && task->queued_at) {
      found.push_back({task->name, task->tick_for(std::max(*wanted, now), now), task->interval, true});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const DueTask& a, const DueTask& b) { return a.time < b.time; });
  found.resize(std::min(found.size(), max));
  return found;
}

Result<void> Schedule::advance(microseconds by) {
  if (by.count() < 0) return fail(before_now());
  return move(ahead_by(by));
}

Result<void> Schedule::set(Timestamp time) {
  return move([time](Timestamp) { return time; });
}

void Schedule::begin_advance(microseconds by, Moved moved) {
  if (by.count() < 0) return moved(fail(before_now()));
  begin_move(ahead_by(by), std::move(moved));
}

void Schedule::begin_set(Timestamp time, Moved moved) {
  begin_move([time](Timestamp) { return time; }, std::move(moved));
}

Result<void> Schedule::move(Target target) {
  std::promise<Result<void>> outcome;
  begin_move(std::move(target), [&outcome](Result<void> moved) { outcome.set_value(std::move(moved)); });
  return outcome.get_future().get();
}

void Schedule::begin_move(Target target, Moved moved) {
  Lock lock(mutex_);
  const auto refuse = [&](Error error) {
    lock.unlock();
    moved(fail(std::move(error)));
  };
  if (runner_ == std::this_thread::get_id()) {
    return refuse(Error::invalid_argument("a task of the schedule cannot move the clock"));
  }
  if (has_thread_) {
    if (is_stopped_) return refuse(ended());
    if (moves_.size() >= kMovesMax)
      return refuse(Error::unavailable("too many moves of the clock wait already"));
    moves_.push_back({.target = std::move(target), .moved = std::move(moved)});
    changed_.notify_all();
    return;
  }
  take_turn(&lock);
  auto outcome = make_move(&lock, target);
  leave_turn();
  lock.unlock();
  moved(std::move(outcome));
}

// Needs the turn.
Result<void> Schedule::make_move(Lock* lock, const Target& target) {
  lock->unlock();
  clock_.hold(true);
  const Timestamp now = clock_.now();
  const Timestamp until = target(now);
  auto moved = clock_.check_set(until);
  lock->lock();
  if (moved) run_until(lock, until, true);
  if (moved && is_stopped_) moved = fail(ended());
  lock->unlock();
  if (moved) moved = clock_.set(std::max(until, clock_.now()));
  clock_.hold(false);
  lock->lock();
  return moved;
}

// Runs what is due up to that time. Needs the turn.
void Schedule::run_until(Lock* lock, Timestamp until, bool moves_clock) {
  horizon_ = until;
  leave_out_ticks(until);
  for (const auto& [due, task] : queue_) {
    task->move_runs = 0;
    task->pace = microseconds{0};
  }
  while (!is_stopped_) {
    if (moves_clock) ask_for_ticks(lock, until);
    if (queue_.empty() || queue_.begin()->first.first > until) break;
    const Timestamp due = queue_.begin()->first.first;
    const std::shared_ptr<Task> task = take_first();
    if (++task->move_runs == kWantedTicksMax) task->pace = (until - due) / kWantedTicksMax;
    running_ = task.get();
    lock->unlock();
    if (moves_clock && due > clock_.now()) static_cast<void>(clock_.set(due));
    lock->lock();
    run_task(lock, task, moves_clock || !has_thread_);
  }
  horizon_.reset();
}

void Schedule::run_task(Lock* lock, const std::shared_ptr<Task>& task, bool settles) {
  lock->unlock();
  try {
    task->run();
    if (settles && task->settled) task->settled(stop_.get_token());
  } catch (const std::exception& exception) {
    log::error("a scheduled task failed", {{"task", task->name}, {"error", exception.what()}});
  }
  lock->lock();
  running_ = nullptr;
  task->ran = std::chrono::steady_clock::now();
  changed_.notify_all();
}

// Needs mutex_.
void Schedule::wake_by_real_time(Timestamp now) {
  const auto real_now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Task>> late;
  for (const auto& [place, task] : queue_) {
    if (task->also_in_real_time && place.first > now && real_now - task->ran >= task->interval)
      late.push_back(task);
  }
  for (const auto& task : late) {
    dequeue(task.get());
    enqueue(task, now);
  }
}

void Schedule::take_turn(Lock* lock) {
  changed_.wait(*lock, [this] { return !runner_; });
  runner_ = std::this_thread::get_id();
}

void Schedule::leave_turn() {
  runner_.reset();
  changed_.notify_all();
}

void Schedule::run_due() {
  Lock lock(mutex_);
  INVARIANT(!has_thread_ && runner_ != std::this_thread::get_id());
  take_turn(&lock);
  run_until(&lock, clock_.now(), false);
  leave_turn();
}

// How long there is nothing to do. Needs mutex_.
microseconds Schedule::pause() const {
  if (queue_.empty()) return kLookInterval;
  const auto until = clock_.real_time_until(queue_.begin()->first.first);
  return std::clamp(until.value_or(kLookInterval), kRestMin, kLookInterval);
}

void Schedule::run_thread() {
  Lock lock(mutex_);
  runner_ = std::this_thread::get_id();  // for good
  while (!is_stopped_) {
    lock.unlock();
    clock_.look();
    const Timestamp now = clock_.now();
    lock.lock();
    wake_by_real_time(now);
    run_until(&lock, now, false);
    while (!moves_.empty() && !is_stopped_) {
      Move move = std::move(moves_.front());
      moves_.pop_front();
      auto outcome = make_move(&lock, move.target);
      lock.unlock();
      move.moved(std::move(outcome));
      lock.lock();
    }
    must_recompute_ = false;  // pause() sees all that has changed
    changed_.wait_for(lock, pause(), [this] { return is_stopped_ || must_recompute_ || !moves_.empty(); });
  }
  std::deque<Move> left = std::move(moves_);
  lock.unlock();
  for (Move& move : left) move.moved(fail(ended()));
}

}  // namespace tidemark
