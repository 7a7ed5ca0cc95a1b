// What the jobs of one kind hold of the past, from before they begin until they have ended, over restarts.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "jobs/job_kind.h"
#include "jobs/job_record.h"
#include "storage/holds.h"

namespace tidemark::jobs {

// Each job has one hold, named `<kind>/<arn of the job>`. A kind owns one of these, declares it before its
// JobKind, and releases in the rule `ended`. Thread-safety: as storage::Holds.
class JobHolds {
 public:
  // `holds` must outlive it. `kind`: the name of the JobKind.
  JobHolds(storage::Holds& holds, std::string_view kind) : holds_(holds), prefix_(std::string(kind) + '/') {}

  // Holds what `wanted` says, whose name is filled in. Errors: those of storage::Holds.
  Result<storage::Hold> hold(const std::string& arn, storage::Hold wanted) {
    wanted.who = prefix_ + arn;
    return holds_.hold(std::move(wanted));
  }

  Result<void> release(const std::string& arn) { return holds_.release(prefix_ + arn); }

  // For a job that never began; nothing happens when it holds nothing.
  template <class Record>
  void make_sure_released(JobKind<Record>& kind, const std::string& arn) {
    kind.make_sure([this, arn] { return release(arn); });
  }

  // Releases what jobs held that ended, or never began, as the process did. Call once, when the kind is
  // there.
  template <class Record>
  void release_leftovers(JobKind<Record>& kind) {
    for (const storage::Hold& held : holds_.list()) {
      if (!held.who.starts_with(prefix_)) continue;
      const std::string arn = held.who.substr(prefix_.size());
      const auto record = kind.book().find(arn);
      if (!record || is_ended(record->status)) make_sure_released(kind, arn);
    }
  }

 private:
  storage::Holds& holds_;
  const std::string prefix_;
};

}  // namespace tidemark::jobs
