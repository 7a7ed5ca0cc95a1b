#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/json_writer.h"

namespace tidemark::log {
namespace {

struct LevelName {
  std::string_view name;
  Level level;
  spdlog::level::level_enum spdlog_level;
};
constexpr std::array<LevelName, 5> kLevels = {{
    {"debug", Level::kDebug, spdlog::level::debug},
    {"info", Level::kInfo, spdlog::level::info},
    {"warn", Level::kWarn, spdlog::level::warn},
    {"error", Level::kError, spdlog::level::err},
    {"off", Level::kOff, spdlog::level::off},
}};

spdlog::logger& logger() {
  // Never destroyed: threads may log until the very end of the process.
  static spdlog::logger* const instance = [] {
    auto* created = new spdlog::logger("tidemark", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    created->set_level(spdlog::level::info);
    return created;
  }();
  return *instance;
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' && c != '\x7f';
  });
}

// One event is one line whatever the values hold, so a client cannot forge lines.
void append_text(std::string* line, std::string_view text) {
  if (is_plain(text)) {
    line->append(text);
  } else {
    append_json_string(line, text);
  }
}

void write(spdlog::level::level_enum level, std::string_view message, std::initializer_list<Field> fields) {
  spdlog::logger& target = logger();
  if (!target.should_log(level)) return;
  std::string line(message);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  for (const Field& field : fields) {
    line.push_back(' ');
    line.append(field.name);
    line.push_back('=');
    append_text(&line, field.value);
  }
  target.log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void set_level(Level level) {
  for (const LevelName& entry : kLevels) {
    if (entry.level == level) logger().set_level(entry.spdlog_level);
  }
}

bool parse_level(std::string_view text, Level* level) {
  for (const LevelName& entry : kLevels) {
    if (entry.name == text) {
      *level = entry.level;
      return true;
    }
  }
  return false;
}

void debug(std::string_view message, std::initializer_list<Field> fields) {
  write(spdlog::level::debug, message, fields);
}
void info(std::string_view message, std::initializer_list<Field> fields) {
  write(spdlog::level::info, message, fields);
}
void warn(std::string_view message, std::initializer_list<Field> fields) {
  write(spdlog::level::warn, message, fields);
}
void error(std::string_view message, std::initializer_list<Field> fields) {
  write(spdlog::level::err, message, fields);
}

}  // namespace tidemark::log
