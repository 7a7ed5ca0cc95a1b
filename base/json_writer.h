// Writes compact JSON into a string that the caller owns. No tree, no allocation of its own.
//
//   JsonWriter json(&out);
//   json.begin_object();
//   json.key("TableName"); json.string(name);
//   json.end_object();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark {

// Whether append_json_string() writes more than the quotes around `text`.
bool needs_json_escape(std::string_view text);
// Appends `text` with the quotes and the escapes that JSON requires and no others (UTF-8 stays as it is).
void append_json_string(std::string* out, std::string_view text);
// Appends epoch seconds with up to three digits of fraction: `1767225600.123`, `1767225600`.
void append_epoch_seconds(std::string* out, Timestamp time);

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  void string(std::string_view value);
  void number(std::int64_t value);
  // Shortest form that reads back the same; whole values keep one digit of fraction (`1.0`).
  void decimal(double value);
  void boolean(bool value);
  void null();
  // Epoch seconds, milliseconds precision.
  void time(Timestamp value);
  // JSON text as it is: the caller vouches for it.
  void raw(std::string_view json);

  // key() and value in one call.
  void member(std::string_view name, std::string_view value) { key(name), string(value); }
  void member(std::string_view name, const char* value) { key(name), string(value); }
  void member(std::string_view name, std::int64_t value) { key(name), number(value); }
  void member(std::string_view name, bool value) { key(name), boolean(value); }
  void member(std::string_view name, Timestamp value) { key(name), time(value); }

 private:
  void separate();

  std::string* out_;
  bool comma_needed_ = false;
};

}  // namespace tidemark
