#include "storage/load/sst_bulk_loader.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/background_threads.h"
#include "base/check.h"
#include "base/log.h"
#include "storage/commit/index_writer.h"
#include "storage/load/external_sorter.h"
#include "storage/load/load_journal.h"
#include "storage/load/sst_files.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

// A share of a merge has so many, uncompressed: enough for a file of a good size.
constexpr std::uint64_t kShareBytes = 64ULL << 20;
const std::string kItemsPrefix = "items-";

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
  Result<void> checkpoint(std::string_view note) override;
  [[nodiscard]] std::uint64_t unsaved_bytes() const override { return input_->unsaved_bytes(); }

 private:
  SstBulkLoader& loader_;
  const std::unique_ptr<ExternalSorter::Input> input_;
  const TableId table_;
  const Timestamp write_time_;
  std::string value_;
};

// Runs `work(share)` for every share, in no order, on up to `threads` background threads, and
// returns the first error.
Result<void> for_each_share(std::uint32_t shares, int threads,
                            const std::function<Result<void>(std::uint32_t)>& work) {
  std::atomic<std::uint32_t> next = 0;
  std::mutex mutex;
  Result<void> result;  // guarded by mutex
  const auto count = std::min(static_cast<std::uint32_t>(std::max(1, threads)), shares);
  run_on_background_threads(count, [&] {
    for (;;) {
      const std::uint32_t share = next++;
      if (share >= shares) return;
      if (auto done = work(share); !done) {
        const std::lock_guard lock(mutex);
        if (result) result = std::move(done);
        next = shares;  // the others begin no new one
      }
    }
  });
  return result;
}

// Even shares of the slices, one for a small load.
std::uint32_t share_count(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bytes / kShareBytes, 1, kSortSlices));
}
std::uint32_t share_begin(std::uint32_t share, std::uint32_t shares) { return share * kSortSlices / shares; }

std::string path_in(const std::string& directory, const std::string& name) { return directory + '/' + name; }

std::string prefix_of(const std::string& directory, TableId table) {
  return directory + '/' + std::to_string(number(table)) + '-';
}

class SstBulkLoader final : public BulkLoader {
 public:
  // `journal`: of a load with a plan.
  SstBulkLoader(BulkLoadTarget target, const BulkLoadOptions& options, std::unique_ptr<LoadJournal> journal)
      : target_(std::move(target)),
        options_(options),
        journal_(std::move(journal)),
        prefix_(prefix_of(target_.directory, target_.table->id)),
        items_(*target_.files, prefix_ + kItemsPrefix, options.memory_bytes_max, target_.check_room),
        output_(*target_.store, *target_.files, prefix_, target_.check_room) {
    const auto& indexes = target_.table->schema.indexes;
    for (const model::IndexSchema& index : indexes) {
      indexes_.push_back(
          {index, std::make_unique<ExternalSorter>(
                      *target_.files, prefix_ + "index" + std::to_string(number(index.id)) + '-',
                      options_.memory_bytes_max / 2 / indexes.size(), target_.check_room)});
    }
  }

  ~SstBulkLoader() override {
    INVARIANT(feeders_ == 0);
    if (journal_ == nullptr || suspended_) return;
    // First: without it nobody misses the rest.
    if (const auto removed = journal_->remove(); !removed) {
      log::warn("the manifest of a load cannot be removed", {{"error", removed.error().message}});
    }
  }

  // What the checkpoints of an earlier process cover.
  Result<void> restore(const std::vector<SavedRun>& runs) { return items_.restore(runs); }

  Result<void> checkpoint(const std::vector<SavedRun>& runs, std::string_view note) {
    INVARIANT(journal_ != nullptr);
    return journal_->checkpoint(runs, note);
  }

  void suspend() override {
    INVARIANT(feeders_ == 0 && journal_ != nullptr);
    suspended_ = true;
    items_.keep_files();
  }

  std::unique_ptr<Feeder> feeder() override {
    return std::make_unique<SorterFeeder>(*this, items_, target_.table->id, target_.write_time);
  }
  std::unique_ptr<SortedFeeder> sorted_feeder() override;

  Result<BulkLoadResult> finish() override {
    INVARIANT(!finished_);
    finished_ = true;

    BulkLoadFiles files;
    ASSIGN_OR_RETURN(TableStats items, merge_items(&files.state));
    // Gives its memory and files back, but for those from which the next process would have to go on.
    if (journal_ == nullptr) items_.clear();
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
      for (const IndexLoad& load : loader.indexes_) {
        auto entries = load.entries->input();
        inputs_.push_back({load.index, std::move(entries)});
      }
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
  const std::unique_ptr<LoadJournal> journal_;
  bool suspended_ = false;
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

Result<void> SorterFeeder::checkpoint(std::string_view note) {
  ASSIGN_OR_RETURN(const auto runs, input_->save());
  return loader_.checkpoint(runs, note);
}

// Whose file it is; nothing when the name is none that a load gives.
std::optional<TableId> owner_of(const std::string& name) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
  return TableId{id};
}

// What the next process needs: the manifest, and the runs of items.
bool is_resumable_part(std::string_view name) {
  const std::string_view rest = name.substr(name.find('-') + 1);
  return rest == "manifest" || rest.starts_with(kItemsPrefix);
}

}  // namespace

std::unique_ptr<BulkLoader> make_bulk_loader(BulkLoadTarget target, const BulkLoadOptions& options) {
  std::unique_ptr<LoadJournal> journal;
  if (options.plan) {
    journal = std::make_unique<LoadJournal>(
        *target.files, target.directory, load_journal_path(target.directory, target.table->id),
        LoadJournal::Head{
            .table_uuid = target.table->schema.uuid, .write_time = target.write_time, .plan = *options.plan});
  }
  return std::make_unique<SstBulkLoader>(std::move(target), options, std::move(journal));
}

namespace {

// Runs that no checkpoint covers, half files and the like.
Result<void> remove_uncovered(FileSystem& files, const std::string& directory, TableId table,
                              const JournaledLoad& load) {
  std::set<std::string> covered = {load_journal_path(directory, table)};
  for (const SavedRun& run : load.runs) {
    covered.insert(run_path(prefix_of(directory, table) + kItemsPrefix, run.file));
  }
  ASSIGN_OR_RETURN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    const std::string path = path_in(directory, name);
    if (owner_of(name) == table && !covered.contains(path)) RETURN_IF_ERROR(files.remove(path));
  }
  return {};
}

}  // namespace

Result<std::optional<ResumedLoad>> resume_bulk_load(BulkLoadTarget target, const BulkLoadOptions& options) {
  FileSystem& files = *target.files;
  const std::string directory = target.directory;
  const TableId table = target.table->id;
  const std::string path = load_journal_path(directory, table);
  ASSIGN_OR_RETURN(auto journaled, read_load_journal(files, path));
  if (!journaled || journaled->table_uuid != target.table->schema.uuid) {
    RETURN_IF_ERROR(remove_bulk_load(files, directory, table));
    return std::nullopt;
  }
  RETURN_IF_ERROR(remove_uncovered(files, directory, table, *journaled));
  target.write_time = journaled->write_time;
  ASSIGN_OR_RETURN(auto journal, LoadJournal::reopen(files, directory, path, journaled->size_bytes));
  auto loader = std::make_unique<SstBulkLoader>(std::move(target), options, std::move(journal));
  if (auto restored = loader->restore(journaled->runs); !restored) {
    if (restored.error().code != ErrorCode::kCorruption) return fail(std::move(restored).error());
    log::warn("a load cannot be resumed", {{"error", restored.error().message}});
    loader.reset();
    RETURN_IF_ERROR(remove_bulk_load(files, directory, table));
    return std::nullopt;
  }
  return ResumedLoad{
      .loader = std::move(loader), .plan = std::move(journaled->plan), .notes = std::move(journaled->notes)};
}

Result<void> sweep_bulk_loads(FileSystem& files, const std::string& directory,
                              const std::function<bool(TableId)>& still_waits) {
  RETURN_IF_ERROR(files.create_directories(directory));
  ASSIGN_OR_RETURN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    const auto owner = owner_of(name);
    const bool stays = owner && is_resumable_part(name) && still_waits(*owner) &&
                       files.exists(load_journal_path(directory, *owner));
    if (!stays) RETURN_IF_ERROR(files.remove(path_in(directory, name)));
  }
  return {};
}

Result<void> remove_bulk_load(FileSystem& files, const std::string& directory, TableId table) {
  const std::string manifest = load_journal_path(directory, table);
  if (files.exists(manifest)) RETURN_IF_ERROR(files.remove(manifest));
  ASSIGN_OR_RETURN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    if (owner_of(name) == table) RETURN_IF_ERROR(files.remove(path_in(directory, name)));
  }
  return {};
}

}  // namespace tidemark::storage
