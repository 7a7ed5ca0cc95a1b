// How far a running job is: in all, and in each part that its threads work on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job_record.h"

namespace tidemark::jobs {

enum class PartState { kWaiting, kRunning, kDone };
std::string_view part_state_name(PartState state);  // `RUNNING`

// A part as it is planned: a partition to be exported, an object to be imported.
struct PlannedPart {
  std::string name;
  std::uint64_t steps = 0;  // what there is to do, in the measure of the plan; 0: nobody knows
};

// In what `steps` count.
enum class Measure { kItems, kBytes };
std::string_view measure_name(Measure measure);  // `items`

struct PartProgress {
  std::string name;  // of several parts shown as one: `<first> … <last>`
  PartState state = PartState::kWaiting;
  JobCounts counts;
  std::uint64_t steps_done = 0;
  std::uint64_t steps = 0;
};

struct ProgressSnapshot {
  std::string phase;
  Measure measure = Measure::kItems;
  JobCounts counts;  // of all parts together
  std::uint64_t steps_done = 0;
  std::uint64_t steps = 0;
  std::vector<PartProgress> parts;
};

// What somebody wants a job to fail with, so that the failure can be seen: see docs/jobs.md.
struct ToldFailure {
  std::string code;  // `S3AccessDenied`
  std::uint64_t after_files = 0;
};

// Thread-safety: all methods may be called concurrently, but plan() must be called before, and once. Cheap to
// update, yet meant to be told of batches, not of items.
class JobProgress {
 public:
  // More parts than this share counters, neighbours together, so that a job of fifty thousand objects costs
  // no more memory than one of sixty-four.
  static constexpr std::size_t kPartsMax = 64;

  // To be called before the job begins, and once.
  void tell_to_fail(ToldFailure failure);
  // A job that knows failures asks before each of its files, and once behind the last: the code with which it
  // has to fail now.
  [[nodiscard]] std::optional<std::string> failure_before_file();
  [[nodiscard]] std::optional<std::string> failure_after_files() const;

  // Positions in the calls below are those of the plan.
  void plan(std::vector<PlannedPart> parts, Measure measure);
  // What the job is about as a whole, in a word: `waiting`, `listing`, `sorting`. Must be a literal.
  void enter(const char* phase) { phase_.store(phase, std::memory_order_relaxed); }

  void begin_part(std::size_t position);
  void add(std::size_t position, const JobCounts& counts, std::uint64_t steps);
  void end_part(std::size_t position);

  [[nodiscard]] ProgressSnapshot snapshot() const;
  // The counts of all parts together.
  [[nodiscard]] JobCounts counts() const;

 private:
  struct Part {
    std::string name;
    std::uint64_t steps = 0;
    std::uint64_t planned = 0;  // how many of the plan's parts this is
    std::atomic<std::uint64_t> begun = 0;
    std::atomic<std::uint64_t> ended = 0;
    std::atomic<std::uint64_t> items = 0;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::uint64_t> files = 0;
    std::atomic<std::uint64_t> errors = 0;
    std::atomic<std::uint64_t> steps_done = 0;

    [[nodiscard]] JobCounts counts() const;
    [[nodiscard]] PartProgress snapshot() const;
  };

  Part& part_of(std::size_t position) { return parts_[position / share_]; }

  std::optional<ToldFailure> told_;
  std::atomic<std::uint64_t> files_begun_ = 0;  // while told_
  std::atomic<const char*> phase_ = "waiting";
  mutable std::mutex plan_mutex_;  // held by readers, who may look before there is a plan
  std::size_t share_ = 1;          // planned parts to one of parts_; fixed by plan(), as are the next three
  std::size_t part_count_ = 0;
  std::unique_ptr<Part[]> parts_;
  Measure measure_ = Measure::kItems;
};

}  // namespace tidemark::jobs
