#include "model/pitr.h"

#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

constexpr std::int64_t kDay = 86'400;
// Recovery was enabled in the middle of a second.
constexpr Timestamp kEnabled{1'767'225'600'600'000};
constexpr Timestamp kSecond = kEnabled.floor_second();

Timestamp after_days(std::int64_t days) { return kEnabled.plus_seconds(days * kDay); }

TEST_CASE("the window reaches from when recovery was enabled, or from the period's begin, to minutes ago") {
  struct Case {
    const char* why;
    Timestamp now, begin, earliest, latest;
  };
  const auto c = GENERATE(values<Case>({
      {"at once", kEnabled, kEnabled, kSecond, kSecond},
      {"before the lag is over", kEnabled.plus_seconds(300), kEnabled, kSecond, kSecond},
      {"after it", kEnabled.plus_seconds(302), kEnabled, kSecond, kSecond.plus_seconds(2)},
      {"the whole period", after_days(35), kEnabled, kSecond,
       after_days(35).floor_second().plus_seconds(-300)},
      {"more than the period", after_days(40), after_days(5).floor_second(), after_days(5).floor_second(),
       after_days(40).floor_second().plus_seconds(-300)},
      {"a clock behind", kEnabled.plus_seconds(-10), kEnabled, kSecond, kSecond},
  }));
  INFO(c.why);
  const auto window = pitr_window(enabled_pitr(kEnabled), c.now, std::chrono::minutes(5));
  REQUIRE(window);
  CHECK(window->begin == c.begin);
  CHECK(window->earliest == c.earliest);
  CHECK(window->latest == c.latest);
  CHECK(window->latest == window->end.floor_second());
}

TEST_CASE("without a lag the window ends now, to the microsecond") {
  const auto window = pitr_window(enabled_pitr(kEnabled), kEnabled.plus_micros(7));
  REQUIRE(window);
  CHECK(window->end == kEnabled.plus_micros(7));
  CHECK(window->latest == kSecond);
}

TEST_CASE("there is no window while recovery is off") {
  CHECK_FALSE(pitr_window({}, kEnabled));
  CHECK_FALSE(restorable_moment({}, kEnabled, kEnabled));
}

TEST_CASE("what can be restored") {
  struct Case {
    const char* why;
    Timestamp asked, now;
    std::optional<Timestamp> moment;
  };
  const auto c = GENERATE(values<Case>({
      {"the earliest moment as it is shown", kSecond, after_days(1), kEnabled},
      {"before it", kSecond.plus_micros(-1), after_days(1), std::nullopt},
      {"in its second, but before recovery was on", kSecond.plus_micros(1), after_days(1), std::nullopt},
      {"just before it was on", kEnabled.plus_micros(-1), after_days(1), std::nullopt},
      {"when it was switched on", kEnabled, after_days(1), kEnabled},
      {"later", kEnabled.plus_micros(1), after_days(1), kEnabled.plus_micros(1)},
      {"now", after_days(1), after_days(1), after_days(1)},
      {"the future", after_days(1).plus_micros(1), after_days(1), std::nullopt},
      {"when the period begins", after_days(5).floor_second(), after_days(40), after_days(5).floor_second()},
      {"before the period", after_days(5).floor_second().plus_micros(-1), after_days(40), std::nullopt},
  }));
  INFO(c.why);
  CHECK(restorable_moment(enabled_pitr(kEnabled), c.asked, c.now) == c.moment);
}

TEST_CASE("with a lag the last moments cannot be restored yet") {
  const auto lag = std::chrono::minutes(5);
  const Timestamp now = after_days(1);
  const Timestamp last = now.plus_seconds(-300);
  CHECK(restorable_moment(enabled_pitr(kEnabled), last, now, lag) == last);
  CHECK_FALSE(restorable_moment(enabled_pitr(kEnabled), last.plus_micros(1), now, lag));
  // Until the lag is over there is one moment.
  CHECK(restorable_moment(enabled_pitr(kEnabled), kSecond, kEnabled, lag) == kEnabled);
  CHECK(restorable_moment(enabled_pitr(kEnabled), kEnabled, kEnabled.plus_seconds(9), lag) == kEnabled);
  CHECK_FALSE(restorable_moment(enabled_pitr(kEnabled), kEnabled.plus_micros(1), kEnabled.plus_seconds(9), lag));
}

TEST_CASE("a shorter period gives up what is older, a longer one brings nothing back") {
  const Timestamp now = after_days(30);
  const PitrSettings shorter = with_period(enabled_pitr(kEnabled), 2, now);
  CHECK(pitr_window(shorter, now)->begin == after_days(28).floor_second());
  const PitrSettings longer = with_period(shorter, 35, now);
  CHECK(longer.recovery_period_days == 35);
  CHECK(pitr_window(longer, now)->begin == after_days(28).floor_second());
  CHECK(pitr_window(with_period(enabled_pitr(kEnabled), 35, now), now)->begin == kEnabled);
}

}  // namespace
}  // namespace tidemark::model
