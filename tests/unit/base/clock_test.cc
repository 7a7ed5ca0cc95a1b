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

TEST_CASE("ISO 8601 is read as clients write it") {
  struct Case {
    const char* text;
    std::optional<std::string> same_as;  // in the form with milliseconds
  };
  const auto c = GENERATE(values<Case>({
      {"2026-01-02", "2026-01-02T00:00:00.000Z"},
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"},
      {"2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.600Z"},
      {"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123Z"},
      {"2026-01-02T00:30:00+01:00", "2026-01-01T23:30:00.000Z"},
      {"2026-01-02T00:30:00-0130", "2026-01-02T02:00:00.000Z"},
      {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"},
      {"2024-02-29", "2024-02-29T00:00:00.000Z"},
      {"2025-02-29", std::nullopt},
      {"2026-13-01", std::nullopt},
      {"0000-01-01", std::nullopt},
      {"2026-1-1", std::nullopt},
      {"2026-01-02T03:04:05", std::nullopt},
      {"2026-01-02T03:04Z", std::nullopt},
      {"2026-01-02T24:00:00Z", std::nullopt},
      {"2026-01-02T03:04:60Z", std::nullopt},
      {"2026-01-02T03:04:05.Z", std::nullopt},
      {"2026-01-02T03:04:05Z ", std::nullopt},
      {"2026-01-02T03:04:05+24:00", std::nullopt},
      {"2026-01-02 03:04:05Z", std::nullopt},
      {"tomorrow", std::nullopt},
      {"", std::nullopt},
  }));
  INFO(c.text);
  const auto time = parse_iso_time(c.text);
  REQUIRE(time.has_value() == c.same_as.has_value());
  if (time) CHECK(format_iso_millis(*time) == *c.same_as);
}

TEST_CASE("moments as people and programs write them") {
  struct Case {
    const char* text;
    std::optional<std::int64_t> micros;
  };
  const auto c = GENERATE(values<Case>({
      {"1767225600", 1'767'225'600'000'000},
      {"1767225600.5", 1'767'225'600'500'000},
      {"1767225600.123456", 1'767'225'600'123'456},
      {"1767225600.1234569", 1'767'225'600'123'456},  // time.time() of Python
      {"2026-01-01T00:00:00.123456789Z", 1'767'225'600'123'456},
      {"0", 0},
      {"1767225600.", std::nullopt},
      {"1767225600.1.2", std::nullopt},
      {"1767225600.12e3", std::nullopt},
      {"-1", std::nullopt},
      {".5", std::nullopt},
      {"999999999999", std::nullopt},
      {"9999999999999", std::nullopt},
  }));
  INFO(c.text);
  const auto moment = parse_moment(c.text);
  REQUIRE(moment.has_value() == c.micros.has_value());
  if (moment) CHECK(moment->micros == *c.micros);
}

TEST_CASE("times as signatures and HTTP headers write them") {
  struct Case {
    const char* why;
    std::string text;
    std::optional<std::int64_t> seconds;
  };
  SECTION("basic") {
    const auto c = GENERATE(values<Case>({
        {"a second", "20150830T123600Z", 1'440'938'160},
        {"the beginning", "19700101T000000Z", 0},
        {"a leap day", "20240229T235959Z", 1'709'251'199},
        {"no leap day", "20230229T000000Z", {}},
        {"month 13", "20231301T000000Z", {}},
        {"day 0", "20230100T000000Z", {}},
        {"hour 24", "20230101T240000Z", {}},
        {"minute 60", "20230101T006000Z", {}},
        {"the far end", "99991231T235959Z", 253'402'300'799},
        {"a sign", "2023-101T000000Z", {}},
        {"a blank", "2023 101T000000Z", {}},
        {"extended", "2015-08-30T12:36:00Z", {}},
        {"no zone", "20150830T123600", {}},
        {"more", "20150830T123600ZZ", {}},
        {"nothing", "", {}},
    }));
    INFO(c.why);
    const auto time = parse_basic_time(c.text);
    REQUIRE(time.has_value() == c.seconds.has_value());
    if (time) {
      CHECK(*time == Timestamp::from_seconds(*c.seconds));
      CHECK(format_basic_time(*time) == c.text);
    }
  }
  SECTION("HTTP") {
    const auto c = GENERATE(values<Case>({
        {"usual", "Thu, 01 Jan 1970 00:00:10 GMT", 10},
        {"with an offset", "Tue, 27 Mar 2007 19:36:42 +0000", 1'175'024'202},
        {"another zone", "Tue, 27 Mar 2007 19:36:42 +0100", {}},
        {"no zone", "Tue, 27 Mar 2007 19:36:42", {}},
        {"more behind it", "Thu, 01 Jan 1970 00:00:10 GMT x", {}},
        {"nothing", "", {}},
    }));
    INFO(c.why);
    const auto time = parse_http_date(c.text);
    REQUIRE(time.has_value() == c.seconds.has_value());
    if (time) CHECK(*time == Timestamp::from_seconds(*c.seconds));
  }
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
  CHECK(clock.set(Timestamp::from_seconds(16)));
  CHECK(clock.now() == Timestamp::from_seconds(16));
  CHECK_FALSE(clock.set(Timestamp::from_seconds(15)).has_value());
  CHECK(clock.now() == Timestamp::from_seconds(16));
  CHECK(clock.forgetting_time() == clock.now());
  CHECK(clock.real_time_until(clock.now()) == std::chrono::microseconds{0});
  CHECK_FALSE(clock.real_time_until(clock.now().plus_micros(1)).has_value());
  clock.turn_to(Timestamp::from_millis(3));
  CHECK(clock.now() == Timestamp{3'000});
}

TEST_CASE("the system clock runs forward from a plausible time") {
  const SystemClock clock;
  const Timestamp first = clock.now();
  CHECK(first > Timestamp::from_seconds(1'700'000'000));
  CHECK(clock.now() >= first);
}

TEST_CASE("ISO 8601 durations") {
  using std::chrono::microseconds;
  struct Case {
    std::string text;
    std::int64_t micros;
    std::string canonical;
  };
  constexpr std::int64_t kSecond = 1'000'000;
  const auto c = GENERATE(values<Case>({
      {"P34D", 34 * 86'400 * kSecond, "P34D"},
      {"P2W", 14 * 86'400 * kSecond, "P14D"},
      {"PT1H30M", 5'400 * kSecond, "PT1H30M"},
      {"PT90M", 5'400 * kSecond, "PT1H30M"},
      {"P1DT0.5S", 86'400 * kSecond + 500'000, "P1DT0.5S"},
      {"PT0S", 0, "PT0S"},
      {"PT0.000001S", 1, "PT0.000001S"},
      {"P1W1DT1H1M1S", (8 * 86'400 + 3'661) * kSecond, "P8DT1H1M1S"},
  }));
  INFO(c.text);
  const auto parsed = parse_iso_duration(c.text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->count() == c.micros);
  CHECK(format_iso_duration(*parsed) == c.canonical);
  if (c.micros > 0) CHECK(format_iso_duration(-*parsed) == "-" + c.canonical);
}

TEST_CASE("what is no ISO 8601 duration") {
  for (const char* const text :
       {"",         "P",    "PT",    "34D",    "P34",    "P1Y",   "P1M",   "P1H",  "PT1D", "P1DT",
        "P-1D",     "-P1D", "P1.5D", "PT1M1H", "PT1S1S", "PT1.S", "PT.5S", "P1D ", "p1d",  "P999999999999D",
        "P400000D", "PT1TS"}) {
    INFO(text);
    CHECK_FALSE(parse_iso_duration(text).has_value());
  }
}

}  // namespace
}  // namespace tidemark
