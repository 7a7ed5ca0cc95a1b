// What is to happen at a time, or again and again, by the service's clock.
//
//   Schedule schedule(clock);
//   schedule.start();
//   sweep_ = schedule.every(std::chrono::hours(1), "sweep", [this] { worker_.wake(); },
//                           {.settled = [this](const auto& stop) { worker_.drain(stop); }});
//
// Tasks run one after the other on one thread: one that is not done in a moment hands its work to a Worker
// and declares with `settled` how to wait for it.
//
// advance() and set() move the clock from task to task: each runs with the clock at its own time, in the
// order of these times, and has settled before the next one. Ticks of a periodic task that a move leaps over
// become one run at the last of them, and one at each tick at which the task says, with `next_due`, that it
// has something to do. What tasks add on the way, and is due on the way, runs too. When the call returns
// everything has happened that would have happened by then. The clock stands still between the steps; the
// time that the move itself took passes at its end, and what falls due in it runs a little late.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/move_only_function.h"
#include "base/result.h"

namespace tidemark {

class Schedule;

namespace schedule_detail {
struct Task;
}

struct TaskOptions {
  // Waits for what the task has begun elsewhere, or for a stop of the schedule. Called after a run that a
  // move of the clock brought about, or run_due(); not in the course of time.
  std::function<void(const std::stop_token& stop)> settled = nullptr;
  // Periodic tasks: ticks are whole multiples of the interval since 1970, so that days begin at midnight UTC.
  // Otherwise they count from now.
  bool is_aligned = false;
  // Periodic tasks: what it waits for is not the service's time but the machine, space on its disk perhaps.
  // With a thread it also runs when so much real time has passed since its last run, however slow the clock
  // is.
  bool also_in_real_time = false;
  // Periodic tasks: when there is something to do next, by what is known now; nothing, or a time after the
  // end of a move, for not on this move. Asked between the tasks of a move, on the thread that runs them, and
  // at any time by due(), on its caller's; answered in a moment. The first kWantedTicksMax ticks of a move
  // are kept to the tick; from there on the rest of the way is cut into as many steps, so that no move takes
  // for ever.
  std::function<std::optional<Timestamp>()> next_due = nullptr;
};

// What due() says of a task.
struct DueTask {
  std::string name;
  Timestamp time;
  std::chrono::microseconds interval{0};  // of a periodic task
  // Something happens then, as far as is known now. A tick of a task that cannot tell may bring nothing.
  bool has_work = false;
};

// A task's place in a schedule. The end of this object cancels the task.
// Thread-safety: as for a value; wake() may also be called while others call it.
class ScheduledTask {
 public:
  ScheduledTask() = default;
  ~ScheduledTask() { cancel(); }
  ScheduledTask(ScheduledTask&& other) noexcept;
  ScheduledTask& operator=(ScheduledTask&& other) noexcept;

  // Runs the task soon. A periodic one keeps its ticks, one for a single time then has had its run. Does
  // nothing for a task that was cancelled or has had its only run.
  void wake();
  // The task does not run any more; if it is running on another thread, or settling, waits for its end. A
  // task may cancel itself. The caller must hold no lock that the task takes.
  void cancel();

 private:
  friend class Schedule;
  ScheduledTask(Schedule* schedule, std::shared_ptr<schedule_detail::Task> task);

  Schedule* schedule_ = nullptr;
  std::shared_ptr<schedule_detail::Task> task_;
};

// Thread-safety: all methods may be called concurrently, and by tasks, if not told otherwise. The tasks must
// be gone before the schedule is.
class Schedule {
 public:
  using Run = std::function<void()>;
  static constexpr int kWantedTicksMax = 20'000;

  // The caller keeps `clock` alive.
  explicit Schedule(MovableClock& clock) : clock_(clock) {}
  // As stop().
  ~Schedule();
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // Starts the thread that runs the tasks as their times come, and looks at the clock once a second.
  void start();
  // Ends that thread after the task that it is at, without waiting for it to settle. Moves of the clock fail.
  void stop();

  // Runs once, at `due`; soon if that has passed. `name` is for the log, as is what the task throws.
  [[nodiscard]] ScheduledTask at(Timestamp due, std::string name, Run run, TaskOptions options = {});
  // Runs at each tick, the first of them after now. One that comes late leaves out the ticks that it missed.
  [[nodiscard]] ScheduledTask every(std::chrono::microseconds interval, std::string name, Run run,
                                    TaskOptions options = {});

  // Moves the clock forward, as said above, and returns when all that was due has run: on the schedule's
  // thread, or without one on the caller's. Not for chores that a task waits for with `settled`.
  // Errors: kInvalidArgument for a time before now() or after kLatestTime, and for a call by a task, which
  // would wait for itself; kUnavailable when the schedule is stopped.
  Result<void> advance(std::chrono::microseconds by);
  Result<void> set(Timestamp time);
  // The same without waiting: a move can take long. `moved` is told the outcome once, on the thread that
  // makes the move or, of one that is refused, before this returns; it is not to wait for another move.
  using Moved = MoveOnlyFunction<void(Result<void> outcome)>;
  void begin_advance(std::chrono::microseconds by, Moved moved);
  void begin_set(Timestamp time, Moved moved);

  // What is to run next, by its time: the `max` soonest tasks. One that says with `next_due` that it has
  // something to do stands at the tick for that, and one that has nothing to do is left out. Does not wait
  // for a move in progress.
  [[nodiscard]] std::vector<DueTask> due(std::size_t max);

  // For a schedule without a thread, whose clock somebody else turns: runs what is due, on this thread. Not
  // to be called by a task.
  void run_due();

 private:
  friend class ScheduledTask;
  using Task = schedule_detail::Task;
  // By the next time to run, then by age.
  using Place = std::pair<Timestamp, std::uint64_t>;
  // Where a move leads.
  using Target = std::function<Timestamp(Timestamp now)>;
  // A move that waits for the thread.
  struct Move {
    Target target;
    Moved moved;
  };
  using Lock = std::unique_lock<std::mutex>;

  ScheduledTask add(Timestamp due, Task task);
  void wake(const std::shared_ptr<Task>& task);
  void cancel(const std::shared_ptr<Task>& task);
  // These need mutex_.
  void enqueue(const std::shared_ptr<Task>& task, Timestamp due);
  void place(const std::shared_ptr<Task>& task, Timestamp due);
  void dequeue(Task* task);
  std::shared_ptr<Task> take_first();
  void leave_out_ticks(Timestamp until);
  void ask_for_ticks(Lock* lock, Timestamp until);
  void wake_by_real_time(Timestamp now);

  Result<void> move(Target target);
  void begin_move(Target target, Moved moved);
  Result<void> make_move(Lock* lock, const Target& target);
  void run_until(Lock* lock, Timestamp until, bool moves_clock);
  void run_task(Lock* lock, const std::shared_ptr<Task>& task, bool settles);
  void take_turn(Lock* lock);
  void leave_turn();
  [[nodiscard]] std::chrono::microseconds pause() const;
  void run_thread();

  MovableClock& clock_;

  // Everything below is guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Place, std::shared_ptr<Task>> queue_;
  std::uint64_t last_age_ = 0;
  std::optional<Timestamp> horizon_;       // up to which tasks are being run: ticks before it become one
  std::optional<std::thread::id> runner_;  // the thread whose turn it is to run tasks
  const Task* running_ = nullptr;
  std::deque<Move> moves_;
  bool has_thread_ = false;
  bool is_stopped_ = false;
  bool must_recompute_ = false;  // when the thread has to run something next

  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace tidemark
