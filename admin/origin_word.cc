#include "admin/origin_word.h"

namespace tidemark::admin {

std::string_view word_of(wal::Origin origin) {
  switch (origin) {
    case wal::Origin::kClient:
      return "client";
    case wal::Origin::kTtl:
      return "ttl";
    case wal::Origin::kImport:
      return "import";
    case wal::Origin::kRestore:
      return "restore";
    case wal::Origin::kRewind:
      return "rewind";
    case wal::Origin::kReplication:
      return "replication";
    case wal::Origin::kBulkPut:
      return "bulk-put";
    case wal::Origin::kBackfill:
    case wal::Origin::kSystem:
      return "system";
  }
  return "unknown";
}

}  // namespace tidemark::admin
