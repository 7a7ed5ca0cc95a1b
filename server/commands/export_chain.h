// Which exports make a table, and in what order.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/client/stored_export.h"

namespace tidemark::server {

// Exports of one table, of which each begins where those before it have come to, or earlier, and ends later.
struct ExportChain {
  std::vector<StoredExport> exports;
  std::vector<std::string> left_out;  // a sentence for each that would only bring back what is older
};

// Puts a full export and any number of windows, or windows alone, in that order. Windows may overlap: each
// holds what its items were at its end, so that the one that ends later has to come later. A window that ends
// where the others before it have come to, or earlier, has nothing to add and is left out.
// Errors: kInvalidArgument for exports of different tables, for two full ones and for a gap; kCorruption for
// one that does not say of when it is.
Result<ExportChain> chain_of(std::vector<StoredExport> exports);

}  // namespace tidemark::server
