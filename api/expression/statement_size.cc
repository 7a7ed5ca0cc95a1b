#include "api/expression/statement_size.h"

#include "model/item_size.h"

namespace tidemark::api::expression {
namespace {

constexpr std::uint64_t kUpdateBytes = 3;
constexpr std::uint64_t kWriteBytes = 19;  // SET and ADD
constexpr std::uint64_t kRemoveBytes = 1;
constexpr std::uint64_t kTargetStepBytes = 4;
constexpr std::uint64_t kPathBytes = 1;
constexpr std::uint64_t kPathStepBytes = 14;
constexpr std::uint64_t kPlusBytes = 34;
constexpr std::uint64_t kMinusBytes = 37;
constexpr std::uint64_t kListAppendBytes = 37;
constexpr std::uint64_t kIfNotExistsBytes = 39;

std::uint64_t bytes_of(const PathStep& step) {
  const std::string* name = step.name();
  return name != nullptr ? name->size() : std::to_string(*step.index()).size();
}

std::uint64_t target_bytes(const Path& path) {
  std::uint64_t bytes = 0;
  for (const PathStep& step : path.steps) bytes += kTargetStepBytes + bytes_of(step);
  return bytes - kTargetStepBytes;  // the first name comes for itself
}

// What a path reads costs nothing, the path does.
std::uint64_t path_bytes(const Path& path) {
  std::uint64_t bytes = kPathBytes;
  for (const PathStep& step : path.steps) bytes += kPathStepBytes + bytes_of(step);
  return bytes;
}

std::uint64_t operator_bytes(const Operand& operand) {
  switch (operand.kind) {
    case OperandKind::kPlus:
      return kPlusBytes;
    case OperandKind::kMinus:
      return kMinusBytes;
    default:
      return operand.function == Function::kListAppend ? kListAppendBytes : kIfNotExistsBytes;
  }
}

// Adds up and stops looking once it is too much: one big value may stand in hundreds of places.
class Sum {
 public:
  void add(const UpdateAction& action) {
    switch (action.kind) {
      case UpdateActionKind::kSet:
      case UpdateActionKind::kAdd:
        bytes_ += kWriteBytes + target_bytes(action.target);
        return add(action.operand);
      case UpdateActionKind::kRemove:
        bytes_ += kRemoveBytes + target_bytes(action.target);
        return;
      case UpdateActionKind::kDelete:
        return;  // not known to cost anything
    }
  }
  [[nodiscard]] bool is_too_much() const { return bytes_ > model::kItemSizeBytesMax; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void add(const Operand& operand) {
    if (is_too_much()) return;
    if (operand.kind == OperandKind::kPath) {
      bytes_ += path_bytes(operand.path);
    } else if (operand.kind == OperandKind::kValue) {
      bytes_ += model::value_size_bytes(*operand.value);
    } else {
      bytes_ += operator_bytes(operand);
      for (const Operand& argument : operand.arguments) add(argument);
    }
  }

  std::uint64_t bytes_ = kUpdateBytes;
};

}  // namespace

std::uint64_t statement_size_bytes(const Update& update) {
  Sum sum;
  for (const UpdateAction& action : update.actions) {
    sum.add(action);
    if (sum.is_too_much()) break;
  }
  return sum.bytes();
}

}  // namespace tidemark::api::expression
