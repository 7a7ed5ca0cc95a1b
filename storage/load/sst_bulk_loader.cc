#include "storage/load/sst_bulk_loader.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "storage/commit/index_writer.h"
#include "storage/load/external_sorter.h"
#include "storage/load/sst_files.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

// A share of a merge has so many, uncompressed: enough for a file of a good size.
constexpr std::uint64_t kShareBytes = 64ULL << 20;

class SstBulkLoader;

class SorterFeeder final : public BulkLoader::Feeder {
 public:
  SorterFeeder(SstBulkLoader& loader, ExternalSorter& sorter, TableId table, Timestamp write_time);
  ~SorterFeeder() override;

  Result<void> add(const model::Key& key, const model::Item& item, std::uint64_t order) override {
    value_.clear();
    append_stored(&value_, write_time_, item.size_bytes, item.text);
    return input_->add(state_key(table_, key), value_, order);
  }
  Result<void> flush() override { return input_->flush(); }

 private:
  SstBulkLoader& loader_;
  const std::unique_ptr<ExternalSorter::Input> input_;
  const TableId table_;
  const Timestamp write_time_;
  std::string value_;
};

// Runs `work(share)` for every share, in no order, on up to `threads` threads, and returns the first error.
Result<void> for_each_share(std::uint32_t shares, int threads,
                            const std::function<Result<void>(std::uint32_t)>& work) {
  std::atomic<std::uint32_t> next = 0;
  std::mutex mutex;
  Result<void> result;  // guarded by mutex
  const auto run = [&] {
    for (;;) {
      const std::uint32_t share = next++;
      if (share >= shares) return;
      if (auto done = work(share); !done) {
        const std::lock_guard lock(mutex);
        if (result) result = std::move(done);
        next = shares;  // the others begin no new one
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    const auto count = std::min(static_cast<std::uint32_t>(std::max(1, threads)), shares);
    for (std::uint32_t i = 1; i < count; ++i) workers.emplace_back(run);
    run();
  }
  return result;
}

// Even shares of the slices, one for a small load.
std::uint32_t share_count(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bytes / kShareBytes, 1, kSortSlices));
}
std::uint32_t share_begin(std::uint32_t share, std::uint32_t shares) { return share * kSortSlices / shares; }

class SstBulkLoader final : public BulkLoader {
 public:
  SstBulkLoader(BulkLoadTarget target, const BulkLoadOptions& options)
      : target_(std::move(target)),
        options_(options),
        prefix_(target_.directory + '/' + std::to_string(number(target_.table->id)) + '-'),
        items_(*target_.files, prefix_ + "items-", options.memory_bytes_max),
        output_(*target_.store, *target_.files, prefix_) {
    const auto& indexes = target_.table->schema.indexes;
    for (const model::IndexSchema& index : indexes) {
      indexes_.push_back(
          {index, std::make_unique<ExternalSorter>(*target_.files,
                                                   prefix_ + "index" + std::to_string(number(index.id)) + '-',
                                                   options_.memory_bytes_max / 2 / indexes.size())});
    }
  }

  ~SstBulkLoader() override { INVARIANT(feeders_ == 0); }

  std::unique_ptr<Feeder> feeder() override {
    return std::make_unique<SorterFeeder>(*this, items_, target_.table->id, target_.write_time);
  }
  std::unique_ptr<SortedFeeder> sorted_feeder() override;

  Result<BulkLoadResult> finish() override {
    INVARIANT(!finished_);
    finished_ = true;

    BulkLoadFiles files;
    ASSIGN_OR_RETURN(TableStats items, merge_items(&files.state));
    items_.clear();  // gives its memory and files back
    files.state.insert(files.state.end(), sorted_paths_.begin(), sorted_paths_.end());
    items.item_count += sorted_items_.item_count;
    items.size_bytes += sorted_items_.size_bytes;
    files.counters.emplace_back(target_.table->id, items);
    for (const IndexLoad& load : indexes_) {
      ASSIGN_OR_RETURN(const TableStats entries, merge_sorted(*load.entries, nullptr, &files.index));
      files.counters.emplace_back(load.index.id, entries);
      load.entries->clear();
    }
    RETURN_IF_ERROR(target_.ingest(files));
    return BulkLoadResult{.items = static_cast<std::uint64_t>(items.item_count),
                          .size_bytes = static_cast<std::uint64_t>(items.size_bytes)};
  }

  std::atomic<int> feeders_ = 0;

 private:
  struct IndexLoad {
    const model::IndexSchema& index;
    std::unique_ptr<ExternalSorter> entries;
  };

  // Takes every item that is kept, of one share.
  class ItemVisitor {
   public:
    virtual ~ItemVisitor() = default;
    virtual Result<void> visit(const StoredView& item) = 0;
    virtual Result<void> finish() = 0;
  };
  using VisitorFactory = std::function<std::unique_ptr<ItemVisitor>()>;

  // Makes the index entries of the items, to be sorted by keys of their own: while items are merged, not when
  // they are fed, so that of one that comes twice only the last has entries.
  class IndexFeeder final : public ItemVisitor {
   public:
    explicit IndexFeeder(SstBulkLoader& loader) : table_(*loader.target_.table) {
      for (const IndexLoad& load : loader.indexes_) inputs_.push_back({load.index, load.entries->input()});
    }

    Result<void> visit(const StoredView& item) override {
      const auto key = model::key_of(table_.schema.keys, item.text);
      if (!key) return fail(Error::corruption("an item of a bulk load lost its key"));
      for (const Input& input : inputs_) {
        const auto entry = index_entry(table_, input.index, *key, {item.text, item.size_bytes});
        if (!entry) continue;
        value_.clear();
        append_stored(&value_, item.write_time, entry->size_bytes, entry->text);
        RETURN_IF_ERROR(input.entries->add(entry->key, value_, 0));
      }
      return {};
    }

    Result<void> finish() override {
      for (const Input& input : inputs_) RETURN_IF_ERROR(input.entries->flush());
      return {};
    }

   private:
    struct Input {
      const model::IndexSchema& index;
      std::unique_ptr<ExternalSorter::Input> entries;
    };

    const Table& table_;
    std::vector<Input> inputs_;
    std::string value_;
  };

  // Writes the files as the items come.
  class FileFeeder final : public SortedFeeder {
   public:
    explicit FileFeeder(SstBulkLoader& loader) : loader_(loader), sequence_(loader.output_) {
      if (!loader.indexes_.empty()) entries_.emplace(loader);
      ++loader_.feeders_;
    }
    ~FileFeeder() override { --loader_.feeders_; }

    Result<void> add(std::string_view text, std::uint32_t size_bytes) override {
      const Table& table = *loader_.target_.table;
      const auto key = model::key_of(table.schema.keys, text);
      if (!key) return fail(Error::corruption("an item of a bulk load has no key"));
      value_.clear();
      append_stored(&value_, loader_.target_.write_time, size_bytes, text);
      RETURN_IF_ERROR(sequence_.add(state_key(table.id, *key), value_));
      ++stats_.item_count;
      stats_.size_bytes += size_bytes;
      if (!entries_) return {};
      return entries_->visit({text, size_bytes, loader_.target_.write_time});
    }

    Result<void> finish() override {
      if (entries_) RETURN_IF_ERROR(entries_->finish());
      ASSIGN_OR_RETURN(const auto paths, sequence_.finish());
      const std::lock_guard lock(loader_.sorted_mutex_);
      loader_.sorted_paths_.insert(loader_.sorted_paths_.end(), paths.begin(), paths.end());
      loader_.sorted_items_.item_count += stats_.item_count;
      loader_.sorted_items_.size_bytes += stats_.size_bytes;
      return {};
    }

   private:
    SstBulkLoader& loader_;
    SstFileSequence sequence_;
    std::optional<IndexFeeder> entries_;
    TableStats stats_;
    std::string value_;
  };

  Result<TableStats> merge_items(std::vector<std::string>* paths) {
    if (indexes_.empty()) return merge_sorted(items_, nullptr, paths);
    return merge_sorted(
        items_, [this] { return std::make_unique<IndexFeeder>(*this); }, paths);
  }

  // Writes what `sorter` holds into files, and counts it.
  Result<TableStats> merge_sorted(const ExternalSorter& sorter, const VisitorFactory& visitor,
                                  std::vector<std::string>* paths) {
    std::mutex mutex;
    TableStats total;  // guarded by mutex, as is *paths
    const std::uint32_t shares = share_count(sorter.bytes());
    RETURN_IF_ERROR(for_each_share(shares, options_.merge_threads, [&](std::uint32_t share) -> Result<void> {
      const auto reader = sorter.read(share_begin(share, shares), share_begin(share + 1, shares),
                                      std::max(1, options_.merge_threads));
      std::vector<std::string> written;
      ASSIGN_OR_RETURN(const TableStats stats, write_share(*reader, visitor ? visitor() : nullptr, &written));
      const std::lock_guard lock(mutex);
      total.item_count += stats.item_count;
      total.size_bytes += stats.size_bytes;
      paths->insert(paths->end(), written.begin(), written.end());
      return {};
    }));
    return total;
  }

  Result<TableStats> write_share(SortedReader& reader, const std::unique_ptr<ItemVisitor>& visitor,
                                 std::vector<std::string>* paths) {
    TableStats stats;
    SstFileSequence sequence(output_);
    while (reader.next()) {
      ASSIGN_OR_RETURN(const StoredView item, parse_stored(reader.value()));
      ++stats.item_count;
      stats.size_bytes += item.size_bytes;
      RETURN_IF_ERROR(sequence.add(reader.key(), reader.value()));
      if (visitor) RETURN_IF_ERROR(visitor->visit(item));
    }
    RETURN_IF_ERROR(reader.status());
    if (visitor) RETURN_IF_ERROR(visitor->finish());
    ASSIGN_OR_RETURN(*paths, sequence.finish());
    return stats;
  }

  const BulkLoadTarget target_;
  const BulkLoadOptions options_;
  const std::string prefix_;
  ExternalSorter items_;
  std::vector<IndexLoad> indexes_;
  SstOutput output_;
  std::mutex sorted_mutex_;
  std::vector<std::string> sorted_paths_;  // guarded by sorted_mutex_, as is the next: of finished feeders
  TableStats sorted_items_;
  bool finished_ = false;
};

std::unique_ptr<BulkLoader::SortedFeeder> SstBulkLoader::sorted_feeder() {
  return std::make_unique<FileFeeder>(*this);
}

SorterFeeder::SorterFeeder(SstBulkLoader& loader, ExternalSorter& sorter, TableId table, Timestamp write_time)
    : loader_(loader), input_(sorter.input()), table_(table), write_time_(write_time) {
  ++loader_.feeders_;
}

SorterFeeder::~SorterFeeder() { --loader_.feeders_; }

}  // namespace

std::unique_ptr<BulkLoader> make_bulk_loader(BulkLoadTarget target, const BulkLoadOptions& options) {
  return std::make_unique<SstBulkLoader>(std::move(target), options);
}

Result<void> sweep_bulk_loads(FileSystem& files, const std::string& directory) {
  RETURN_IF_ERROR(files.create_directories(directory));
  ASSIGN_OR_RETURN(const auto names, files.list(directory));
  const std::string prefix = directory + '/';
  for (const std::string& name : names) RETURN_IF_ERROR(files.remove(prefix + name));
  return {};
}

}  // namespace tidemark::storage
