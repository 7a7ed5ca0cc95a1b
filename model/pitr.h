// The one rule of point-in-time recovery: which moments of a table can be read.
//
// Recovery is on from `enabled_at`, and reaches back as many days as the period says. What a shorter period,
// or switching it off, has given up does not come back.
// Source: DynamoDB developer guide, "Point-in-time recovery"; EarliestRestorableDateTime and
// LatestRestorableDateTime as recorded from the service.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "model/table_schema.h"

namespace tidemark::model {

inline constexpr int kPitrPeriodDaysMax = 35;  // and the default
// How far the latest restorable moment is behind.
inline constexpr std::int64_t kPitrLagSeconds = 300;

struct PitrWindow {
  Timestamp begin;  // the first moment that can be read: inside a second where recovery was enabled
  // As the service shows the window: whole seconds. `earliest` stands for `begin`; `latest` is never before
  // it, so that both are equal in the first minutes.
  Timestamp earliest;
  Timestamp latest;
};

// Nothing while recovery is off.
std::optional<PitrWindow> pitr_window(const PitrSettings& settings, Timestamp now,
                                      std::int64_t lag_seconds = kPitrLagSeconds);

// The moment to read for one that a client asked for; nothing when it is before the window or after `now`.
std::optional<Timestamp> restorable_moment(const PitrSettings& settings, Timestamp asked, Timestamp now);

PitrSettings enabled_pitr(Timestamp now, int period_days = kPitrPeriodDaysMax);
// Needs recovery to be on.
PitrSettings with_period(PitrSettings settings, int period_days, Timestamp now);

}  // namespace tidemark::model
