// The one source of time. Nothing below `server` asks the operating system what time it is.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

// A moment as microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t micros = 0;

  auto operator<=>(const Timestamp&) const = default;

  static constexpr Timestamp from_seconds(std::int64_t seconds) { return {seconds * 1'000'000}; }
  static constexpr Timestamp from_millis(std::int64_t millis) { return {millis * 1'000}; }
  [[nodiscard]] constexpr std::int64_t millis() const { return micros / 1'000; }
  [[nodiscard]] constexpr std::int64_t seconds() const { return micros / 1'000'000; }
  [[nodiscard]] constexpr Timestamp plus_micros(std::int64_t delta) const { return {micros + delta}; }
  [[nodiscard]] constexpr Timestamp plus_seconds(std::int64_t delta) const {
    return {micros + delta * 1'000'000};
  }
  [[nodiscard]] constexpr Timestamp plus(std::chrono::microseconds delta) const {
    return {micros + delta.count()};
  }
  // The start of the second, or millisecond, that contains this moment.
  [[nodiscard]] constexpr Timestamp floor_second() const { return from_seconds(seconds()); }
  [[nodiscard]] constexpr Timestamp floor_millis() const { return from_millis(millis()); }
};

constexpr std::chrono::microseconds operator-(Timestamp later, Timestamp earlier) {
  return std::chrono::microseconds{later.micros - earlier.micros};
}

// The end of the year 9999: the last moment that has a date of four digits for its year.
inline constexpr Timestamp kLatestTime{253'402'300'799'999'999};

// `2026-01-01T00:00:00.123Z`: three digits of fraction always.
std::string format_iso_millis(Timestamp time);
// The same with six digits.
std::string format_iso_micros(Timestamp time);
// `2026-01-01T00:00:00Z`
std::string format_iso_seconds(Timestamp time);
// `2026-01-01`, `2026-01-01T00:00:00Z`, with any fraction of a second and with `+01:00` for `Z`. Nothing for
// what is no date between the years 1 and 9999; a leap second is none.
std::optional<Timestamp> parse_iso_time(std::string_view text);
// A moment as people write it: what parse_iso_time() takes, or seconds since 1970 with any fraction. What is
// shorter than a microsecond is cut off.
std::optional<Timestamp> parse_moment(std::string_view text);
// `P34D`, `PT1H30M`, `P2W`, `P1DT0.5S`: weeks, days, hours, minutes and seconds, the last of them with any
// fraction. Nothing for anything else: years and months have no fixed length. At most a thousand years.
std::optional<std::chrono::microseconds> parse_iso_duration(std::string_view text);
// `P34DT1H0.5S`; `PT0S` for none, `-P1D` for a negative one.
std::string format_iso_duration(std::chrono::microseconds duration);
// `Thu, 01 Jan 2026 00:00:00 GMT` (RFC 1123, as HTTP headers want it)
std::string format_http_date(Timestamp time);
// `20260101T000000Z`, as signatures want it.
std::string format_basic_time(Timestamp time);
// The inverses; nothing for anything else. Clients write the zone of an HTTP date as `GMT` or `+0000`.
std::optional<Timestamp> parse_http_date(std::string_view text);
std::optional<Timestamp> parse_basic_time(std::string_view text);

// Thread-safety: all methods may be called concurrently.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  // The time by which it is judged what may be dropped for good: history, tokens, expired documents. Never
  // after now(). A clock that cannot vouch for now() (its source has just leapt ahead) holds this one back
  // for a while; it may go backwards when its source does.
  [[nodiscard]] virtual Timestamp forgetting_time() const { return now(); }
};

// What the machine takes for the time of day. It can step, forwards and backwards.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

// Time since the machine was started, as if that had been in 1970. It never steps, and counts the time that
// the machine was suspended.
class BootClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

// A clock that somebody may move. Its time never goes backwards.
class MovableClock : public Clock {
 public:
  // Forwards only. Errors: kInvalidArgument when `time` is before now() or after kLatestTime.
  virtual Result<void> set(Timestamp time) = 0;
  // What set() would say.
  [[nodiscard]] virtual Result<void> check_set(Timestamp time) const;
  // While held the clock stands still, but for set(), as between steps; when let go it makes up for that
  // time.
  virtual void hold(bool held) = 0;
  // Compares the clock with what it follows; to be called about once a second.
  virtual void look() = 0;
  // The real time that passes until the clock comes to `time`, if nobody moves it; 0 when it is there.
  // Nothing: it does not come there by itself.
  [[nodiscard]] virtual std::optional<std::chrono::microseconds> real_time_until(Timestamp time) const = 0;
  // `listener` is called after every move by the thread that moves, so that whoever waits for a time waits
  // anew. One at a time; an empty one ends it, and waits for a call in progress.
  virtual void on_move(std::function<void()> listener) = 0;
};

// Whether a clock that shows `now` may be set to `time`. Errors: as MovableClock::set().
Result<void> check_move(Timestamp now, Timestamp time);

// A clock that moves only when told to. Tests may also turn it back, with turn_to().
class ManualClock final : public MovableClock {
 public:
  explicit ManualClock(Timestamp start) : micros_(start.micros) {}
  [[nodiscard]] Timestamp now() const override { return {micros_.load()}; }
  Result<void> set(Timestamp time) override;
  void hold(bool) override {}
  void look() override {}
  [[nodiscard]] std::optional<std::chrono::microseconds> real_time_until(Timestamp time) const override;
  void on_move(std::function<void()>) override {}

  void turn_to(Timestamp time) { micros_.store(time.micros); }
  void advance_micros(std::int64_t delta) { micros_.fetch_add(delta); }
  void advance_seconds(std::int64_t delta) { advance_micros(delta * 1'000'000); }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace tidemark
