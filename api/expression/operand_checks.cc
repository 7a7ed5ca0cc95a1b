#include "api/expression/operand_checks.h"

#include <algorithm>

#include "api/expression/reserved_words.h"

namespace tidemark::api::expression {
namespace {

enum class Relation { kApart, kOverlap, kConflict };

Relation relation_of(const Path& one, const Path& two) {
  const std::size_t common = std::min(one.steps.size(), two.steps.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (one.steps[i].value.index() != two.steps[i].value.index()) return Relation::kConflict;
    if (one.steps[i] != two.steps[i]) return Relation::kApart;
  }
  return Relation::kOverlap;
}

std::string pair_text(std::string_view relation, const Path& one, const Path& two) {
  return "Two document paths " + std::string(relation) +
         " with each other; must remove or rewrite one of these paths; path one: " + to_string(one) +
         ", path two: " + to_string(two);
}

}  // namespace

Checked check_reserved(const Path& path) {
  for (const PathStep& step : path.steps) {
    const std::string* name = step.name();
    if (name == nullptr || step.alias || !is_reserved_word(*name)) continue;
    return fail("Attribute name is a reserved keyword; reserved keyword: " + *name);
  }
  return {};
}

Checked resolve_path(Path* path, Substitutions& substitutions) {
  for (PathStep& step : path->steps) {
    if (!step.alias) continue;
    const std::string* name = substitutions.use_name(*step.name());
    if (name == nullptr) {
      return fail("An expression attribute name used in the document path is not defined; attribute name: " +
                  *step.name());
    }
    step = PathStep(*name);
  }
  return {};
}

Checked resolve_value(Operand* operand, Substitutions& substitutions) {
  if (operand->value) return {};
  operand->value = substitutions.use_value(operand->placeholder);
  if (operand->value != nullptr) return {};
  return fail("An expression attribute value used in expression is not defined; attribute value: " +
              operand->placeholder);
}

Checked check_distinct_targets(const std::vector<const Path*>& paths) {
  const Path* conflict_one = nullptr;
  const Path* conflict_two = nullptr;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Relation relation = relation_of(*paths[j], *paths[i]);
      if (relation == Relation::kOverlap) return fail(pair_text("overlap", *paths[j], *paths[i]));
      if (relation == Relation::kConflict && conflict_one == nullptr) {
        conflict_one = paths[j];
        conflict_two = paths[i];
      }
    }
  }
  if (conflict_one != nullptr) return fail(pair_text("conflict", *conflict_one, *conflict_two));
  return {};
}

std::string unknown_function(std::string_view name) {
  return "Invalid function name; function: " + std::string(name);
}

std::string misused_function(std::string_view name) {
  return "The function is not allowed to be used this way in an expression; function: " + std::string(name);
}

std::string incorrect_operand_count(std::string_view function, std::size_t count) {
  return "Incorrect number of operands for operator or function; operator or function: " +
         std::string(function) + ", number of operands: " + std::to_string(count);
}

std::string incorrect_operand_type(std::string_view function, std::string_view type) {
  return "Incorrect operand type for operator or function; operator or function: " + std::string(function) +
         ", operand type: " + std::string(type);
}

std::string path_required(std::string_view function) {
  return "Operator or function requires a document path; operator or function: " + std::string(function);
}

std::optional<model::AttributeType> value_type(const Operand& operand) {
  if (operand.kind != OperandKind::kValue) return std::nullopt;
  return operand.value->type();
}

}  // namespace tidemark::api::expression
