// The policies of a table and of its stream, as its schema keeps them.
//
// ON DISK, in TableSchema::resource_policy: empty, or `policies:1 ` and an object
//   {"table":{"text":"...","revision":12},"stream":{"label":"...","text":"...","revision":13}}
// where an empty text is no policy; a revision stays when its policy goes, so that the next one is a later
// one. Anything else is a table's policy alone, as former versions kept it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "model/table_schema.h"

namespace tidemark::api {

struct StoredPolicy {
  std::string text;  // empty: none
  std::int64_t revision = 0;
};

struct PolicyBook {
  StoredPolicy table;
  std::string stream_label;  // of the stream that `stream` belongs to
  StoredPolicy stream;
};

std::string to_text(const PolicyBook& book);
// What nobody can read counts as a policy of the table that nobody can read.
PolicyBook policy_book_from(std::string_view stored);

// The same, read once for each text. Thread-safe.
std::shared_ptr<const PolicyBook> policies_of(const model::TableSchema& schema);
// The policy of the table's latest stream; empty for streams that have ended.
const StoredPolicy& stream_policy(const PolicyBook& book, std::string_view label);

}  // namespace tidemark::api
