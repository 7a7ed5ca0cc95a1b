// The versions of one key among the rows: which there are, and what a write or a deletion makes of them.
//
// The functions that change take an Edit and leave the invariant of object_records.h: an `o` row is the
// newest version of its key; without one, the newest `v` row is a delete marker. The caller holds the lock of
// the key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_records.h"

namespace tidemark::s3emu {

// The data files of versions that are gone once the edit is written, a list for each version.
using GoneFiles = std::vector<std::vector<std::string>>;

struct FoundVersion {
  ObjectRecord record;
  std::string row;          // where it stands
  bool is_current = false;  // in the `o` row
};

// Nothing for the current version. Errors: InvalidArgument.
S3Result<std::optional<VersionStamp>> parse_choice(const VersionChoice& choice);

// The live object that a key without version id names.
S3Result<std::optional<ObjectRecord>> find_current(const Rows& rows, const std::string& bucket,
                                                   const std::string& key);
// The version of that stamp, delete markers included.
S3Result<std::optional<FoundVersion>> find_version(const Rows& rows, const std::string& bucket,
                                                   const std::string& key, const VersionStamp& wanted);
// The newest version that is not in the `o` row: when there is no `o` row, a delete marker or nothing.
S3Result<std::optional<FoundVersion>> find_newest_noncurrent(const Rows& rows, const std::string& bucket,
                                                             const std::string& key);

// Takes `current`, as find_current() gave it, out of the `o` row to make room for a new version: where
// versioning is enabled it becomes noncurrent; where it is suspended the `null` version goes, wherever it
// stands. Returns the sequence of the newest version there was, 0 if none.
S3Result<std::uint64_t> retire_current(Edit& edit, Versioning versioning, const std::string& bucket,
                                       const std::string& key, const std::optional<ObjectRecord>& current,
                                       GoneFiles* gone);
// Stores a version as a noncurrent one, or a delete marker.
void put_noncurrent(Edit& edit, const std::string& bucket, const std::string& key,
                    const ObjectRecord& record);
// Removes a version for good; when it was the newest, the one before is the current one.
S3Result<void> remove_version(Edit& edit, const std::string& bucket, const std::string& key,
                              const FoundVersion& version, GoneFiles* gone);

// What S3 answers for a delete marker named by its id, and for a key whose current version is one.
S3Error is_delete_marker(const ObjectRecord& marker);
S3Error hidden_by_marker(const ObjectRecord& marker);

}  // namespace tidemark::s3emu
