// What a bulk load has made safe, so that the next process can go on with it: the manifest of its runs.
//
// ON DISK: `<id of the table>-manifest`, records of
//   payload_size:u32le crc32c:u32le payload
// with the checksum of the payload. The first payload is
//   "tidemark load 1\n" table uuid, "\n" write_time:u64le plan
// with microseconds since the epoch, every other one a checkpoint:
//   varint number of runs, for each: varint number of its file, varint offset, and for each of the 256 slices
//   varint size, then crc32c:u32le unless that is 0; behind the runs the note
// Where a record is cut off or damaged the manifest ends: what stands behind does not count.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "storage/load/external_sorter.h"
#include "storage/table.h"

namespace tidemark::storage {

std::string load_journal_path(const std::string& directory, TableId table);

// What a journal says.
struct JournaledLoad {
  std::string table_uuid;
  Timestamp write_time;
  std::string plan;
  std::vector<SavedRun> runs;
  std::vector<std::string> notes;
  std::uint64_t size_bytes = 0;  // of the records that count
};

// Nothing when there is none, or not even its first record can be read. Errors: kIo.
Result<std::optional<JournaledLoad>> read_load_journal(FileSystem& files, const std::string& path);

// Thread-safe.
class LoadJournal {
 public:
  struct Head {
    std::string table_uuid;
    Timestamp write_time;
    std::string plan;
  };

  // A new one, of which nothing is on disk before the first checkpoint. `files` must outlive it.
  LoadJournal(FileSystem& files, std::string directory, std::string path, Head head);
  // Goes on behind the `size_bytes` that count. Errors: kIo.
  static Result<std::unique_ptr<LoadJournal>> reopen(FileSystem& files, std::string directory,
                                                     std::string path, std::uint64_t size_bytes);

  // From now on these runs count, which are safe in their files, and the note. Errors: kIo, kNoSpace.
  Result<void> checkpoint(const std::vector<SavedRun>& runs, std::string_view note);
  // The load is over, one way or the other: nothing of it counts any more.
  Result<void> remove();

 private:
  LoadJournal(FileSystem& files, std::string directory, std::string path)
      : files_(files), directory_(std::move(directory)), path_(std::move(path)) {}

  FileSystem& files_;
  const std::string directory_;
  const std::string path_;
  std::mutex mutex_;
  std::optional<Head> head_;    // guarded by mutex_, as is the next: not written yet
  std::unique_ptr<File> file_;  // null until the first checkpoint
};

}  // namespace tidemark::storage
