#include "base/service_clock.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "base/log.h"

namespace tidemark {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;

// Two clocks cannot be read at the same instant: differences up to this mean nothing.
constexpr std::int64_t kJitter = 1'000;
constexpr std::int64_t kGoodReading = 100;
constexpr int kReadingsMax = 3;

// Steps that the log tells of, steps that are doubted at first, and for how long.
constexpr std::int64_t kStepBackTold = kSecond;
constexpr std::int64_t kStepDoubted = kHour;
constexpr std::int64_t kDoubtLasts = kHour;

// Half speed; gentler at the end, so that the next look finds service time where the wall is, not behind it.
double bridge_speed(std::int64_t ahead) {
  return std::max(0.5, 1 - static_cast<double>(ahead) / static_cast<double>(kSecond));
}

std::string text_of(std::int64_t time) { return format_iso_millis({time}); }

}  // namespace

std::int64_t ServiceClock::Line::at(std::int64_t steady) const {
  const std::int64_t elapsed = std::max<std::int64_t>(steady - steady_start, 0);
  const std::int64_t end = std::max(kLatest.micros, start);
  if (speed == 1) return std::min(start + elapsed, end);
  const double gained = static_cast<double>(elapsed) * speed;
  return gained < static_cast<double>(end - start) ? start + static_cast<std::int64_t>(gained) : end;
}

// One new line. Needs mutex_. From the constructor on, readers wait for the destructor.
class ServiceClock::Change {
 public:
  explicit Change(ServiceClock* clock) : clock_(*clock) {
    // A full barrier: whoever read the steady clock for the old line did so before this reading.
    clock_.version_.fetch_add(1, std::memory_order_seq_cst);
    steady = clock_.steady_.now().micros;
    old = {.steady_start = clock_.steady_start_.load(std::memory_order_relaxed),
           .start = clock_.start_.load(std::memory_order_relaxed),
           .speed = clock_.speed_.load(std::memory_order_relaxed),
           .lag = clock_.lag_.load(std::memory_order_relaxed)};
  }
  ~Change() { clock_.version_.fetch_add(1, std::memory_order_release); }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  // Where a new line begins at the earliest: the clocks of two cores may be some nanoseconds apart, so
  // another thread may have seen the next microsecond of the old line already.
  [[nodiscard]] std::int64_t soonest() const { return old.at(steady + 1); }
  [[nodiscard]] std::int64_t now() const { return old.at(steady); }

  void publish(std::int64_t start) {
    clock_.steady_start_.store(steady, std::memory_order_release);
    clock_.start_.store(std::max(start, soonest()), std::memory_order_release);
    clock_.speed_.store(clock_.speed(), std::memory_order_release);
    clock_.lag_.store(clock_.lag(), std::memory_order_release);
  }

  std::int64_t steady = 0;
  Line old;

 private:
  ServiceClock& clock_;
};

ServiceClock::ServiceClock(const Clock& wall, const Clock& steady) : wall_(wall), steady_(steady) {
  last_ = read_clocks();
  steady_start_ = last_.steady;
  start_ = last_.wall;
  speed_ = 1;
  lag_ = 0;
}

ServiceClock::Line ServiceClock::line(std::int64_t* steady) const {
  while (true) {
    const std::uint64_t version = version_.load(std::memory_order_acquire);
    const Line line{.steady_start = steady_start_.load(std::memory_order_acquire),
                    .start = start_.load(std::memory_order_acquire),
                    .speed = speed_.load(std::memory_order_acquire),
                    .lag = lag_.load(std::memory_order_acquire)};
    *steady = steady_.now().micros;
    // Checked after the reading: it must not be later than the end of the line.
    const bool is_whole = version % 2 == 0 && version_.load(std::memory_order_acquire) == version;
    if (is_whole) [[likely]]
      return line;
    std::this_thread::yield();
  }
}

Timestamp ServiceClock::now() const {
  std::int64_t steady = 0;
  const Line now = line(&steady);
  return {now.at(steady)};
}

Timestamp ServiceClock::forgetting_time() const {
  std::int64_t steady = 0;
  const Line now = line(&steady);
  return {now.at(steady) - now.lag};
}

// The wall's time, and the steady one's of the same moment as nearly as can be had.
ServiceClock::Reading ServiceClock::read_clocks() const {
  Reading reading;
  for (int i = 0; i < kReadingsMax; ++i) {
    reading.steady = steady_.now().micros;
    reading.wall = wall_.now().micros;
    if (steady_.now().micros - reading.steady <= kGoodReading) break;  // else: the thread lost its turn
  }
  return reading;
}

double ServiceClock::speed() const {
  if (is_frozen_ || is_held_) return 0;
  return rate_ == 1 && ahead_ > 0 ? bridge_speed(ahead_) : rate_;
}

ServiceClock::State ServiceClock::state() const {
  const std::lock_guard lock(mutex_);
  State state{.now = now(), .wall = wall_.now(), .is_frozen = is_frozen_, .rate = rate_};
  state.offset = state.now - state.wall;
  const std::int64_t asked_for = (follows_wall() ? offset_ : state.offset.count() - ahead_) - doubted_;
  state.moved = std::chrono::microseconds(std::max<std::int64_t>(0, asked_for));
  return state;
}

Result<void> ServiceClock::check_end(Timestamp time) {
  if (time <= kLatest) return {};
  return fail(Error::invalid_argument("the clock ends at " + format_iso_seconds(kLatest) +
                                      ": what is computed ahead of it needs dates that clients can read"));
}

Result<void> ServiceClock::check_set(Timestamp time) const {
  RETURN_IF_ERROR(check_move(now(), time));
  return check_end(time);
}

Result<void> ServiceClock::set(Timestamp time) {
  {
    const std::lock_guard lock(mutex_);
    Change change(this);
    RETURN_IF_ERROR(check_move({change.now()}, time));
    RETURN_IF_ERROR(check_end(time));
    const std::int64_t start = std::max(time.micros, change.soonest());
    offset_ += start - change.now();
    doubted_ = 0;  // whoever moves the clock vouches for it
    change.publish(start);
  }
  tell();
  return {};
}

Result<void> ServiceClock::advance(std::chrono::microseconds by) {
  if (by.count() < 0) return fail(Error::invalid_argument("the clock cannot be set back"));
  {
    const std::lock_guard lock(mutex_);
    Change change(this);
    RETURN_IF_ERROR(check_end(Timestamp{change.now()}.plus(std::min(by, kLatest - Timestamp{}))));
    offset_ += by.count();
    doubted_ = 0;
    change.publish(change.now() + by.count());
  }
  tell();
  return {};
}

void ServiceClock::count_held_back() {
  if (!is_held_) return;
  const std::int64_t steady = steady_.now().micros;
  if (!is_frozen_) held_back_ += static_cast<std::int64_t>(static_cast<double>(steady - held_since_) * rate_);
  held_since_ = steady;
}

// Carries out `apply`, which changes whether time passes and how fast, or lets go of a held clock.
template <class Apply>
void ServiceClock::change_speed(Apply apply, bool lets_go) {
  {
    const std::lock_guard lock(mutex_);
    const bool followed_wall = follows_wall();
    const double old_speed = speed();
    count_held_back();  // at the speed that it had until now
    apply();
    const std::int64_t passed = lets_go ? std::exchange(held_back_, 0) : 0;
    if (follows_wall() == followed_wall && speed() == old_speed && passed == 0) return;
    Change change(this);
    const std::int64_t start =
        std::min(change.soonest() + passed, std::max(kLatest.micros, change.soonest()));
    if (follows_wall() && !followed_wall) {
      // The wall's steps until now do not count. What was to be bridged still is.
      last_ = read_clocks();
      offset_ = start - ahead_ - last_.wall;
    }
    change.publish(start);
  }
  tell();
}

void ServiceClock::freeze(bool frozen) {
  change_speed([&] { is_frozen_ = frozen; });
}

void ServiceClock::hold(bool held) {
  change_speed(
      [&] {
        if (held && !is_held_) held_since_ = steady_.now().micros;
        is_held_ = held;
      },
      !held);
}

Result<void> ServiceClock::set_rate(double rate) {
  if (!(rate > 0 && rate <= kRateMax)) {  // NaN, too
    return fail(Error::invalid_argument("the rate of the clock must be more than 0 and at most 1000000"));
  }
  change_speed([&] { rate_ = rate; });
  return {};
}

void ServiceClock::resume_after(Timestamp last_write, std::chrono::microseconds moved) {
  std::int64_t ahead = 0;
  {
    const std::lock_guard lock(mutex_);
    Change change(this);
    ahead = last_write.micros - change.now();
    if (ahead > kSecond) {
      offset_ += ahead;
      // What is a little more than the clock was moved by passed while it was not kept.
      const std::int64_t unexplained = ahead - moved.count();
      doubted_ = unexplained > kStepDoubted ? unexplained : 0;
    } else if (-ahead > kStepDoubted) {
      doubted_ = -ahead;
    }
    doubted_since_ = change.steady;
    change.publish(std::max(change.now(), ahead > kSecond ? last_write.micros : 0));
  }
  if (ahead <= kSecond) return;
  log::warn("the data was written at a time that is still to come, so service time goes on from there",
            {{"last_write", format_iso_millis(last_write)}, {"machine", text_of(last_write.micros - ahead)}});
  tell();
}

bool ServiceClock::let_doubt_end(std::int64_t steady) {
  if (doubted_ == 0 || steady - doubted_since_ < kDoubtLasts) return false;
  doubted_ = 0;
  return true;
}

// Remembers what a step of the wall, or 0, means for forgetting_time().
ServiceClock::Step ServiceClock::note_step(std::int64_t step, std::int64_t steady) {
  let_doubt_end(steady);
  if (step > kStepDoubted) {
    doubted_ += step;
    doubted_since_ = steady;
    return Step::kForward;
  }
  if (step < -kJitter) {
    doubted_ = std::max<std::int64_t>(doubted_ + step, 0);
    return Step::kBack;
  }
  return Step::kNone;
}

// Brings service time to `wall + offset`, at once or by and by.
void ServiceClock::follow(const Reading& read) {
  Change change(this);
  const std::int64_t end = std::max(kLatest.micros, change.now());
  const std::int64_t aim = std::min(read.wall + offset_ + (change.steady - read.steady), end);
  const std::int64_t missing = aim - change.now();
  ahead_ = missing < -kJitter ? -missing : 0;
  if (missing > kJitter) {
    change.publish(aim);
  } else if (speed() != change.old.speed || lag() != change.old.lag) {
    change.publish(change.now());
  }
}

void ServiceClock::look() {
  Step step = Step::kNone;
  Reading before;
  Reading read;
  std::int64_t ahead = 0;
  {
    const std::lock_guard lock(mutex_);
    read = read_clocks();
    before = std::exchange(last_, read);
    if (!follows_wall()) {
      if (let_doubt_end(read.steady)) {
        Change change(this);
        change.publish(change.now());
      }
      return;
    }
    step = note_step((read.wall - before.wall) - (read.steady - before.steady), read.steady);
    follow(read);
    const bool is_another = before.wall - read.wall + read.steady - before.steady >= kStepBackTold;
    const bool is_new = ahead_ >= kStepBackTold && (!is_bridge_told_ || is_another);
    if (is_new) ahead = ahead_;
    is_bridge_told_ = (is_bridge_told_ && ahead_ > 0) || is_new;
  }
  if (step == Step::kForward) {
    log::warn(
        "the machine's clock stepped forward: what is kept for a time only is judged by the new time in an "
        "hour, unless the clock is set back before",
        {{"from", text_of(before.wall)}, {"to", text_of(read.wall)}});
  }
  if (ahead > 0) {
    log::warn("the machine's clock stepped back: service time runs at half speed until it has caught up",
              {{"from", text_of(read.wall + ahead)}, {"to", text_of(read.wall)}});
  }
}

std::optional<std::chrono::microseconds> ServiceClock::real_time_until(Timestamp time) const {
  std::int64_t steady = 0;
  const Line now = line(&steady);
  const std::int64_t missing = time.micros - now.at(steady);
  if (missing <= 0) return std::chrono::microseconds{0};
  if (now.speed == 0 || time > kLatest) return std::nullopt;
  // Longer than anybody waits in one go, and far from what a number of microseconds cannot hold.
  constexpr double kLongest = 1e15;
  const double real = std::min(std::ceil(static_cast<double>(missing) / now.speed), kLongest);
  return std::chrono::microseconds{static_cast<std::int64_t>(real)};
}

void ServiceClock::on_move(std::function<void()> listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

void ServiceClock::tell() {
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

}  // namespace tidemark
