#include "api/core/layer.h"

#include <string_view>

namespace tidemark::api {
namespace {

// A level of a value is two of JSON, `{"M":{`; the first value stands in the third.
constexpr int kJsonLevelsMax = 3 + 2 * 62 + 1;

bool is_deeper_than(json::Value value, int levels) {
  json::Value inner;
  if (value.is_object()) {
    if (levels == 0) return true;
    std::string_view name;
    for (json::ObjectCursor members = value.members(); members.next(&name, &inner);) {
      if (is_deeper_than(inner, levels - 1)) return true;
    }
  }
  if (value.is_array()) {
    if (levels == 0) return true;
    for (json::ArrayCursor elements = value.elements(); elements.next(&inner);) {
      if (is_deeper_than(inner, levels - 1)) return true;
    }
  }
  return false;
}

}  // namespace

bool nests_too_deep_for_newer_layer(json::Value body) { return is_deeper_than(body, kJsonLevelsMax); }

}  // namespace tidemark::api
