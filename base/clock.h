// The one source of time. Nothing below `server` asks the operating system what time it is.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
  // The start of the second, or millisecond, that contains this moment.
  [[nodiscard]] constexpr Timestamp floor_second() const { return from_seconds(seconds()); }
  [[nodiscard]] constexpr Timestamp floor_millis() const { return from_millis(millis()); }
};

// `2026-01-01T00:00:00.123Z`: three digits of fraction always.
std::string format_iso_millis(Timestamp time);
// `2026-01-01T00:00:00Z`
std::string format_iso_seconds(Timestamp time);
// `2026-01-01`, `2026-01-01T00:00:00Z`, with any fraction of a second and with `+01:00` for `Z`. Nothing for
// what is no date between the years 1 and 9999; a leap second is none.
std::optional<Timestamp> parse_iso_time(std::string_view text);
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
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : micros_(start.micros) {}
  [[nodiscard]] Timestamp now() const override { return {micros_.load()}; }
  void set(Timestamp time) { micros_.store(time.micros); }
  void advance_micros(std::int64_t delta) { micros_.fetch_add(delta); }
  void advance_seconds(std::int64_t delta) { advance_micros(delta * 1'000'000); }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace tidemark
