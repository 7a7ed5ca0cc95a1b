#include "model/pitr.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::model {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

// A moment of the window may be read as the start of its second, so the period reaches back to one.
Timestamp begin_of(const PitrSettings& settings, Timestamp now) {
  const Timestamp period_begin = now.plus_seconds(-kSecondsPerDay * settings.recovery_period_days);
  return std::max(settings.enabled_at, period_begin.floor_second());
}

}  // namespace

std::optional<PitrWindow> pitr_window(const PitrSettings& settings, Timestamp now, PitrLag lag) {
  if (!settings.enabled) return std::nullopt;
  PitrWindow window;
  window.begin = begin_of(settings, now);
  window.end = std::max(window.begin, now.plus(-lag));
  window.earliest = window.begin.floor_second();
  window.latest = window.end.floor_second();
  return window;
}

std::optional<Timestamp> restorable_moment(const PitrSettings& settings, Timestamp asked, Timestamp now,
                                           PitrLag lag) {
  const auto window = pitr_window(settings, now, lag);
  if (!window || asked > window->end) return std::nullopt;
  if (asked == window->earliest) return window->begin;
  // The rest of the first second is before recovery was on: the table was perhaps another one then.
  if (asked < window->begin) return std::nullopt;
  return asked;
}

PitrSettings enabled_pitr(Timestamp now, int period_days) {
  return {.enabled = true, .enabled_at = now, .recovery_period_days = period_days};
}

PitrSettings with_period(PitrSettings settings, int period_days, Timestamp now) {
  INVARIANT(settings.enabled);
  settings.enabled_at = begin_of(settings, now);
  settings.recovery_period_days = period_days;
  return settings;
}

}  // namespace tidemark::model
