#include "api/expression/projection.h"

#include <algorithm>
#include <map>

#include "api/expression/evaluate.h"
#include "base/json_writer.h"
#include "model/item.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeMap;
using model::AttributeValue;

// The paths as one tree, so that paths with a common beginning come out as one value. A node without branches
// stands for the whole value.
struct Selection {
  std::map<std::string, Selection, std::less<>> members;
  std::map<std::uint64_t, Selection> elements;
  bool whole = false;
};

Selection selection_of(const std::vector<Path>& paths) {
  Selection root;
  for (const Path& path : paths) {
    Selection* node = &root;
    for (const PathStep& step : path.steps) {
      node = step.name() != nullptr ? &node->members[*step.name()] : &node->elements[*step.index()];
    }
    node->whole = true;
  }
  return root;
}

AttributeMap select_members(const Selection& selection, const AttributeMap& map);

// Nothing when no path leads anywhere below `value`.
std::optional<AttributeValue> select(const Selection& selection, const AttributeValue& value) {
  if (selection.whole) return value;
  if (const AttributeMap* map = value.map()) {
    AttributeMap members = select_members(selection, *map);
    if (members.empty()) return std::nullopt;
    return AttributeValue{std::move(members)};
  }
  const model::List* list = value.list();
  if (list == nullptr) return std::nullopt;
  model::List elements;
  for (const auto& [index, below] : selection.elements) {
    if (index >= list->size()) break;
    auto element = select(below, (*list)[index]);
    if (element) elements.push_back(std::move(*element));
  }
  if (elements.empty()) return std::nullopt;
  return AttributeValue{std::move(elements)};
}

AttributeMap select_members(const Selection& selection, const AttributeMap& map) {
  AttributeMap members;
  for (const auto& [name, below] : selection.members) {
    const auto found = map.find(name);
    if (found == map.end()) continue;
    auto member = select(below, found->second);
    if (member) members.emplace_hint(members.end(), name, std::move(*member));
  }
  return members;
}

// As names stand in JSON text, between the quotes; sorted.
std::vector<std::string> raw_names(const Projection& projection) {
  std::vector<std::string> names;
  names.reserve(projection.paths.size());
  for (const Path& path : projection.paths) {
    std::string quoted;
    append_json_string(&quoted, path.top());
    names.push_back(quoted.substr(1, quoted.size() - 2));
  }
  std::ranges::sort(names);
  return names;
}

void append_top_level(std::string* out, const Projection& projection, std::string_view item_text) {
  const std::vector<std::string> names = raw_names(projection);
  std::string_view name;
  std::string_view value;
  char separator = '{';
  for (model::AttributeCursor attributes(item_text); attributes.next(&name, &value);) {
    if (!std::ranges::binary_search(names, name)) continue;
    *out += separator;
    *out += '"';
    *out += name;
    *out += "\":";
    *out += value;
    separator = ',';
  }
  if (separator == '{') *out += separator;
  *out += '}';
}

}  // namespace

Result<void> append_projected(std::string* out, const Projection& projection, std::string_view item_text) {
  if (std::ranges::none_of(projection.paths, &Path::nested)) {
    append_top_level(out, projection, item_text);
    return {};
  }
  ASSIGN_OR_RETURN(const AttributeMap item, extract(item_text, referenced_attributes(projection)));
  model::append_attributes(out, project(projection.paths, item));
  return {};
}

AttributeMap project(const std::vector<Path>& paths, const AttributeMap& item) {
  return select_members(selection_of(paths), item);
}

}  // namespace tidemark::api::expression
