#include "jobs/job_progress.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::jobs {
namespace {

// Counters are looked at, nothing is decided by them: no order between them is needed.
constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

std::string_view part_state_name(PartState state) {
  switch (state) {
    case PartState::kWaiting:
      return "WAITING";
    case PartState::kRunning:
      return "RUNNING";
    case PartState::kDone:
      return "DONE";
  }
  return "DONE";
}

std::string_view measure_name(Measure measure) { return measure == Measure::kItems ? "items" : "bytes"; }

void JobProgress::tell_to_fail(ToldFailure failure) { told_ = std::move(failure); }

std::optional<std::string> JobProgress::failure_before_file() {
  if (!told_ || files_begun_.fetch_add(1, kRelaxed) < told_->after_files) return std::nullopt;
  return told_->code;
}

std::optional<std::string> JobProgress::failure_after_files() const {
  if (!told_) return std::nullopt;
  return told_->code;
}

void JobProgress::plan(std::vector<PlannedPart> parts, Measure measure) {
  const std::lock_guard lock(plan_mutex_);
  INVARIANT(parts_ == nullptr);
  measure_ = measure;
  share_ = std::max<std::size_t>(1, (parts.size() + kPartsMax - 1) / kPartsMax);
  part_count_ = (parts.size() + share_ - 1) / share_;
  parts_ = std::make_unique<Part[]>(part_count_);
  for (std::size_t i = 0; i < part_count_; ++i) {
    Part& part = parts_[i];
    const std::size_t first = i * share_;
    const std::size_t last = std::min(first + share_, parts.size()) - 1;
    part.planned = last - first + 1;
    part.name = std::move(parts[first].name);
    if (last > first) part.name += " … " + parts[last].name;
    for (std::size_t at = first; at <= last; ++at) part.steps += parts[at].steps;
  }
}

void JobProgress::begin_part(std::size_t position) { part_of(position).begun.fetch_add(1, kRelaxed); }

void JobProgress::add(std::size_t position, const JobCounts& counts, std::uint64_t steps) {
  Part& part = part_of(position);
  part.items.fetch_add(counts.items, kRelaxed);
  part.bytes.fetch_add(counts.bytes, kRelaxed);
  part.files.fetch_add(counts.files, kRelaxed);
  part.errors.fetch_add(counts.errors, kRelaxed);
  part.steps_done.fetch_add(steps, kRelaxed);
}

void JobProgress::end_part(std::size_t position) { part_of(position).ended.fetch_add(1, kRelaxed); }

JobCounts JobProgress::Part::counts() const {
  return {.items = items.load(kRelaxed),
          .bytes = bytes.load(kRelaxed),
          .files = files.load(kRelaxed),
          .errors = errors.load(kRelaxed)};
}

PartProgress JobProgress::Part::snapshot() const {
  PartProgress out;
  out.name = name;
  out.counts = counts();
  out.steps = steps;
  out.steps_done = steps_done.load(kRelaxed);
  if (begun.load(kRelaxed) > 0) out.state = PartState::kRunning;
  if (ended.load(kRelaxed) == planned) out.state = PartState::kDone;
  return out;
}

ProgressSnapshot JobProgress::snapshot() const {
  ProgressSnapshot out;
  out.phase = phase_.load(kRelaxed);
  const std::lock_guard lock(plan_mutex_);
  out.measure = measure_;
  for (std::size_t i = 0; i < part_count_; ++i) {
    out.parts.push_back(parts_[i].snapshot());
    const PartProgress& part = out.parts.back();
    out.counts += part.counts;
    out.steps_done += part.steps_done;
    out.steps += part.steps;
  }
  return out;
}

JobCounts JobProgress::counts() const { return snapshot().counts; }

}  // namespace tidemark::jobs
