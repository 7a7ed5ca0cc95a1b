// Everything that goes back to what a table was.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/schedule.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"
#include "timetravel/backups.h"
#include "timetravel/restore_jobs.h"
#include "timetravel/rewind_jobs.h"

namespace tidemark::timetravel {

struct TimeTravel {
  // All must outlive it. `workers`: threads of one job.
  TimeTravel(jobs::JobRegistry& registry, storage::Engine& engine, Clock& clock, Random& random,
             Schedule& schedule, int workers)
      : restores(registry, engine, clock, workers),
        backups(engine, restores, clock, random, schedule),
        rewinds(registry, engine) {}

  RestoreJobs restores;
  Backups backups;
  RewindJobs rewinds;
};

}  // namespace tidemark::timetravel
