// Comma-separated values of a table, for readers that know neither DynamoDB JSON nor Ion. DynamoDB has no
// such exports: an extension.
//
// A file begins with a row of names; lines end with CR LF, fields are quoted where RFC 4180 wants it, and all
// is UTF-8. An item is flattened to its attributes at the top, each as
//
//   S          its text; in quotes where it is empty
//   N          the number, as DynamoDB shows it
//   B          Base64
//   BOOL       true, false
//   L, M, sets JSON without type descriptors: ["a",1], {"k":true}; binaries in Base64
//   NULL       nothing, as for an attribute that is not there
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer::format {

// The columns of a table: the attributes of all its items, the key's first, the others by name. Not
// thread-safe.
class CsvColumns {
 public:
  static constexpr std::size_t kColumnsMax = 10'000;
  static constexpr std::size_t kNamesBytesMax = 4 << 20;

  explicit CsvColumns(std::vector<std::string> key_names) : key_names_(std::move(key_names)) {}

  // Errors: kInvalidArgument when there are too many.
  Result<void> add_item(std::string_view item_text);
  Result<void> add(const CsvColumns& others);
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  Result<void> add_name(std::string name);

  const std::vector<std::string> key_names_;
  std::set<std::string, std::less<>> names_;  // of the others
  std::size_t names_bytes_ = 0;
};

// Writes items alone, no changes; what is in no column is left out.
std::unique_ptr<RecordWriter> csv_writer(const std::vector<std::string>& columns);

}  // namespace tidemark::transfer::format
