// Which items of an export are written, and what of them. Expressions are known above this library alone: it
// is handed what they compile to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::transfer {

// Thread-safety: all methods may be called concurrently. Errors: kCorruption.
class ItemFilter {
 public:
  virtual ~ItemFilter() = default;
  // All texts are canonical item text.
  [[nodiscard]] virtual Result<bool> selects(std::string_view item_text) const = 0;
  // Outside of these keys it selects nothing.
  [[nodiscard]] virtual std::optional<storage::KeyRange> key_range(const storage::Table&) const {
    return std::nullopt;
  }
  // What is written of an item: everything, without a projection.
  virtual Result<void> append_projected(std::string_view item_text, std::string* out) const = 0;
};

// Compiles a FilterSpecification as the request had it, which is what the record of an export keeps. Errors:
// kInvalidArgument when it cannot be read.
using CompileItemFilter = std::function<Result<std::unique_ptr<ItemFilter>>(std::string_view specification)>;

}  // namespace tidemark::transfer
