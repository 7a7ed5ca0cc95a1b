// The time that the service lives by: the machine's clock, as far as it can be believed, and moved if wanted.
//
// Service time is `wall + offset`. Between two looks at the wall clock it goes on with a steady one, so that
// no step of the wall shows in it at once:
//
//   a step forward       is followed at the next look. More than an hour is logged, and forgetting_time()
//                        takes another hour to believe it.
//   a step back          is bridged: service time never goes back, it runs at half speed until the wall
//                        clock has caught up. A second or more is logged, once each time. forgetting_time()
//                        follows the wall clock.
//   slews, jitter        are followed in silence.
//
// Whoever tries something out may move it: set and advance it, freeze it, let it run faster. After that the
// offset is another one. While it is frozen or runs at a rate of its own, steps of the wall do not show.
//
// It ends at kLatest, where it stands still: what is computed from now on (recovery windows of 35 days, jobs
// that are remembered for 90, links that expire, a second that is rounded up) must have a date that every
// client reads, and many read no year of five digits.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/clock.h"

namespace tidemark {

// Thread-safety: all methods may be called concurrently. now() takes no lock: it costs a look at the steady
// clock and a few nanoseconds.
class ServiceClock final : public MovableClock {
 public:
  static constexpr double kRateMax = 1e6;
  // 9999-01-01T00:00:00Z: a year before the last date there is, kLatestTime.
  static constexpr Timestamp kLatest = Timestamp::from_seconds(253'370'764'800);

  struct State {
    Timestamp now, wall;
    std::chrono::microseconds offset{0};  // now - wall
    std::chrono::microseconds moved{0};   // of it, what somebody asked for
    bool is_frozen = false;
    double rate = 1;  // what was asked for: while it is frozen, too, or while a step back is bridged
  };

  // Begins at the wall's time. `steady` must never step. Both must outlive the clock.
  ServiceClock(const Clock& wall, const Clock& steady);

  // Never goes backwards, whatever the wall does and however the clock is moved; may stand still. Not after
  // kLatest, unless resume_after() told of a write that was.
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Timestamp forgetting_time() const override;
  [[nodiscard]] State state() const;

  // Errors: as MovableClock::set(), and beyond kLatest.
  Result<void> set(Timestamp time) override;
  // Errors: kInvalidArgument when `by` is negative or leads beyond kLatest.
  Result<void> advance(std::chrono::microseconds by);
  // Whether a move to `time` may begin: what leads there in steps asks first. Errors: kInvalidArgument beyond
  // kLatest.
  static Result<void> check_end(Timestamp time);
  void freeze(bool frozen);
  // Service seconds in a real one. Errors: kInvalidArgument unless it is above 0 and at most kRateMax.
  Result<void> set_rate(double rate);
  // Tells the clock at start when the data was written last. If that is ahead of the machine's clock by more
  // than a second (the clock had been advanced, or the machine's is wrong), service time goes on from there.
  // If it is more than an hour ago, or ahead by an hour more than State::moved was in the last run, as far as
  // that is known, forgetting_time() takes an hour to believe it.
  void resume_after(Timestamp last_write, std::chrono::microseconds moved = {});

  Result<void> check_set(Timestamp time) const override;
  void hold(bool held) override;
  void look() override;
  [[nodiscard]] std::optional<std::chrono::microseconds> real_time_until(Timestamp time) const override;
  void on_move(std::function<void()> listener) override;

 private:
  // A stretch of time at one speed.
  struct Line {
    std::int64_t steady_start = 0;
    std::int64_t start = 0;  // service time then
    double speed = 1;
    std::int64_t lag = 0;  // of forgetting_time()

    [[nodiscard]] std::int64_t at(std::int64_t steady) const;
  };
  // Both clocks at one moment, in microseconds.
  struct Reading {
    std::int64_t wall = 0, steady = 0;
  };
  class Change;
  enum class Step { kNone, kForward, kBack };

  // The line and the time of the steady clock at one moment.
  [[nodiscard]] Line line(std::int64_t* steady) const;
  [[nodiscard]] Reading read_clocks() const;
  [[nodiscard]] bool follows_wall() const { return rate_ == 1 && !is_frozen_ && !is_held_; }
  [[nodiscard]] double speed() const;
  // The doubt has lasted long enough: true when it ends now.
  bool let_doubt_end(std::int64_t steady);
  [[nodiscard]] std::int64_t lag() const { return doubted_ + ahead_; }
  // Adds to held_back_ what would have passed since held_since_.
  void count_held_back();
  Step note_step(std::int64_t step, std::int64_t steady);
  void follow(const Reading& read);
  template <class Apply>
  void change_speed(Apply apply, bool lets_go = false);
  void tell();

  const Clock& wall_;
  const Clock& steady_;

  // The line, as a sequence lock: odd while it is being written.
  std::atomic<std::uint64_t> version_ = 0;
  std::atomic<std::int64_t> steady_start_;
  std::atomic<std::int64_t> start_;
  std::atomic<double> speed_;
  std::atomic<std::int64_t> lag_;

  // Everything from here on is guarded by mutex_, and times are microseconds.
  mutable std::mutex mutex_;
  std::int64_t offset_ = 0;  // from the wall's time to the one that is aimed at, while follows_wall()
  std::int64_t ahead_ = 0;   // how far service time is before that one, while a step back is bridged
  double rate_ = 1;
  bool is_frozen_ = false;
  bool is_held_ = false;
  std::int64_t held_since_ = 0;  // by the steady clock, while it is held
  std::int64_t held_back_ = 0;   // service time that is to pass when it is let go
  bool is_bridge_told_ = false;
  Reading last_;                    // at the last look
  std::int64_t doubted_ = 0;        // how far the wall leapt forward without a reason, less than an hour ago
  std::int64_t doubted_since_ = 0;  // by the steady clock

  std::mutex listener_mutex_;  // held while the listener is called
  std::function<void()> listener_;
};

}  // namespace tidemark
