// Structured logging: one line an event, with its time, level, message and fields, to standard error. A thin
// face over spdlog.
//
//   log::warn("segment sealed", {{"segment", name}, {"records", count}});
//
// As text: 2026-01-01T00:00:00.123Z warn segment sealed segment=000001.log records=42
// As JSON: {"time":"2026-01-01T00:00:00.123Z","level":"warn","message":"segment sealed",
//           "segment":"000001.log","records":42}                                   (on one line)
//
// No value can end its line or look like another field: as text it is quoted unless it is plain, control
// characters are escaped in both formats, and what is not UTF-8 becomes U+FFFD.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace tidemark::log {

enum class Level { kDebug, kInfo, kWarn, kError, kOff };
enum class Format { kText, kJson };

// Refers to its texts, which must outlive the call that it is passed to.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(std::string_view(text)) {}
  Field(std::string_view field_name, const std::string& text)
      : name(field_name), value(std::string_view(text)) {}
  Field(std::string_view field_name, bool flag) : name(field_name), value(flag) {}
  Field(std::string_view field_name, std::floating_point auto number)
      : name(field_name), value(static_cast<double>(number)) {}
  Field(std::string_view field_name, std::signed_integral auto number)
      : name(field_name), value(static_cast<std::int64_t>(number)) {}
  Field(std::string_view field_name, std::unsigned_integral auto number)
      : name(field_name), value(static_cast<std::uint64_t>(number)) {}

  std::string_view name;
  Value value;
};

namespace internal {
inline std::atomic<Level> least_level{Level::kInfo};
}  // namespace internal

// Whether lines of this level are written: for callers whose fields cost something to make. One comparison.
inline bool enabled(Level level) { return level >= internal::least_level.load(std::memory_order_relaxed); }

// The default level is kInfo. Thread-safety: may be called at any time.
void set_level(Level level);
// The default format is kText. Call before threads start.
void set_format(Format format);
// The names that the command line knows: debug, info, warn, error, off; text, json. False for others, which
// change nothing.
bool parse_level(std::string_view text, Level* level);
bool parse_format(std::string_view text, Format* format);

// Thread-safety: all may be called concurrently.
void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});
// For fields whose number is not known before.
void write(Level level, std::string_view message, std::span<const Field> fields);

}  // namespace tidemark::log
