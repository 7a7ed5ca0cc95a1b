#include "s3emu/store/data_files.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"

namespace tidemark::s3emu {
namespace {

// Files made by this store are never written through this face.
class ReadOnlyFile : public File {
 public:
  Result<void> append(std::string_view /*bytes*/) final { return refused(); }
  Result<void> sync() final { return refused(); }
  Result<void> truncate(std::uint64_t /*size*/) final { return refused(); }
  [[nodiscard]] int descriptor() const final { return -1; }

 private:
  static Result<void> refused() { return fail(Error::invalid_argument("object data is read-only")); }
};

class MemoryFile final : public ReadOnlyFile {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    if (offset >= bytes_.size()) return 0;
    return bytes_.copy(buffer, size, static_cast<std::size_t>(offset));
  }
  Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                 std::size_t size) const override {
    return read_at(offset, buffer, size);
  }
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
};

class JoinedFile final : public ReadOnlyFile {
 public:
  JoinedFile(FileOpener open_file, std::vector<Segment> segments, std::vector<std::string> inline_bytes,
             std::shared_ptr<const void> pin)
      : open_file_(std::move(open_file)),
        segments_(std::move(segments)),
        inline_bytes_(std::move(inline_bytes)),
        pin_(std::move(pin)) {
    for (const Segment& segment : segments_) {
      starts_.push_back(size_);
      size_ += segment.size;
    }
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    std::size_t done = 0;
    while (done < size && offset < size_) {
      const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
      const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
      const std::uint64_t inside = offset - starts_[index];
      const std::uint64_t wanted = std::min<std::uint64_t>(size - done, segments_[index].size - inside);
      ASSIGN_OR_RETURN(const std::shared_ptr<const File> file, file_of(index));
      ASSIGN_OR_RETURN(const std::size_t got, file->read_at(segments_[index].offset + inside, buffer + done,
                                                            static_cast<std::size_t>(wanted)));
      if (got == 0) return fail(Error::corruption("object data ends early: " + segments_[index].data_id));
      done += got;
      offset += got;
    }
    return done;
  }

  // Knows only the segment that was read last; opening another one may take the disk.
  Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                 std::size_t size) const override {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
    const std::uint64_t inside = offset - starts_[index];
    std::shared_ptr<const File> file;
    {
      const std::scoped_lock lock(mutex_);
      if (open_index_ == index) file = open_;
    }
    if (!file || inside >= segments_[index].size) return std::nullopt;
    return file->read_cached(
        segments_[index].offset + inside, buffer,
        static_cast<std::size_t>(std::min<std::uint64_t>(size, segments_[index].size - inside)));
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  Result<std::shared_ptr<const File>> file_of(std::size_t index) const {
    const std::scoped_lock lock(mutex_);
    if (open_ && open_index_ == index) return open_;
    if (segments_[index].is_inline) {
      const auto before =
          std::count_if(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(index),
                        [](const Segment& s) { return s.is_inline; });
      open_ = memory_file(inline_bytes_[static_cast<std::size_t>(before)]);
    } else {
      ASSIGN_OR_RETURN(open_, open_file_(segments_[index].data_id));
    }
    open_index_ = index;
    return open_;
  }

  const FileOpener open_file_;
  const std::vector<Segment> segments_;
  const std::vector<std::string> inline_bytes_;
  const std::shared_ptr<const void> pin_;
  std::vector<std::uint64_t> starts_;
  std::uint64_t size_ = 0;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const File> open_;  // guarded by mutex_
  mutable std::size_t open_index_ = 0;        // guarded by mutex_
};

}  // namespace

DataFiles::DataFiles(std::string directory, FileSystem& files, const Options& options, Random& random)
    : directory_(std::move(directory)),
      files_(files),
      sync_(options.sync),
      open_max_(options.open_max),
      random_(random),
      process_(random.hex(8)),
      remover_(files, options.remove_in_background) {}

Result<std::shared_ptr<DataFiles>> DataFiles::open(std::string directory, FileSystem& files,
                                                   const Options& options, Random& random) {
  RETURN_IF_ERROR(files.create_directories(directory));
  return std::shared_ptr<DataFiles>(new DataFiles(std::move(directory), files, options, random));
}

std::string DataFiles::path(const std::string& id) const {
  return directory_ + "/" + id.substr(id.size() - 2) + "/" + id;
}

Result<std::string> DataFiles::new_id() {
  std::string id = process_ + random_.hex(32);
  std::string folder = id.substr(id.size() - 2);
  const std::scoped_lock lock(mutex_);
  if (!directories_.contains(folder)) {
    RETURN_IF_ERROR(files_.create_directories(directory_ + "/" + folder));
    if (sync_) RETURN_IF_ERROR(files_.sync_directory(directory_));
    directories_.insert(std::move(folder));
  }
  return id;
}

Result<DataFiles::NewFile> DataFiles::create() {
  NewFile made;
  ASSIGN_OR_RETURN(made.counted, count_open(Reader::kBegins));
  ASSIGN_OR_RETURN(made.id, new_id());
  ASSIGN_OR_RETURN(made.file, files_.open_append(path(made.id)));
  return made;
}

Result<void> DataFiles::finish(const NewFile& file) {
  if (!sync_) return {};
  RETURN_IF_ERROR(file.file->sync());
  return files_.sync_directory(directory_ + "/" + file.id.substr(file.id.size() - 2));
}

Result<std::string> DataFiles::link(const std::string& id) {
  ASSIGN_OR_RETURN(std::string made, new_id());
  RETURN_IF_ERROR(files_.link(path(id), path(made)));
  if (sync_) RETURN_IF_ERROR(files_.sync_directory(directory_ + "/" + made.substr(made.size() - 2)));
  return made;
}

Result<std::shared_ptr<const void>> DataFiles::count_open(Reader reader) {
  if (open_.fetch_add(1) >= open_max_ && reader == Reader::kBegins) {
    open_.fetch_sub(1);
    return fail(Error::unavailable("too many object files are open"));
  }
  return std::shared_ptr<const void>(this,
                                     [self = shared_from_this()](const void*) { self->open_.fetch_sub(1); });
}

Result<std::shared_ptr<const File>> DataFiles::open_file(const std::string& id, Reader reader) {
  struct Counted {
    std::shared_ptr<const void> count;
    std::unique_ptr<const File> file;
  };
  auto counted = std::make_shared<Counted>();
  ASSIGN_OR_RETURN(counted->count, count_open(reader));
  ASSIGN_OR_RETURN(counted->file, files_.open_read(path(id)));
  const File* const file = counted->file.get();
  return std::shared_ptr<const File>(std::move(counted), file);
}

void DataFiles::unlink(const std::vector<std::string>& ids) {
  std::vector<std::string> paths;
  paths.reserve(ids.size());
  for (const std::string& id : ids) paths.push_back(path(id));
  remover_.remove(std::move(paths));
}

void DataFiles::remove(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    const auto pinned = pins_.find(ids.front());
    if (pinned != pins_.end()) {
      pinned->second.doomed = ids;
      return;
    }
  }
  unlink(ids);
}

std::shared_ptr<const void> DataFiles::pin(const std::string& id) {
  {
    const std::scoped_lock lock(mutex_);
    ++pins_[id].count;
  }
  return {static_cast<const void*>(this), [self = shared_from_this(), id](const void*) { self->unpin(id); }};
}

void DataFiles::unpin(const std::string& id) {
  std::vector<std::string> doomed;
  {
    const std::scoped_lock lock(mutex_);
    const auto pinned = pins_.find(id);
    if (--pinned->second.count > 0) return;
    doomed = std::move(pinned->second.doomed);
    pins_.erase(pinned);
  }
  unlink(doomed);
}

bool DataFiles::sweep(const std::stop_token& stop, const std::function<bool(const std::string& id)>& in_use) {
  const auto folders = files_.list(directory_);
  if (!folders) return false;
  bool is_complete = true;
  std::size_t swept = 0;
  for (const std::string& folder : *folders) {
    const auto ids = files_.list(directory_ + "/" + folder);
    if (!ids) continue;
    for (const std::string& id : *ids) {
      if (stop.stop_requested()) return false;
      if (id.starts_with(process_) || in_use(id)) continue;
      {
        // A reader may hold a file whose object has just gone: leave it to its pin, or to the next sweep.
        const std::scoped_lock lock(mutex_);
        if (!pins_.empty()) {
          is_complete = false;
          continue;
        }
      }
      unlink({id});
      ++swept;
    }
  }
  if (swept > 0) log::info("removed unfinished uploads of an earlier run", {{"files", swept}});
  return is_complete;
}

std::shared_ptr<const File> join_segments(FileOpener open_file, std::vector<Segment> segments,
                                          std::vector<std::string> inline_bytes,
                                          std::shared_ptr<const void> pin) {
  return std::make_shared<JoinedFile>(std::move(open_file), std::move(segments), std::move(inline_bytes),
                                      std::move(pin));
}

std::shared_ptr<const File> memory_file(std::string bytes) {
  return std::make_shared<MemoryFile>(std::move(bytes));
}

}  // namespace tidemark::s3emu
