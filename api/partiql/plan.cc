#include "api/partiql/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/key.h"
#include "model/words/constraints.h"
#include "model/words/items.h"

namespace tidemark::api::partiql {
namespace {

using expression::Comparator;
using expression::Condition;
using expression::ConditionKind;
using expression::Function;
using expression::Operand;
using expression::OperandKind;
using model::AttributeDefinition;
using model::AttributeValue;
using model::KeyPart;
using model::SortOperator;

using Conjuncts = std::vector<const Condition*>;

void flatten(const Condition& condition, ConditionKind kind, Conjuncts* out) {
  if (condition.kind != kind) {
    out->push_back(&condition);
    return;
  }
  for (const Condition& child : condition.children) flatten(child, kind, out);
}

Conjuncts parts_of(const Condition& condition, ConditionKind kind) {
  Conjuncts parts;
  flatten(condition, kind, &parts);
  return parts;
}

bool is_attribute(const Operand& operand, std::string_view name) {
  return operand.kind == OperandKind::kPath && !operand.path.nested() && operand.path.top() == name;
}

// What the attribute has to be equal to; null when the condition says something else.
const AttributeValue* equal_value(const Condition& condition, std::string_view name) {
  if (condition.kind != ConditionKind::kCompare || condition.comparator != Comparator::kEqual) return nullptr;
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}}) {
    const Operand& value = condition.operands[1 - at];
    if (is_attribute(condition.operands[at], name) && value.kind == OperandKind::kValue)
      return value.value.get();
  }
  return nullptr;
}

// The candidates of an equality or of an IN list; empty when it is neither.
std::vector<const AttributeValue*> candidates_of(const Condition& condition, std::string_view name) {
  if (const AttributeValue* value = equal_value(condition, name)) return {value};
  if (condition.kind != ConditionKind::kIn || !is_attribute(condition.operands[0], name)) return {};
  std::vector<const AttributeValue*> values;
  for (std::size_t i = 1; i < condition.operands.size(); ++i) {
    if (condition.operands[i].kind != OperandKind::kValue) return {};
    values.push_back(condition.operands[i].value.get());
  }
  return values;
}

ApiResult<KeyPart> part_of(const AttributeValue& value, const AttributeDefinition& attribute,
                           bool is_partition) {
  if (value.type() != model::attribute_type(attribute.type)) {
    return fail(validation(words::invalid_parameter(words::kConditionTypeMismatch)));
  }
  KeyPart part = model::key_part_of(value);
  const auto refuse = [&](model::KeyDefect defect) {
    return fail(
        validation(words::key_parameter_message({defect, attribute.name, attribute.type, value.type()})));
  };
  if (part.sort_bytes.empty()) return refuse(model::KeyDefect::kEmpty);
  if (is_partition && part.sort_bytes.size() > model::kPartitionKeyBytesMax) {
    return refuse(model::KeyDefect::kPartitionTooLong);
  }
  if (!is_partition && part.sort_bytes.size() > model::kSortKeyBytesMax) {
    return refuse(model::KeyDefect::kSortTooLong);
  }
  return part;
}

// What one branch of a condition says of keys.
struct Branch {
  std::vector<KeyPart> partitions;            // empty: nothing
  std::vector<storage::SortCondition> sorts;  // empty: nothing
  bool is_vague = false;                      // it says something of the sort key that is no range
};

SortOperator sort_operator(Comparator comparator, bool is_value_first) {
  switch (comparator) {
    case Comparator::kLess:
      return is_value_first ? SortOperator::kGreater : SortOperator::kLess;
    case Comparator::kLessOrEqual:
      return is_value_first ? SortOperator::kGreaterOrEqual : SortOperator::kLessOrEqual;
    case Comparator::kGreater:
      return is_value_first ? SortOperator::kLess : SortOperator::kGreater;
    case Comparator::kGreaterOrEqual:
      return is_value_first ? SortOperator::kLessOrEqual : SortOperator::kGreaterOrEqual;
    case Comparator::kEqual:
      return SortOperator::kEqual;
    case Comparator::kNotEqual:
      break;
  }
  return SortOperator::kNone;
}

bool mentions(const Condition& condition, std::string_view name) {
  const auto attributes = expression::referenced_attributes(condition);
  return std::ranges::find(attributes, name) != attributes.end();
}

// Values that a key cannot have leave the condition to the filter.
std::optional<KeyPart> sort_part(const Operand& operand, const AttributeDefinition& attribute) {
  if (operand.kind != OperandKind::kValue) return std::nullopt;
  auto part = part_of(*operand.value, attribute, false);
  return part ? std::optional(*std::move(part)) : std::nullopt;
}

std::vector<storage::SortCondition> sorts_of(const Condition& condition,
                                             const AttributeDefinition& attribute) {
  const auto one = [](SortOperator op, std::optional<KeyPart> low,
                      std::optional<KeyPart> high = KeyPart()) -> std::vector<storage::SortCondition> {
    if (op == SortOperator::kNone || !low || !high) return {};
    storage::SortCondition sort;
    sort.op = op;
    sort.low = *std::move(low);
    sort.high = *std::move(high);
    return {std::move(sort)};
  };
  const std::vector<Operand>& operands = condition.operands;
  if (condition.kind == ConditionKind::kCompare) {
    const bool is_value_first = is_attribute(operands[1], attribute.name);
    if (!is_value_first && !is_attribute(operands[0], attribute.name)) return {};
    return one(sort_operator(condition.comparator, is_value_first),
               sort_part(operands[is_value_first ? 0 : 1], attribute));
  }
  if (operands.empty() || !is_attribute(operands[0], attribute.name)) return {};
  if (condition.kind == ConditionKind::kBetween) {
    return one(SortOperator::kBetween, sort_part(operands[1], attribute), sort_part(operands[2], attribute));
  }
  if (condition.kind == ConditionKind::kFunction && condition.function == Function::kBeginsWith) {
    return one(SortOperator::kBeginsWith, sort_part(operands[1], attribute));
  }
  std::vector<storage::SortCondition> sorts;
  for (const AttributeValue* value : candidates_of(condition, attribute.name)) {
    auto equal = one(SortOperator::kEqual, sort_part(Operand::of_value(*value), attribute));
    if (equal.empty()) return {};
    sorts.push_back(std::move(equal.front()));
  }
  return sorts;
}

ApiResult<Branch> branch_of(const Condition& condition, const model::KeySchema& keys) {
  Branch branch;
  const AttributeDefinition& partition = keys.partition_keys.front();
  const AttributeDefinition* const sort = keys.sort_keys.empty() ? nullptr : &keys.sort_keys.front();
  for (const Condition* part : parts_of(condition, ConditionKind::kAnd)) {
    if (branch.partitions.empty()) {
      for (const AttributeValue* value : candidates_of(*part, partition.name)) {
        ASSIGN_OR_RETURN(KeyPart key, part_of(*value, partition, true));
        branch.partitions.push_back(std::move(key));
      }
      if (!branch.partitions.empty()) continue;
    }
    if (sort == nullptr || !mentions(*part, sort->name)) continue;
    if (branch.sorts.empty()) branch.sorts = sorts_of(*part, *sort);
    if (branch.sorts.empty()) branch.is_vague = true;
  }
  return branch;
}

struct BranchRange {
  storage::KeyRange range;
  std::size_t branch = 0;
  bool is_vague = false;
};

std::vector<BranchRange> ranges_of(const Branch& branch, std::size_t number, const storage::Target& target) {
  std::vector<BranchRange> ranges;
  std::vector<storage::SortCondition> sorts = branch.sorts;
  if (sorts.empty()) sorts.emplace_back();
  for (const KeyPart& partition : branch.partitions) {
    for (const storage::SortCondition& sort : sorts) {
      ranges.push_back({.range = storage::query_range(target, {partition}, sort),
                        .branch = number,
                        .is_vague = branch.is_vague && branch.sorts.empty()});
    }
  }
  return ranges;
}

// Where ranges that have been walked end at the furthest, and where those of any other branch do.
class FurthestEnds {
 public:
  [[nodiscard]] bool reach_into(const BranchRange& range) const {
    const BranchRange* const other = first_ != nullptr && first_->branch == range.branch ? second_ : first_;
    return other != nullptr && range.range.begin < other->range.end;
  }
  void add(const BranchRange& range) {
    if (first_ == nullptr || first_->range.end < range.range.end) {
      if (first_ != nullptr && first_->branch != range.branch) second_ = first_;
      first_ = &range;
    } else if (range.branch != first_->branch &&
               (second_ == nullptr || second_->range.end < range.range.end)) {
      second_ = &range;
    }
  }

 private:
  const BranchRange* first_ = nullptr;
  const BranchRange* second_ = nullptr;  // of another branch than first_
};

// Two branches about one partition must say which part of it they mean, and not the same part. The ranges
// ascend.
ApiResult<void> check_branches(const std::vector<BranchRange>& ranges, bool has_sort_key) {
  if (!has_sort_key) return {};
  FurthestEnds ends;
  for (const BranchRange& range : ranges) {
    const bool is_empty = range.range.begin >= range.range.end;
    if (range.is_vague || is_empty) continue;
    if (ends.reach_into(range)) {
      return fail(validation("Overlapping conditions with range keys are not supported in where clause"));
    }
    ends.add(range);
  }
  return {};
}

// The ranges ascend.
std::vector<storage::KeyRange> joined(std::vector<BranchRange> parts) {
  std::vector<storage::KeyRange> ranges;
  for (BranchRange& part : parts) {
    if (part.range.begin >= part.range.end) continue;
    if (!ranges.empty() && part.range.begin < ranges.back().end) {
      ranges.back().end = std::max(ranges.back().end, part.range.end);
    } else {
      ranges.push_back(std::move(part.range));
    }
  }
  return ranges;
}

ApiResult<bool> descends(const Statement& statement, const model::KeySchema& keys, bool is_keyed) {
  if (statement.order.empty()) return false;
  if (!statement.where) {
    return fail(validation("Must have WHERE clause in the statement when using ORDER BY clause."));
  }
  if (!is_keyed) {
    return fail(
        validation("Must have at least one non-optional hash key condition in WHERE clause when using ORDER "
                   "BY clause."));
  }
  bool reverse = false;
  for (const OrderKey& key : statement.order) {
    if (!keys.contains(key.attribute)) {
      return fail(validation("Variable reference " + key.attribute +
                             " in ORDER BY clause must be part of the primary key"));
    }
    reverse = key.descends;
  }
  return reverse;
}

}  // namespace

std::optional<KeyedConditions> keyed_conditions(const Statement& statement, const model::KeySchema& keys) {
  if (!statement.where) return std::nullopt;
  KeyedConditions found;
  Condition others;
  for (const Condition* part : parts_of(*statement.where, ConditionKind::kAnd)) {
    const AttributeDefinition* taken = nullptr;
    for (const auto* attributes : {&keys.partition_keys, &keys.sort_keys}) {
      for (const AttributeDefinition& attribute : *attributes) {
        if (equal_value(*part, attribute.name) != nullptr && !found.key.contains(attribute.name))
          taken = &attribute;
      }
    }
    if (taken != nullptr) {
      found.key.emplace(taken->name, *equal_value(*part, taken->name));
    } else {
      others.children.push_back(*part);
    }
  }
  if (found.key.size() != keys.partition_keys.size() + keys.sort_keys.size()) return std::nullopt;
  if (others.children.size() == 1) found.others = std::move(others.children.front());
  if (others.children.size() > 1) found.others = std::move(others);
  return found;
}

std::optional<std::vector<const AttributeValue*>> leading_values(const Statement& statement,
                                                                 const model::KeySchema& keys) {
  if (!statement.where) return std::nullopt;
  std::vector<const AttributeValue*> values;
  for (const Condition* branch : parts_of(*statement.where, ConditionKind::kOr)) {
    std::vector<const AttributeValue*> candidates;
    for (const Condition* part : parts_of(*branch, ConditionKind::kAnd)) {
      if (candidates.empty()) candidates = candidates_of(*part, keys.partition_keys.front().name);
    }
    if (candidates.empty()) return std::nullopt;
    values.insert(values.end(), candidates.begin(), candidates.end());
  }
  return values;
}

ApiResult<ReadPlan> plan_read(const Statement& statement, const storage::Target& target) {
  ReadPlan plan;
  std::vector<BranchRange> ranges;
  bool is_keyed = statement.where.has_value();
  std::size_t number = 0;
  const Conjuncts branches = statement.where ? parts_of(*statement.where, ConditionKind::kOr) : Conjuncts();
  for (const Condition* condition : branches) {
    ASSIGN_OR_RETURN(const Branch branch, branch_of(*condition, target.keys()));
    is_keyed &= !branch.partitions.empty();
    if (!is_keyed) break;
    std::ranges::move(ranges_of(branch, number++, target), std::back_inserter(ranges));
  }
  ASSIGN_OR_RETURN(plan.reverse, descends(statement, target.keys(), is_keyed));
  if (!is_keyed) {
    plan.is_scan = true;
    plan.ranges.push_back(storage::segment_range(target, 0, 1));
    return plan;
  }
  std::ranges::sort(ranges, {},
                    [](const BranchRange& range) -> const std::string& { return range.range.begin; });
  RETURN_IF_ERROR(check_branches(ranges, !target.keys().sort_keys.empty()));
  plan.ranges = joined(std::move(ranges));
  if (plan.reverse) std::ranges::reverse(plan.ranges);
  return plan;
}

}  // namespace tidemark::api::partiql
