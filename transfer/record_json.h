// Small helpers to keep job records as JSON documents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::transfer::record_json {

inline void write(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
  if (value) json.member(name, *value);
}
inline void write(JsonWriter& json, std::string_view name, Timestamp time) { json.member(name, time.micros); }

// Members that are absent leave the default.
inline void read(json::Value object, std::string_view name, std::string* value) {
  if (const auto found = object.find(name); found && found->is_string()) *value = found->string();
}
inline void read(json::Value object, std::string_view name, std::optional<std::string>* value) {
  if (const auto found = object.find(name); found && found->is_string())
    *value = std::string(found->string());
}
inline void read(json::Value object, std::string_view name, bool* value) {
  if (const auto found = object.find(name); found && found->type() == json::Type::kBool)
    *value = found->boolean();
}
template <class Integer>
void read_integer(json::Value object, std::string_view name, Integer* value) {
  if (const auto found = object.find(name); found && found->type() == json::Type::kInteger) {
    *value = static_cast<Integer>(found->integer());
  }
}
inline void read(json::Value object, std::string_view name, Timestamp* time) {
  read_integer(object, name, &time->micros);
}

}  // namespace tidemark::transfer::record_json
