// Takes tables away with their past, as if they had never been: for tests that begin anew.
//
// Beside DeleteTable it leaves nothing to go back to: no last state is held, and streams cannot be read any
// more. What others made to keep the past, backups for one, they have to let go themselves; until they do,
// the table is retired (catalog.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/engine.h"

namespace tidemark::storage {

struct Discarded {
  std::size_t tables = 0;
  std::size_t streams = 0;
};

// All tables of the account, or of all accounts, and their streams, in whatever state they are, whether or
// not a job fills them. Those that are made meanwhile may stay. Safe beside every other use of the engine:
// who is using a table finds it gone. Errors: kIo, kNoSpace, kUnavailable; some may be gone then.
Result<Discarded> discard_tables(Engine& engine, const std::optional<std::string>& account);

// Lets go of all holds of tables of the account, or of all accounts, that are gone. For when nobody reads
// them any more. Errors: as above.
Result<void> release_retired(Engine& engine, const std::optional<std::string>& account);

// A text that is another one after each discard of tables of that account: what is remembered of requests by
// this text is forgotten with the tables. Cheap.
std::string discard_mark(const Catalog& catalog, std::string_view account);

}  // namespace tidemark::storage
