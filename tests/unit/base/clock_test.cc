#include "base/clock.h"

#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("times as text") {
  struct Case {
    std::int64_t micros;
    std::string millis, seconds, http;
  };
  const auto c = GENERATE(values<Case>({
      {0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
      {1'767'225'600'123'456, "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00Z",
       "Thu, 01 Jan 2026 00:00:00 GMT"},
      {951'827'696'999'999, "2000-02-29T12:34:56.999Z", "2000-02-29T12:34:56Z",
       "Tue, 29 Feb 2000 12:34:56 GMT"},
      {4'102'444'799'007'000, "2099-12-31T23:59:59.007Z", "2099-12-31T23:59:59Z",
       "Thu, 31 Dec 2099 23:59:59 GMT"},
      {-1'000, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
  }));
  CHECK(format_iso_millis({c.micros}) == c.millis);
  CHECK(format_iso_seconds({c.micros}) == c.seconds);
  CHECK(format_http_date({c.micros}) == c.http);
}

TEST_CASE("timestamp arithmetic") {
  const Timestamp time{1'234'567'890};
  CHECK(time.millis() == 1'234'567);
  CHECK(time.seconds() == 1'234);
  CHECK(time.floor_millis() == Timestamp{1'234'567'000});
  CHECK(time.floor_second() == Timestamp{1'234'000'000});
  CHECK(time.plus_seconds(2) > time.plus_micros(1'999'999));
}

TEST_CASE("a manual clock moves only when told to") {
  ManualClock clock(Timestamp::from_seconds(10));
  CHECK(clock.now() == Timestamp::from_seconds(10));
  clock.advance_seconds(5);
  clock.advance_micros(7);
  CHECK(clock.now() == Timestamp{15'000'007});
  clock.set(Timestamp::from_millis(3));
  CHECK(clock.now() == Timestamp{3'000});
}

TEST_CASE("the system clock runs forward from a plausible time") {
  const SystemClock clock;
  const Timestamp first = clock.now();
  CHECK(first > Timestamp::from_seconds(1'700'000'000));
  CHECK(clock.now() >= first);
}

}  // namespace
}  // namespace tidemark
