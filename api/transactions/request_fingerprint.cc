#include "api/transactions/request_fingerprint.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"

namespace tidemark::api {
namespace {

// Every value begins with a letter for its type, and says how long it is: different values have different
// texts.
void append_text(std::string* out, std::string_view text) {
  out->append(1, 's').append(std::to_string(text.size())).append(1, ':').append(text);
}

void append(std::string* out, json::Value value);

void append_object(std::string* out, json::Value object) {
  std::vector<std::pair<std::string_view, json::Value>> members;
  std::pair<std::string_view, json::Value> member;
  for (json::ObjectCursor cursor = object.members(); cursor.next(&member.first, &member.second);) {
    if (!member.second.is_null()) members.push_back(member);
  }
  std::ranges::stable_sort(members, {}, [](const auto& entry) { return entry.first; });
  out->push_back('{');
  for (std::size_t i = 0; i < members.size(); ++i) {
    // The last of several members with one name counts.
    if (i + 1 < members.size() && members[i + 1].first == members[i].first) continue;
    append_text(out, members[i].first);
    append(out, members[i].second);
  }
  out->push_back('}');
}

void append_array(std::string* out, json::Value array) {
  out->push_back('[');
  json::Value element;
  for (json::ArrayCursor cursor = array.elements(); cursor.next(&element);) append(out, element);
  out->push_back(']');
}

void append(std::string* out, json::Value value) {
  switch (value.type()) {
    case json::Type::kNull:
      return out->push_back('n');
    case json::Type::kBool:
      return out->push_back(value.boolean() ? 't' : 'f');
    case json::Type::kInteger:
      out->append(1, 'i').append(std::to_string(value.integer())).append(1, ';');
      return;
    case json::Type::kDecimal:
      out->append(1, 'd').append(std::to_string(value.decimal())).append(1, ';');
      return;
    case json::Type::kString:
      return append_text(out, value.string());
    case json::Type::kArray:
      return append_array(out, value);
    case json::Type::kObject:
      return append_object(out, value);
  }
}

}  // namespace

std::string fingerprint_of(json::Value parameters) {
  constexpr std::size_t kBytes = 16;
  std::string text;
  append(&text, parameters);
  return digest_of(DigestAlgorithm::kSha256, text).substr(0, kBytes);
}

}  // namespace tidemark::api
