#include "storage/history/sealed_run.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"
#include "base/rocks_files.h"
#include "storage/history/write_counts.h"
#include "storage/store/keys.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kTimeBytes = 8;
// Records of so few are counted one by one, for steps shorter than the minutes that the file counts in.
constexpr std::uint64_t kCountedOneByOneMax = 50'000;

// The state key of a record: what the filter knows.
class StateKeyOfRecord final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "tidemark.state_key"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - kTimeBytes};
  }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override {
    return key.size() >= kIdBytes + kTimeBytes;
  }
};

const rocksdb::Options& run_options() {
  static const rocksdb::Options options = [] {
    rocksdb::BlockBasedTableOptions table;
    // Runs are read front to back and seldom: they have no place in a cache.
    table.no_block_cache = true;
    table.block_size = 32 << 10;
    // Most runs have nothing of most keys. Ten bits a key: one in a hundred is looked for in vain.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = false;
    rocksdb::Options result;
    result.env = rocks_env();
    result.compression = rocksdb::kLZ4Compression;
    result.prefix_extractor = std::make_shared<StateKeyOfRecord>();
    result.table_properties_collector_factories.push_back(write_counting_factory());
    result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return result;
  }();
  return options;
}

void append_record_key(std::string* out, std::string_view state_key, Timestamp time) {
  *out += state_key;
  append_u64_be(out, static_cast<std::uint64_t>(time.micros));
}

}  // namespace

// Looking up a key takes less time than making an iterator for it does: one that has had its look waits here
// for the next. It keeps the block in memory that it read last. Thread-safe.
class HistoryOpenFile {
 public:
  static Result<std::shared_ptr<HistoryOpenFile>> open(const std::string& path) {
    auto file = std::make_shared<HistoryOpenFile>();
    const auto status = file->reader_.Open(path);
    if (!status.ok()) return fail(rocks_error(status, "opening " + path));
    return file;
  }

  [[nodiscard]] rocksdb::SstFileReader& reader() { return reader_; }

  // The filter may rule out keys that it is to seek: it finds nothing then.
  std::unique_ptr<rocksdb::Iterator> take_lookup_iterator() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto iterator = std::move(idle_.back());
        idle_.pop_back();
        return iterator;
      }
    }
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.total_order_seek = false;
    return std::unique_ptr<rocksdb::Iterator>(reader_.NewIterator(options));
  }
  void give_back(std::unique_ptr<rocksdb::Iterator> iterator) {
    if (!iterator->status().ok()) return;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(iterator));
  }

  // For HistoryOpenFiles.
  std::atomic<bool> is_kept = false;
  std::atomic<std::uint64_t> last_read = 0;

 private:
  static constexpr std::size_t kIdleMax = 2;

  rocksdb::SstFileReader reader_{run_options()};
  std::mutex mutex_;
  std::vector<std::unique_ptr<rocksdb::Iterator>> idle_;  // guarded by mutex_; the reader must outlive them
};

namespace {

class SealedCursor final : public HistoryCursor {
 public:
  // Over a range. `path` must outlive the cursor.
  SealedCursor(const std::string& path, std::shared_ptr<HistoryOpenFile> file, KeyRange range,
               bool has_origins)
      : path_(path),
        file_(std::move(file)),
        range_(std::move(range)),
        lower_(range_.begin),
        upper_(range_.end),
        has_origins_(has_origins) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.total_order_seek = true;
    if (!range_.begin.empty()) options.iterate_lower_bound = &lower_;
    if (!range_.end.empty()) options.iterate_upper_bound = &upper_;
    iterator_.reset(file_->reader().NewIterator(options));
  }
  // For looking up keys.
  SealedCursor(const std::string& path, std::shared_ptr<HistoryOpenFile> file, bool has_origins)
      : path_(path),
        file_(std::move(file)),
        has_origins_(has_origins),
        looks_up_(true),
        iterator_(file_->take_lookup_iterator()) {}
  ~SealedCursor() override {
    if (looks_up_) file_->give_back(std::move(iterator_));
  }
  SealedCursor(const SealedCursor&) = delete;
  SealedCursor& operator=(const SealedCursor&) = delete;

  void seek_to_first() override {
    iterator_->Seek(range_.begin);
    settle();
  }

  void seek(std::string_view state_key, Timestamp time) override {
    target_.clear();
    append_record_key(&target_, state_key, time);
    iterator_->Seek(target_);
    settle();
  }

  void seek_to_last() override {
    iterator_->SeekToLast();
    settle();
  }

  // No record has this very key: it would be one of the key in front of which it is sought.
  void seek_before(std::string_view state_key) override {
    iterator_->SeekForPrev(slice(state_key));
    settle();
  }

  void next() override {
    INVARIANT(valid());
    iterator_->Next();
    settle();
  }

  [[nodiscard]] bool valid() const override { return valid_; }
  [[nodiscard]] std::string_view state_key() const override { return state_key_; }
  [[nodiscard]] Timestamp time() const override {
    return {static_cast<std::int64_t>(read_u64_be(state_key_.data() + state_key_.size()))};
  }
  [[nodiscard]] wal::Origin origin() const override {
    const std::string_view value = view(iterator_->value());
    return has_origins_ && !value.empty() ? wal::Origin{static_cast<std::uint8_t>(value[0])} : kUnknownOrigin;
  }
  Result<std::string_view> image() override {
    const std::string_view value = view(iterator_->value());
    if (!has_origins_) return value;
    if (value.empty()) return fail(Error::corruption(path_ + " holds a record without an origin"));
    return value.substr(1);
  }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  void settle() {
    valid_ = false;
    if (!iterator_->Valid()) {
      if (!iterator_->status().ok()) status_ = fail(rocks_error(iterator_->status(), "reading " + path_));
      return;
    }
    const std::string_view key = view(iterator_->key());
    if (key.size() < kIdBytes + kTimeBytes) {
      status_ = fail(Error::corruption(path_ + " holds a key of " + std::to_string(key.size()) + " bytes"));
      return;
    }
    state_key_ = key.substr(0, key.size() - kTimeBytes);
    valid_ = true;
  }

  const std::string& path_;
  const std::shared_ptr<HistoryOpenFile> file_;  // before the iterator: it must outlive it
  const KeyRange range_;
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  const bool has_origins_;
  const bool looks_up_ = false;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string target_;
  std::string_view state_key_;
  bool valid_ = false;
  Result<void> status_;
};

}  // namespace

HistoryRunWriter::HistoryRunWriter(FileSystem& files, std::string path)
    : files_(files), path_(std::move(path)) {}

Result<std::unique_ptr<HistoryRunWriter>> HistoryRunWriter::create(FileSystem& files,
                                                                   const std::string& directory,
                                                                   const std::string& name) {
  std::unique_ptr<HistoryRunWriter> writer(new HistoryRunWriter(files, directory + '/' + name));
  writer->info_.name = name;
  writer->writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), run_options());
  const auto status = writer->writer_->Open(writer->path_);
  if (!status.ok()) return fail(rocks_error(status, "creating " + writer->path_));
  return writer;
}

HistoryRunWriter::~HistoryRunWriter() {
  if (finished_) return;
  writer_.reset();
  if (const auto removed = files_.remove(path_); !removed && removed.error().code != ErrorCode::kNotFound) {
    log::warn("cannot remove a half-written history run",
              {{"file", path_}, {"error", removed.error().message}});
  }
}

Result<void> HistoryRunWriter::add(std::string_view state_key, Timestamp time, wal::Origin origin,
                                   std::string_view image) {
  INVARIANT(state_key.size() >= kIdBytes);
  key_.clear();
  append_record_key(&key_, state_key, time);
  value_.assign(1, static_cast<char>(origin));
  value_ += image;
  const auto status = writer_->Put(key_, value_);
  if (!status.ok()) return fail(rocks_error(status, "writing " + path_));
  if (info_.records == 0) {
    info_.first_time = info_.last_time = time;
    info_.first_table = id_of(state_key);
  }
  info_.first_time = std::min(info_.first_time, time);
  info_.last_time = std::max(info_.last_time, time);
  info_.last_table = id_of(state_key);
  ++info_.records;
  bytes_written_ += key_.size() + image.size();
  count(id_of(state_key), time, key_.size() + image.size());
  return {};
}

void HistoryRunWriter::count(TableId table, Timestamp time, std::size_t bytes) {
  if (info_.tables.empty() || info_.tables.back().table != table)
    info_.tables.push_back({.table = table, .records = 0, .bytes = 0, .last_time = time});
  HistoryTableShare& share = info_.tables.back();
  ++share.records;
  share.bytes += bytes;
  share.last_time = std::max(share.last_time, time);
}

Result<HistoryRunInfo> HistoryRunWriter::finish() {
  INVARIANT(info_.records > 0);
  rocksdb::ExternalSstFileInfo file_info;
  const auto status = writer_->Finish(&file_info);  // syncs the file
  if (!status.ok()) return fail(rocks_error(status, "writing " + path_));
  info_.bytes = file_info.file_size;
  finished_ = true;
  return info_;
}

void HistoryOpenFiles::keep(const HistorySealedRun& run, const std::shared_ptr<HistoryOpenFile>& file) {
  file->last_read = ++reads_;
  if (file->is_kept) return;
  std::shared_ptr<HistoryOpenFile> closed;  // without the mutex
  const std::lock_guard lock(mutex_);
  if (file->is_kept.exchange(true)) return;
  kept_.emplace_back(&run, file);
  if (kept_.size() <= kFilesMax) return;
  const auto oldest =
      std::ranges::min_element(kept_, {}, [](const Kept& one) { return one.second->last_read.load(); });
  closed = std::move(oldest->second);
  closed->is_kept = false;
  kept_.erase(oldest);
}

void HistoryOpenFiles::forget(const HistorySealedRun& run) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&run](const Kept& one) { return one.first == &run; });
}

HistorySealedRun::HistorySealedRun(FileSystem& files, std::shared_ptr<HistoryOpenFiles> open_files,
                                   const std::string& directory, HistoryRunInfo info)
    : files_(files),
      open_files_(std::move(open_files)),
      path_(directory + '/' + info.name),
      info_(std::move(info)) {}

HistorySealedRun::~HistorySealedRun() {
  open_files_->forget(*this);
  if (!discarded_) return;
  if (const auto removed = files_.remove(path_); !removed) {
    // The next open sweeps it.
    log::warn("cannot remove an old history run", {{"file", path_}, {"error", removed.error().message}});
  }
}

Result<std::shared_ptr<HistoryOpenFile>> HistorySealedRun::open_file() const {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<HistoryOpenFile> file = file_.lock();
  if (!file) {
    ASSIGN_OR_RETURN(file, HistoryOpenFile::open(path_));
    file_ = file;
  }
  open_files_->keep(*this, file);
  return file;
}

Result<std::unique_ptr<HistoryCursor>> HistorySealedRun::cursor(KeyRange range) const {
  ASSIGN_OR_RETURN(auto file, open_file());
  return std::make_unique<SealedCursor>(path_, std::move(file), std::move(range), info_.has_origins);
}

Result<std::unique_ptr<HistoryCursor>> HistorySealedRun::lookup_cursor() const {
  ASSIGN_OR_RETURN(auto file, open_file());
  return std::make_unique<SealedCursor>(path_, std::move(file), info_.has_origins);
}

Result<void> HistorySealedRun::count_writes(TableId table, WriteCounts* counts) const {
  const auto share = std::ranges::find(info_.tables, table, &HistoryTableShare::table);
  if (!info_.tables.empty() && share == info_.tables.end()) return {};
  ASSIGN_OR_RETURN(const auto file, open_file());
  const auto properties = file->reader().GetTableProperties();
  const bool is_small = share != info_.tables.end() && share->records <= kCountedOneByOneMax;
  if (properties && (!is_small || counts->step_seconds % 60 == 0)) {
    const auto found = properties->user_collected_properties.find(kWritesProperty);
    if (found != properties->user_collected_properties.end()) {
      return add_counted_writes(found->second, table, counts);
    }
  }
  ASSIGN_OR_RETURN(const auto records, cursor(id_range(table)));
  for (records->seek_to_first(); records->valid(); records->next()) {
    counts->add(records->origin(), records->time(), 1);
  }
  return records->status();
}

}  // namespace tidemark::storage
