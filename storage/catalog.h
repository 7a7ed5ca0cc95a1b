// The tables there are (table_states.h changes them), and small durable documents (jobs, holds).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/table.h"

namespace tidemark::storage {

// Whose table: the account and region of the request's credential scope.
struct Owner {
  std::string account_id;
  std::string region;
};

// JSON text under (kind, key), e.g. ("export", arn). Kinds and keys contain no zero bytes.
struct Document {
  std::string kind;
  std::string key;
  std::string json;
};

// All of it is held in memory; every change is committed through the change log before it shows.
// Thread-safety: all methods may be called concurrently. Errors besides those named: kIo, kNoSpace,
// kUnavailable.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Null when there is none. Cheap: called for every request.
  [[nodiscard]] virtual TablePtr find(const Owner& owner, std::string_view name) const = 0;
  [[nodiscard]] virtual TablePtr find(TableId id) const = 0;
  // Names above `after` in byte order, at most `count`.
  [[nodiscard]] virtual std::vector<std::string> list(const Owner& owner, std::string_view after,
                                                      std::size_t count) const = 0;
  [[nodiscard]] virtual std::vector<TablePtr> all() const = 0;

  // Tables that were deleted while somebody held their history (holds.h): their items stay as they were, for
  // snapshots of the past, until nobody does any more. Null when there is none.
  [[nodiscard]] virtual TablePtr find_retired(TableId id) const = 0;
  [[nodiscard]] virtual std::vector<TablePtr> retired() const = 0;

  // Documents: see Document.
  virtual Result<void> put_document(std::string_view kind, std::string_view key, std::string json) = 0;
  virtual Result<void> remove_document(std::string_view kind, std::string_view key) = 0;
  [[nodiscard]] virtual std::optional<std::string> find_document(std::string_view kind,
                                                                 std::string_view key) const = 0;
  // Keys with their documents, in byte order of the key.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> list_documents(
      std::string_view kind) const = 0;
};

}  // namespace tidemark::storage
