#include "jobs/job_progress.h"

#include <string>
#include <thread>
#include <vector>

#include "jobs/job_board.h"
#include "tests/support/catch.h"

namespace tidemark::jobs {
namespace {

TEST_CASE("a job without a plan has a phase and nothing else") {
  const JobProgress progress;
  const auto shown = progress.snapshot();
  CHECK(shown.phase == "waiting");
  CHECK(shown.parts.empty());
  CHECK(shown.steps == 0);
}

TEST_CASE("each part has its own state and counts, the job their sums") {
  JobProgress progress;
  progress.enter("digging");
  progress.plan({{"a", 10}, {"b", 30}, {"c", 0}}, Measure::kBytes);
  progress.begin_part(0);
  progress.add(0, {.items = 1, .bytes = 7, .files = 1, .errors = 0}, 10);
  progress.end_part(0);
  progress.begin_part(1);
  progress.add(1, {.items = 2, .bytes = 5, .files = 0, .errors = 1}, 6);
  progress.add(1, {.items = 1, .bytes = 1, .files = 0, .errors = 0}, 4);

  const auto shown = progress.snapshot();
  CHECK(shown.phase == "digging");
  CHECK(shown.measure == Measure::kBytes);
  CHECK(shown.counts == JobCounts{.items = 4, .bytes = 13, .files = 1, .errors = 1});
  CHECK(shown.counts == progress.counts());
  CHECK(shown.steps_done == 20);
  CHECK(shown.steps == 40);
  REQUIRE(shown.parts.size() == 3);
  CHECK(shown.parts[0].state == PartState::kDone);
  CHECK(shown.parts[1].state == PartState::kRunning);
  CHECK(shown.parts[2].state == PartState::kWaiting);
  CHECK(shown.parts[1].name == "b");
  CHECK(shown.parts[1].counts == JobCounts{.items = 3, .bytes = 6, .files = 0, .errors = 1});
  CHECK(shown.parts[1].steps_done == 10);
  CHECK(shown.parts[1].steps == 30);
}

TEST_CASE("fifty thousand parts share a few counters, and none is lost") {
  JobProgress progress;
  std::vector<PlannedPart> parts;
  constexpr std::size_t kParts = 50'000;
  for (std::size_t i = 0; i < kParts; ++i) parts.push_back({std::to_string(i), 2});
  progress.plan(std::move(parts), Measure::kBytes);
  CHECK(progress.snapshot().parts.size() <= JobProgress::kPartsMax);
  CHECK(progress.snapshot().parts[0].name == "0 … 781");
  CHECK(progress.snapshot().steps == 2 * kParts);

  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&progress, first] {
      for (std::size_t i = first; i < kParts; i += 4) {
        progress.begin_part(i);
        progress.add(i, {.items = 1, .bytes = 3, .files = 1, .errors = 0}, 2);
        progress.end_part(i);
      }
    });
  }
  // Somebody looks meanwhile.
  while (progress.snapshot().counts.items < kParts) std::this_thread::yield();
  for (auto& thread : threads) thread.join();
  const auto shown = progress.snapshot();
  CHECK(shown.counts == JobCounts{.items = kParts, .bytes = 3 * kParts, .files = kParts, .errors = 0});
  CHECK(shown.steps_done == 2 * kParts);
  for (const auto& part : shown.parts) CHECK(part.state == PartState::kDone);
}

TEST_CASE("a shared part is done when all of it is done") {
  JobProgress progress;
  std::vector<PlannedPart> parts(2 * JobProgress::kPartsMax);
  progress.plan(std::move(parts), Measure::kItems);
  progress.begin_part(0);
  progress.end_part(0);
  CHECK(progress.snapshot().parts[0].state == PartState::kRunning);
  progress.begin_part(1);
  progress.end_part(1);
  CHECK(progress.snapshot().parts[0].state == PartState::kDone);
}

TEST_CASE("no parts at all") {
  JobProgress progress;
  progress.plan({}, Measure::kItems);
  CHECK(progress.snapshot().parts.empty());
  CHECK(progress.snapshot().steps == 0);
}

TEST_CASE("the board keeps running jobs and the last ones that ended") {
  JobBoard board;
  board.begin("running");
  for (std::size_t i = 0; i <= JobBoard::kEndedMax; ++i) {
    const std::string id = std::to_string(i);
    board.begin(id)->enter("done");
    board.end(id);
  }
  CHECK(board.find("running") != nullptr);
  CHECK(board.find("0") == nullptr);
  REQUIRE(board.find("1") != nullptr);
  CHECK(board.find("1")->snapshot().phase == "done");
  board.remove("running");
  CHECK(board.find("running") == nullptr);
}

TEST_CASE("a job that begins again starts from nothing and does not age as ended") {
  JobBoard board;
  board.begin("again")->enter("done");
  board.end("again");
  board.begin("again");
  for (std::size_t i = 0; i <= JobBoard::kEndedMax; ++i) {
    board.begin(std::to_string(i));
    board.end(std::to_string(i));
  }
  REQUIRE(board.find("again") != nullptr);
  CHECK(board.find("again")->snapshot().phase == "waiting");
}

}  // namespace
}  // namespace tidemark::jobs
