#include "base/log.h"

#include <cstdint>
#include <limits>
#include <string>

#include "base/json.h"
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

// A line without its time, which must be there.
std::string behind_time(const std::string& line) {
  constexpr std::string_view kTime = "2026-01-01T00:00:00.123Z";
  REQUIRE(line.size() > kTime.size());
  for (std::size_t i = 0; i < kTime.size(); ++i) {
    const bool is_digit = line[i] >= '0' && line[i] <= '9';
    CHECK((kTime[i] >= '0' && kTime[i] <= '9' ? is_digit : line[i] == kTime[i]));
  }
  return line.substr(kTime.size());
}

// For one test: what has been set goes back to the default.
struct Defaults {
  ~Defaults() {
    log::set_level(log::Level::kInfo);
    log::set_format(log::Format::kText);
  }
};

TEST_CASE("a line has its time, level, message and fields") {
  const std::string line = captured([] {
    log::warn("segment sealed", {{"segment", "000001.wal"},
                                 {"records", 42},
                                 {"largest", std::numeric_limits<std::uint64_t>::max()},
                                 {"change", -1},
                                 {"ms", 0.25},
                                 {"synced", true},
                                 {"why", "size limit"}});
  });
  CHECK(behind_time(line) ==
        " warn segment sealed segment=000001.wal records=42 largest=18446744073709551615 change=-1 ms=0.25 "
        "synced=true why=\"size limit\"\n");
}

TEST_CASE("as JSON a line is one object, and numbers stay numbers") {
  const Defaults defaults;
  log::set_format(log::Format::kJson);
  const std::string line = captured([] {
    log::error("cannot \"read\"", {{"file", "a b"}, {"records", 42}, {"ms", 0.25}, {"synced", false}});
  });
  CHECK(line.starts_with("{\"time\":\""));
  CHECK(behind_time(line.substr(9)) ==
        R"(","level":"error","message":"cannot \"read\"","file":"a b","records":42,"ms":0.25,"synced":false})"
        "\n");
}

TEST_CASE("a value can neither forge a line nor another field") {
  struct Case {
    const char* why;
    std::string value;
    std::string as_text;
    std::string as_json;
  };
  const auto c = GENERATE(values<Case>({
      {"plain", "a/b-1", "a/b-1", R"("a/b-1")"},
      {"empty", "", R"("")", R"("")"},
      {"a line break", "x\nfake", R"("x\nfake")", R"("x\nfake")"},
      {"a field", "x level=error", R"("x level=error")", R"("x level=error")"},
      {"a quote", "a\"b", R"("a\"b")", R"("a\"b")"},
      {"an escape of terminals", "\x1b[2J", R"("\u001b[2J")", R"("\u001b[2J")"},
      {"letters beyond ASCII", "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"", "\"gr\xc3\xbc\xc3\x9f\""},
      {"no UTF-8", "a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
      {"a later control character", "\xc2\x9b[2J", "\"\xef\xbf\xbd[2J\"", "\"\xef\xbf\xbd[2J\""},
      {"a line separator of Unicode",
       "a\xe2\x80\xa8"
       "b",
       "\"a\xef\xbf\xbd"
       "b\"",
       "\"a\xef\xbf\xbd"
       "b\""},
      {"DEL", "\x7f", "\"\xef\xbf\xbd\"", "\"\xef\xbf\xbd\""},
  }));
  INFO(c.why);
  const Defaults defaults;
  const auto write = [&] { log::error("bad\nrequest", {{"name", c.value}}); };
  CHECK(behind_time(captured(write)) == " error bad request name=" + c.as_text + "\n");
  log::set_format(log::Format::kJson);
  const std::string line = captured(write);
  CHECK(line.ends_with(R"("level":"error","message":"bad request","name":)" + c.as_json + "}\n"));
  CHECK(json::Document().parse(line).has_value());
}

TEST_CASE("levels below the one set are not written") {
  const Defaults defaults;
  CHECK(captured([] { log::debug("hidden"); }).empty());
  CHECK_FALSE(captured([] { log::info("shown"); }).empty());
  CHECK_FALSE(log::enabled(log::Level::kDebug));
  CHECK(log::enabled(log::Level::kInfo));
  log::set_level(log::Level::kError);
  CHECK(captured([] { log::warn("hidden"); }).empty());
  CHECK_FALSE(log::enabled(log::Level::kWarn));
  log::set_level(log::Level::kOff);
  CHECK(captured([] { log::error("hidden"); }).empty());
  CHECK(captured([] { log::write(log::Level::kOff, "no level of a line", {}); }).empty());
  log::set_level(log::Level::kDebug);
  CHECK_FALSE(captured([] { log::debug("shown"); }).empty());
}

TEST_CASE("levels and formats by name") {
  log::Level level = log::Level::kInfo;
  CHECK(log::parse_level("debug", &level));
  CHECK(level == log::Level::kDebug);
  CHECK(log::parse_level("off", &level));
  CHECK(level == log::Level::kOff);
  CHECK_FALSE(log::parse_level("verbose", &level));
  CHECK_FALSE(log::parse_level("", &level));
  CHECK(level == log::Level::kOff);

  log::Format format = log::Format::kText;
  CHECK(log::parse_format("json", &format));
  CHECK(format == log::Format::kJson);
  CHECK_FALSE(log::parse_format("xml", &format));
  CHECK(format == log::Format::kJson);
  CHECK(log::parse_format("text", &format));
  CHECK(format == log::Format::kText);
}

}  // namespace
}  // namespace tidemark
