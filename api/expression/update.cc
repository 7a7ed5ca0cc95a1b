#include "api/expression/update.h"

#include <algorithm>
#include <deque>

#include "api/expression/projection.h"
#include "api/expression/update_values.h"
#include "model/item_size.h"
#include "model/value_error.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeMap;
using model::AttributeValue;

ApiError invalid_path() {
  return validation("The document path provided in the update expression is invalid for update");
}

// The map or list that holds the last step of a path. One of the two is set.
struct Parent {
  AttributeMap* map = nullptr;
  model::List* list = nullptr;
};

ApiResult<Parent> parent_of(const Path& path, AttributeMap* item) {
  Parent parent{item, nullptr};
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const std::string* name = path.steps[i].name();
    if ((name != nullptr ? parent.map == nullptr : parent.list == nullptr)) return fail(invalid_path());
    if (i + 1 == path.steps.size()) break;
    AttributeValue* value = nullptr;
    if (name != nullptr) {
      const auto member = parent.map->find(*name);
      if (member != parent.map->end()) value = &member->second;
    } else if (*path.steps[i].index() < parent.list->size()) {
      value = &(*parent.list)[*path.steps[i].index()];
    }
    if (value == nullptr) return fail(invalid_path());
    parent = {value->map(), value->list()};
  }
  return parent;
}

// What happens to the length of one list. All paths of an update count elements as the old item had them, so
// elements come and go only after every action has been applied.
struct ListChange {
  Path path;  // of the list, in the old item
  model::List* list = nullptr;
  std::vector<std::pair<std::uint64_t, AttributeValue>> appended;  // index in the text, value
  std::vector<std::uint64_t> removed;

  // Changes the list, which must not have moved since; new_index() works from then on, wherever the list
  // goes.
  void apply() {
    std::ranges::sort(removed);
    std::ranges::stable_sort(appended, {}, [](const auto& entry) { return entry.first; });
    close_gaps();
    for (auto& entry : appended) list->push_back(std::move(entry.second));
  }

  // Moves each element that stays once, whatever the number of those that go.
  void close_gaps() {
    if (removed.empty()) return;
    auto gone = removed.begin();
    std::size_t kept = *gone;
    for (std::size_t i = kept; i < list->size(); ++i) {
      if (gone != removed.end() && *gone == i) {
        ++gone;
      } else {
        (*list)[kept++] = std::move((*list)[i]);
      }
    }
    list->resize(kept);
  }

  // Where an element of the old list stands afterwards.
  [[nodiscard]] std::uint64_t new_index(std::uint64_t index) const {
    const auto gone = std::ranges::lower_bound(removed, index) - removed.begin();
    return index - static_cast<std::uint64_t>(gone);
  }
};

class Updater {
 public:
  Updater(const Update& update, const AttributeMap& old_item, bool exists)
      : update_(update), old_item_(old_item), exists_(exists) {}

  ApiResult<UpdateResult> run();

 private:
  ApiResult<void> evaluate_right_hand_sides();
  ApiResult<void> apply_action(const UpdateAction& action, AttributeValue set_value);
  ApiResult<void> write(const Path& target, Parent parent, AttributeValue value);
  void remove(const Path& target, Parent parent);
  ListChange& change_of(const Path& target, model::List* list);
  void apply_list_changes();
  [[nodiscard]] Path path_afterwards(const Path& path) const;

  const Update& update_;
  const AttributeMap& old_item_;
  const bool exists_;
  AttributeMap item_;
  WrittenSize written_size_;
  std::deque<AttributeValue> set_values_;  // of the SET actions, in their order
  std::vector<Path> written_;              // as in the text
  std::deque<ListChange> list_changes_;
};

ApiResult<void> Updater::evaluate_right_hand_sides() {
  for (const UpdateAction& action : update_.actions) {
    if (action.kind != UpdateActionKind::kSet) continue;
    ASSIGN_OR_RETURN(AttributeValue value, evaluate_set(action.operand, old_item_));
    RETURN_IF_ERROR(written_size_.add(value));
    set_values_.push_back(std::move(value));
  }
  return {};
}

// The existing value at the end of a path.
AttributeValue* existing_in(const Parent& parent, const PathStep& last) {
  if (parent.map != nullptr) {
    const auto member = parent.map->find(*last.name());
    return member == parent.map->end() ? nullptr : &member->second;
  }
  return *last.index() < parent.list->size() ? &(*parent.list)[*last.index()] : nullptr;
}

ApiResult<void> Updater::apply_action(const UpdateAction& action, AttributeValue set_value) {
  const auto found = parent_of(action.target, &item_);
  if (!found) {
    // Anything may be removed from an item that is not there.
    if (!exists_ && action.kind == UpdateActionKind::kRemove) return {};
    return fail(found.error());
  }
  const Parent parent = *found;
  const AttributeValue* existing = existing_in(parent, action.target.steps.back());
  switch (action.kind) {
    case UpdateActionKind::kSet:
      return write(action.target, parent, std::move(set_value));
    case UpdateActionKind::kRemove:
      if (existing != nullptr) remove(action.target, parent);
      return {};
    case UpdateActionKind::kAdd: {
      ASSIGN_OR_RETURN(AttributeValue sum, evaluate_add(existing, *action.operand.value, update_.legacy));
      RETURN_IF_ERROR(written_size_.add(sum));
      return write(action.target, parent, std::move(sum));
    }
    case UpdateActionKind::kDelete: {
      if (existing == nullptr) return {};
      ASSIGN_OR_RETURN(auto rest, evaluate_delete(*existing, *action.operand.value, update_.legacy));
      if (rest) return write(action.target, parent, std::move(*rest));
      remove(action.target, parent);
      return {};
    }
  }
  return {};
}

// Levels of a value: one for itself, one more for each container around its deepest leaf.
int levels_of(const AttributeValue& value) {
  int below = 0;
  if (const AttributeMap* map = value.map()) {
    for (const auto& [name, member] : *map) below = std::max(below, levels_of(member));
  }
  if (const model::List* list = value.list()) {
    for (const AttributeValue& element : *list) below = std::max(below, levels_of(element));
  }
  return below + 1;
}

ApiResult<void> Updater::write(const Path& target, Parent parent, AttributeValue value) {
  if (static_cast<int>(target.steps.size()) - 1 + levels_of(value) > model::kNestingLevelsMax) {
    return fail(value_error({model::ValueDefect::kNestingTooDeep}, model::Wording::kClassic));
  }
  const PathStep& last = target.steps.back();
  AttributeValue* const existing = existing_in(parent, last);
  if (existing == nullptr && parent.list != nullptr) {
    change_of(target, parent.list).appended.emplace_back(*last.index(), std::move(value));
    return {};
  }
  written_.push_back(target);
  if (existing != nullptr) {
    *existing = std::move(value);
  } else {
    parent.map->insert_or_assign(*last.name(), std::move(value));
  }
  return {};
}

void Updater::remove(const Path& target, Parent parent) {
  const PathStep& last = target.steps.back();
  if (parent.map != nullptr) {
    parent.map->erase(*last.name());
  } else {
    change_of(target, parent.list).removed.push_back(*last.index());
  }
}

ListChange& Updater::change_of(const Path& target, model::List* list) {
  const auto found = std::ranges::find(list_changes_, list, &ListChange::list);
  if (found != list_changes_.end()) return *found;
  ListChange change;
  change.path.steps.assign(target.steps.begin(), target.steps.end() - 1);
  change.list = list;
  list_changes_.push_back(std::move(change));
  return list_changes_.back();
}

// Inner lists first: changing a list moves everything inside its elements.
void Updater::apply_list_changes() {
  std::ranges::stable_sort(list_changes_, std::ranges::greater(),
                           [](const ListChange& change) { return change.path.steps.size(); });
  for (ListChange& change : list_changes_) change.apply();
}

Path Updater::path_afterwards(const Path& path) const {
  Path result = path;
  for (std::size_t i = 1; i < path.steps.size(); ++i) {
    if (path.steps[i].index() == nullptr) continue;
    const auto change = std::ranges::find_if(list_changes_, [&](const ListChange& candidate) {
      return candidate.path.steps.size() == i &&
             std::equal(candidate.path.steps.begin(), candidate.path.steps.end(), path.steps.begin());
    });
    if (change != list_changes_.end()) result.steps[i] = PathStep(change->new_index(*path.steps[i].index()));
  }
  return result;
}

ApiResult<UpdateResult> Updater::run() {
  RETURN_IF_ERROR(evaluate_right_hand_sides());
  item_ = old_item_;
  for (const UpdateAction& action : update_.actions) {
    AttributeValue set_value;
    if (action.kind == UpdateActionKind::kSet) {
      set_value = std::move(set_values_.front());
      set_values_.pop_front();
    }
    RETURN_IF_ERROR(apply_action(action, std::move(set_value)));
  }
  apply_list_changes();
  UpdateResult result;
  for (const Path& path : written_) result.written.push_back(path_afterwards(path));
  result.item = std::move(item_);
  return result;
}

}  // namespace

bool only_removes(const Update& update) {
  return std::ranges::all_of(update.actions, [](const UpdateAction& action) {
    return action.kind == UpdateActionKind::kRemove || action.kind == UpdateActionKind::kDelete;
  });
}

ApiResult<UpdateResult> apply_update(const Update& update, const AttributeMap& old_item, bool exists) {
  return Updater(update, old_item, exists).run();
}

AttributeMap updated_old(const Update& update, const AttributeMap& old_item) {
  std::vector<Path> paths;
  paths.reserve(update.actions.size());
  for (const UpdateAction& action : update.actions) paths.push_back(action.target);
  return project(paths, old_item);
}

AttributeMap updated_new(const UpdateResult& result) { return project(result.written, result.item); }

}  // namespace tidemark::api::expression
