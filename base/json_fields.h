// Reads the members of a JSON object into the fields of a record: for documents on disk.
//
//   bool is_damaged = false;
//   const JsonFields in(object, &is_damaged);
//   in.read("name", &record.name);
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/json.h"

namespace tidemark {

// A member that is missing leaves the field as it is, for older versions did not write all of them; one with
// the wrong type or an unknown name is noted in `*is_damaged`, which must outlive this.
class JsonFields {
 public:
  JsonFields(json::Value object, bool* is_damaged) : object_(object), is_damaged_(*is_damaged) {}

  void read(std::string_view name, std::string* out) const {
    if (const auto value = find(name, json::Type::kString)) *out = value->string();
  }
  void read(std::string_view name, std::optional<std::string>* out) const {
    if (const auto value = find(name, json::Type::kString)) *out = std::string(value->string());
  }
  void read(std::string_view name, bool* out) const {
    if (const auto value = find(name, json::Type::kBool)) *out = value->boolean();
  }
  void read(std::string_view name, std::int64_t* out) const {
    if (const auto value = find(name, json::Type::kInteger)) *out = value->integer();
  }
  // `Number` is an integer type, or an enumeration over one; the number must fit.
  template <class Number>
  void read_number(std::string_view name, Number* out) const {
    auto wide = static_cast<std::int64_t>(*out);
    read(name, &wide);
    *out = static_cast<Number>(wide);
    if (static_cast<std::int64_t>(*out) != wide) is_damaged_ = true;
  }
  void read(std::string_view name, Timestamp* out) const { read(name, &out->micros); }
  void read(std::string_view name, std::optional<Timestamp>* out) const {
    if (const auto value = find(name, json::Type::kInteger)) *out = Timestamp{value->integer()};
  }
  // `names` in the order of the enumerators.
  template <class Enum, std::size_t kCount>
  void read_enum(std::string_view name, const std::array<std::string_view, kCount>& names, Enum* out) const {
    const auto value = find(name, json::Type::kString);
    if (!value) return;
    const auto* const found = std::find(names.begin(), names.end(), value->string());
    if (found == names.end()) {
      is_damaged_ = true;
    } else {
      *out = static_cast<Enum>(found - names.begin());
    }
  }

  [[nodiscard]] std::optional<JsonFields> object(std::string_view name) const {
    const auto value = find(name, json::Type::kObject);
    if (!value) return std::nullopt;
    return JsonFields(*value, &is_damaged_);
  }
  [[nodiscard]] json::Value value() const { return object_; }
  // Calls `visit` with each element of the array `name`, all of which must be of `type`.
  template <class Visit>
  void for_each(std::string_view name, json::Type type, Visit visit) const {
    const auto array = find(name, json::Type::kArray);
    if (!array) return;
    json::Value element;
    for (json::ArrayCursor cursor = array->elements(); cursor.next(&element);) {
      if (element.type() == type) {
        visit(element);
      } else {
        is_damaged_ = true;
      }
    }
  }
  template <class Visit>
  void for_each_object(std::string_view name, Visit visit) const {
    for_each(name, json::Type::kObject,
             [this, &visit](json::Value element) { visit(JsonFields(element, &is_damaged_)); });
  }

 private:
  [[nodiscard]] std::optional<json::Value> find(std::string_view name, json::Type type) const {
    auto value = object_.find(name);
    if (value && value->type() != type) {
      is_damaged_ = true;
      value.reset();
    }
    return value;
  }

  json::Value object_;
  bool& is_damaged_;
};

}  // namespace tidemark
