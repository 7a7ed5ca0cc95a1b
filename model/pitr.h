// The one rule of point-in-time recovery: which moments of a table can be read.
//
// Recovery is on from `enabled_at`, and reaches back as many days as the period says. What a shorter period,
// or switching it off, has given up does not come back.
// Source: DynamoDB developer guide, "Point-in-time recovery"; EarliestRestorableDateTime and
// LatestRestorableDateTime as recorded from the service.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "model/table_schema.h"

namespace tidemark::model {

inline constexpr int kPitrPeriodDaysMax = 35;  // and the default

struct PitrWindow {
  // The first moment that can be read, inside a second where recovery was enabled, and the last, which is
  // behind by the lag, but never before the first.
  Timestamp begin;
  Timestamp end;
  // As the service shows the window: whole seconds, that stand for `begin` and `end`.
  Timestamp earliest;
  Timestamp latest;
};

// How far restores stay behind; exports do not. The service's lag is five minutes.
using PitrLag = std::chrono::microseconds;

// Nothing while recovery is off.
std::optional<PitrWindow> pitr_window(const PitrSettings& settings, Timestamp now, PitrLag lag = {});

// The moment to read for one that a client asked for; nothing when it is before or after the window.
std::optional<Timestamp> restorable_moment(const PitrSettings& settings, Timestamp asked, Timestamp now,
                                           PitrLag lag = {});

PitrSettings enabled_pitr(Timestamp now, int period_days = kPitrPeriodDaysMax);
// Needs recovery to be on.
PitrSettings with_period(PitrSettings settings, int period_days, Timestamp now);

}  // namespace tidemark::model
