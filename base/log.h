// Structured logging: level, message, key=value pairs, to standard error. A thin face over spdlog.
//
//   log::warn("segment sealed", {{"segment", name}, {"records", count}});
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tidemark::log {

enum class Level { kDebug, kInfo, kWarn, kError, kOff };

struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  template <class T>
    requires std::integral<T> || std::floating_point<T>
  Field(std::string_view field_name, T number) : name(field_name), value(std::to_string(number)) {}

  std::string_view name;
  std::string value;
};

// Call once, before threads start. The default level is kInfo.
void set_level(Level level);
// Errors of the command line come before any logging, hence an optional.
bool parse_level(std::string_view text, Level* level);

void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});

}  // namespace tidemark::log
