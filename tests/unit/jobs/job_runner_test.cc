#include "jobs/job_runner.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/catch.h"

namespace tidemark::jobs {
namespace {

constexpr JobSlots kOneOfEach{.machine = 1, .paced = 1, .elsewhere = 1};

// Holds a runner's thread until it is let go.
class Blocker {
 public:
  JobRunner::Job job() {
    return [this](const JobStop&) {
      begun_.set_value();
      release_.get_future().wait();
    };
  }
  void begun() { begun_.get_future().wait(); }
  void release() { release_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> release_;
};

TEST_CASE("submitted jobs run; a full queue refuses") {
  std::atomic<std::size_t> ran = 0;
  std::promise<void> last;
  Blocker blocker;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("blocker", blocker.job()));
  blocker.begun();
  for (std::size_t i = 0; i < JobRunner::kQueuedJobsMax; ++i) {
    REQUIRE(runner.submit(std::to_string(i), [&](const JobStop&) {
      if (++ran == JobRunner::kQueuedJobsMax) last.set_value();
    }));
  }
  const auto refused = runner.submit("one too many", [](const JobStop&) {});
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::kConflict);
  blocker.release();
  last.get_future().wait();
  CHECK(ran == JobRunner::kQueuedJobsMax);
}

TEST_CASE("jobs of one lane wait for each other, those of different lanes do not") {
  Blocker paced;
  std::promise<void> behind;
  std::promise<void> machine;
  std::promise<void> elsewhere;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("paced", paced.job(), JobLane::kPaced));
  paced.begun();
  REQUIRE(runner.submit(
      "behind", [&](const JobStop&) { behind.set_value(); }, JobLane::kPaced));
  REQUIRE(runner.submit("machine", [&](const JobStop&) { machine.set_value(); }));
  REQUIRE(runner.submit(
      "elsewhere", [&](const JobStop&) { elsewhere.set_value(); }, JobLane::kElsewhere));
  machine.get_future().wait();
  elsewhere.get_future().wait();
  auto behind_ran = behind.get_future();
  CHECK(behind_ran.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  paced.release();
  behind_ran.wait();
}

TEST_CASE("what waits in one lane does not fill the queue of another") {
  Blocker blocker;
  std::promise<void> ran;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("blocker", blocker.job(), JobLane::kPaced));
  blocker.begun();
  for (std::size_t i = 0; i < JobRunner::kQueuedJobsMax; ++i) {
    REQUIRE(runner.submit(
        std::to_string(i), [](const JobStop&) {}, JobLane::kPaced));
  }
  CHECK_FALSE(runner.submit(
      "one too many", [](const JobStop&) {}, JobLane::kPaced));
  REQUIRE(runner.submit("machine", [&](const JobStop&) { ran.set_value(); }));
  ran.get_future().wait();
  CHECK(runner.cancel("7"));
  blocker.release();
}

TEST_CASE("what a job has parked goes on in its own lane") {
  Blocker blocker;
  std::promise<void> parked;
  std::promise<void> went_on;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("blocker", blocker.job()));
  blocker.begun();
  REQUIRE(runner.submit(
      "parking",
      [&](const JobStop&) {
        runner.park("parking", [&](const JobStop&) { went_on.set_value(); });
        parked.set_value();
      },
      JobLane::kPaced));
  parked.get_future().wait();
  runner.release("parking");
  went_on.get_future().wait();
  blocker.release();
}

TEST_CASE("a job may own what cannot be copied, and lets go of it when it has run") {
  std::promise<std::weak_ptr<int>> seen;
  JobRunner runner(kOneOfEach);
  auto owned = std::make_unique<std::shared_ptr<int>>(std::make_shared<int>(7));
  REQUIRE(runner.submit("mover", [owned = std::move(owned), &seen](const JobStop&) {
    seen.set_value(std::weak_ptr<int>(*owned));
  }));
  const std::weak_ptr<int> left = seen.get_future().get();
  runner.stop();
  CHECK(left.expired());
}

TEST_CASE("a running job that is cancelled learns why") {
  std::promise<void> begun;
  std::promise<JobFailure::Kind> reason;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("victim", [&](const JobStop& stop) {
    begun.set_value();
    std::promise<void> stopped;
    const std::stop_callback callback(stop.token(), [&] { stopped.set_value(); });
    stopped.get_future().wait();
    reason.set_value(stop.failure().kind);
  }));
  begun.get_future().wait();
  CHECK_FALSE(runner.cancel("somebody else"));
  CHECK(runner.cancel("victim"));
  CHECK(reason.get_future().get() == JobFailure::Kind::kCancelled);
}

TEST_CASE("a job that waits is cancelled at once, on the caller's thread") {
  Blocker blocker;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("blocker", blocker.job()));
  blocker.begun();
  std::thread::id ran_on;
  bool was_cancelled = false;
  REQUIRE(runner.submit("victim", [&](const JobStop& stop) {
    ran_on = std::this_thread::get_id();
    was_cancelled = stop.requested() && stop.failure().kind == JobFailure::Kind::kCancelled;
  }));
  CHECK(runner.cancel("victim"));
  CHECK(ran_on == std::this_thread::get_id());
  CHECK(was_cancelled);
  CHECK_FALSE(runner.cancel("victim"));
  blocker.release();
}

TEST_CASE("stopping interrupts what runs and forgets what waits") {
  std::promise<void> begun;
  std::promise<JobFailure::Kind> reason;
  std::atomic<bool> waiting_ran = false;
  JobRunner runner(kOneOfEach);
  REQUIRE(runner.submit("running", [&](const JobStop& stop) {
    begun.set_value();
    while (!stop.requested()) std::this_thread::yield();
    reason.set_value(stop.failure().kind);
  }));
  begun.get_future().wait();
  REQUIRE(runner.submit("waiting", [&](const JobStop&) { waiting_ran = true; }));
  runner.stop();
  CHECK(reason.get_future().get() == JobFailure::Kind::kInterrupted);
  CHECK_FALSE(waiting_ran);
  const auto refused = runner.submit("late", [](const JobStop&) {});
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::kUnavailable);
  runner.stop();
}

TEST_CASE("a job that was cancelled stays cancelled when the process ends") {
  JobStopSource source;
  source.cancel();
  source.interrupt();
  CHECK(source.stop().failure().kind == JobFailure::Kind::kCancelled);
  CHECK_FALSE(JobStop().requested());
}

// A job that parks its rest at once, and what became of that.
struct ParkingJob {
  JobRunner& runner;
  std::string id;
  std::promise<void> parked = {};
  std::promise<bool> ended = {};  // whether its stop was requested

  JobRunner::Job job() {
    return [this](const JobStop&) {
      runner.park(id, [this](const JobStop& stop) { ended.set_value(stop.requested()); });
      parked.set_value();
    };
  }
};

TEST_CASE("what a job has parked waits for its release, and takes no thread meanwhile") {
  JobRunner runner(kOneOfEach);
  ParkingJob first{.runner = runner, .id = "first"};
  ParkingJob second{.runner = runner, .id = "second"};
  REQUIRE(runner.submit("first", first.job()));
  REQUIRE(runner.submit("second", second.job()));
  second.parked.get_future().wait();
  auto first_end = first.ended.get_future();
  CHECK(first_end.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  runner.release("first");
  CHECK_FALSE(first_end.get());
  runner.wait_for("first", {});
  CHECK(second.ended.get_future().wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  runner.release("nobody");
}

TEST_CASE("a release that comes before the job has parked anything is not lost") {
  Blocker blocker;
  JobRunner runner(kOneOfEach);
  ParkingJob parking{.runner = runner, .id = "parking"};
  REQUIRE(runner.submit("blocker", blocker.job()));
  blocker.begun();
  REQUIRE(runner.submit("parking", parking.job()));
  runner.release("parking");
  blocker.release();
  CHECK_FALSE(parking.ended.get_future().get());
}

TEST_CASE("a parked job that is cancelled is called at once, to clean up") {
  JobRunner runner(kOneOfEach);
  ParkingJob parking{.runner = runner, .id = "parking"};
  REQUIRE(runner.submit("parking", parking.job()));
  parking.parked.get_future().wait();
  while (!runner.cancel("parking")) std::this_thread::yield();
  CHECK(parking.ended.get_future().get());
}

TEST_CASE("what is parked at the end of the runner is forgotten") {
  JobRunner runner(kOneOfEach);
  ParkingJob parking{.runner = runner, .id = "parking"};
  REQUIRE(runner.submit("parking", parking.job()));
  parking.parked.get_future().wait();
  runner.stop();
  runner.release("parking");
  CHECK(runner.submit("late", [](const JobStop&) {}).error().code == ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace tidemark::jobs
