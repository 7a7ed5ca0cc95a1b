// The files that hold the bytes of larger objects and parts: `<directory>/xx/<id>`.
//
// An id is 40 hexadecimal digits: 8 of the process that made it, 32 random; xx are the last two. Each file
// belongs to one object or part; a copy makes a hard link with an id of its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "s3emu/store/file_remover.h"
#include "s3emu/store/object_records.h"

namespace tidemark::s3emu {

// Thread-safety: all methods may be called concurrently. Errors: kIo, kNoSpace, kNotFound; kUnavailable when
// too many files are open.
class DataFiles : public std::enable_shared_from_this<DataFiles> {
 public:
  struct NewFile {
    std::string id;
    std::unique_ptr<File> file;
    std::shared_ptr<const void> counted;  // among the open files
  };

  struct Options {
    bool sync = true;
    bool remove_in_background = true;
    std::size_t open_max = SIZE_MAX;
  };
  static Result<std::shared_ptr<DataFiles>> open(std::string directory, FileSystem& files,
                                                 const Options& options, Random& random);
  [[nodiscard]] bool syncs() const { return sync_; }

  Result<NewFile> create();
  // After this the file survives a power loss, when the store syncs.
  Result<void> finish(const NewFile& file);
  // A second name for the bytes of `id`; returns its id. As durable as finish().
  Result<std::string> link(const std::string& id);
  // For a reader that begins, and one that goes on with the next file, which is never one too many.
  enum class Reader { kBegins, kGoesOn };
  Result<std::shared_ptr<const File>> open_file(const std::string& id, Reader reader);
  [[nodiscard]] std::string path(const std::string& id) const;
  // Unlinks the files of one object, soon or when the last pin on the first of them is gone.
  void remove(const std::vector<std::string>& ids);

  // Keeps the files of the object whose first file is `id`, for readers that open them one by one.
  std::shared_ptr<const void> pin(const std::string& id);

  // Unlinks files of earlier processes that `in_use` does not know.
  // False: something was left, for a later call.
  bool sweep(const std::stop_token& stop, const std::function<bool(const std::string& id)>& in_use);

 private:
  struct Pinned {
    int count = 0;
    std::vector<std::string> doomed;
  };

  DataFiles(std::string directory, FileSystem& files, const Options& options, Random& random);
  Result<std::string> new_id();
  // Counts one more open file for as long as the answer lives.
  Result<std::shared_ptr<const void>> count_open(Reader reader);
  void unpin(const std::string& id);
  void unlink(const std::vector<std::string>& ids);

  const std::string directory_;
  FileSystem& files_;
  const bool sync_;
  const std::size_t open_max_;
  std::atomic<std::size_t> open_ = 0;
  Random& random_;
  const std::string process_;
  std::mutex mutex_;
  std::map<std::string, Pinned> pins_;  // guarded by mutex_
  std::set<std::string> directories_;   // guarded by mutex_: those known to be there
  FileRemover remover_;
};

// Opens the data file of that id.
using FileOpener = std::function<Result<std::shared_ptr<const File>>(const std::string& id)>;

// The bytes of several segments as one file that opens them one at a time. `inline_bytes` are those of the
// inline segments in order; `pin` keeps the data files.
std::shared_ptr<const File> join_segments(FileOpener open_file, std::vector<Segment> segments,
                                          std::vector<std::string> inline_bytes,
                                          std::shared_ptr<const void> pin);
// A file that is in memory.
std::shared_ptr<const File> memory_file(std::string bytes);

}  // namespace tidemark::s3emu
