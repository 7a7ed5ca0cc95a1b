#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace tidemark::log {
namespace {

struct LevelName {
  std::string_view name;
  Level level;
  spdlog::level::level_enum spdlog_level;
};
// In the order of Level.
constexpr std::array<LevelName, 5> kLevels = {{
    {"debug", Level::kDebug, spdlog::level::debug},
    {"info", Level::kInfo, spdlog::level::info},
    {"warn", Level::kWarn, spdlog::level::warn},
    {"error", Level::kError, spdlog::level::err},
    {"off", Level::kOff, spdlog::level::off},
}};
const LevelName& traits_of(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";

std::atomic<Format> chosen_format{Format::kText};

spdlog::logger& logger() {
  // Never destroyed: threads may log until the very end of the process.
  static spdlog::logger* const instance = [] {
    auto* created = new spdlog::logger("tidemark", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
    created->set_level(spdlog::level::trace);  // enabled() decides
    return created;
  }();
  return *instance;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

// What JSON allows and terminals obey, or editors take for the end of a line: DEL, the second set of control
// characters (U+0080 to U+009F), U+2028 and U+2029.
bool is_late_control(std::string_view character) {
  return character == "\x7f" || character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9" ||
         (character.size() == 2 && character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0);
}

// Whatever is not text becomes U+FFFD.
std::string as_text(std::string_view bytes) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const std::string_view character = bytes.substr(0, std::max<std::size_t>(length, 1));
    text.append(length == 0 || is_late_control(character) ? kReplacement : character);
    bytes.remove_prefix(character.size());
  }
  return text;
}

void append_quoted(std::string* line, std::string_view text) {
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return c > 0 && c < '\x7f'; });
  if (is_ascii) {
    append_json_string(line, text);
  } else {
    append_json_string(line, as_text(text));
  }
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
  });
}

void append_value(std::string* line, const Field::Value& value, Format format) {
  const auto append = [&](const auto& held) {
    using T = std::decay_t<decltype(held)>;
    JsonWriter json(line);
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (format == Format::kText && is_plain(held)) {
        line->append(held);
      } else {
        append_quoted(line, held);
      }
    } else if constexpr (std::is_same_v<T, bool>) {
      json.boolean(held);
    } else if constexpr (std::is_same_v<T, double>) {
      json.decimal(held);
    } else {
      line->append(std::to_string(held));
    }
  };
  std::visit(append, value);
}

// Messages are ours, but some name a file or repeat what the system said.
std::string one_line(std::string_view message) {
  std::string line(message);
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

// What stands behind the time, in the two formats.
std::string text_line(Level level, std::string_view message, std::span<const Field> fields) {
  std::string line(traits_of(level).name);
  line += ' ';
  line += one_line(message);
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_value(&line, field.value, Format::kText);
  }
  return line;
}

std::string json_line(Level level, std::string_view message, std::span<const Field> fields) {
  std::string line = R"("level":")";
  line += traits_of(level).name;
  line += R"(","message":)";
  append_quoted(&line, one_line(message));
  for (const Field& field : fields) {
    line += ",\"";
    line += field.name;
    line += "\":";
    append_value(&line, field.value, Format::kJson);
  }
  return line;
}

}  // namespace

void set_level(Level level) { internal::least_level.store(level, std::memory_order_relaxed); }

void set_format(Format format) {
  chosen_format.store(format, std::memory_order_relaxed);
  logger().set_pattern(format == Format::kJson ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc);
}

bool parse_level(std::string_view text, Level* level) {
  const auto* const found = std::find_if(kLevels.begin(), kLevels.end(),
                                         [&](const LevelName& entry) { return entry.name == text; });
  if (found == kLevels.end()) return false;
  *level = found->level;
  return true;
}

bool parse_format(std::string_view text, Format* format) {
  if (text != "text" && text != "json") return false;
  *format = text == "json" ? Format::kJson : Format::kText;
  return true;
}

void write(Level level, std::string_view message, std::span<const Field> fields) {
  if (level == Level::kOff || !enabled(level)) return;
  const std::string line = chosen_format.load(std::memory_order_relaxed) == Format::kJson
                               ? json_line(level, message, fields)
                               : text_line(level, message, fields);
  logger().log(traits_of(level).spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

void debug(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::kDebug, message, {fields.begin(), fields.size()});
}
void info(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::kInfo, message, {fields.begin(), fields.size()});
}
void warn(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::kWarn, message, {fields.begin(), fields.size()});
}
void error(std::string_view message, std::initializer_list<Field> fields) {
  write(Level::kError, message, {fields.begin(), fields.size()});
}

}  // namespace tidemark::log
