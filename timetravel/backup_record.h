// What is remembered of a backup: the table as it was described then, and by which hold its items stay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/table_schema.h"
#include "storage/table.h"

namespace tidemark::timetravel {

enum class BackupType {
  kUser,
  kSystem,  // made by the deletion of a table with point-in-time recovery
};
std::string_view backup_type_name(BackupType type);  // `USER`

// ON DISK: a document of the catalog under ("backup", arn). Members may be added with a default, never
// renamed.
struct BackupRecord {
  std::string arn;   // `<table arn>/backup/<id>`
  std::string id;    // as of jobs: ids sort by creation
  std::string name;  // as the user wished; not unique
  BackupType type = BackupType::kUser;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;  // kSystem
  model::TableSchema schema;            // of the table then
  std::int64_t size_bytes = 0;          // of its items
  std::int64_t item_count = 0;
  storage::TableId table{};
  std::string hold;  // its name
  Timestamp moment;  // the items as they stood then are what is in the backup

  [[nodiscard]] std::string to_json() const;
  // Errors: kCorruption.
  static Result<BackupRecord> from_json(std::string_view text);
};

}  // namespace tidemark::timetravel
