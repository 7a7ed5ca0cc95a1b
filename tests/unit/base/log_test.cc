#include "base/log.h"

#include <string>

#include "tests/support/captured_log.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

// What `action` writes to standard error.
template <class Action>
std::string captured(Action action) {
  const CapturedLog log;
  action();
  return log.text();
}

TEST_CASE("a line has its time, level, message and fields") {
  const std::string line = captured([] {
    log::warn("segment sealed", {{"segment", "000001.wal"}, {"records", 42}, {"why", "size limit"}});
  });
  CHECK(line.find(" warning segment sealed segment=000001.wal records=42 why=\"size limit\"\n") !=
        std::string::npos);
  CHECK(line.substr(4, 1) == "-");
  CHECK(line.substr(10, 1) == "T");
}

TEST_CASE("a value cannot forge a line") {
  const std::string text = captured([] { log::error("bad\nrequest", {{"name", "x\nfake line"}}); });
  CHECK(text.find("bad request name=\"x\\nfake line\"\n") != std::string::npos);
  CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("levels below the one set are not written") {
  CHECK(captured([] { log::debug("hidden"); }).empty());
  CHECK_FALSE(captured([] { log::info("shown"); }).empty());
  log::set_level(log::Level::kError);
  CHECK(captured([] { log::warn("hidden"); }).empty());
  log::set_level(log::Level::kOff);
  CHECK(captured([] { log::error("hidden"); }).empty());
  log::set_level(log::Level::kDebug);
  CHECK_FALSE(captured([] { log::debug("shown"); }).empty());
  log::set_level(log::Level::kInfo);
}

TEST_CASE("levels by name") {
  log::Level level = log::Level::kInfo;
  CHECK(log::parse_level("debug", &level));
  CHECK(level == log::Level::kDebug);
  CHECK(log::parse_level("off", &level));
  CHECK(level == log::Level::kOff);
  CHECK_FALSE(log::parse_level("verbose", &level));
  CHECK_FALSE(log::parse_level("", &level));
  CHECK(level == log::Level::kOff);
}

}  // namespace
}  // namespace tidemark
