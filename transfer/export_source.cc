#include "transfer/export_source.h"

#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "model/key.h"
#include "transfer/format/csv_writer.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer {
namespace {

using format::ChangeRecord;
using format::RecordWriter;

constexpr std::string_view kCsv = "CSV";
constexpr std::uint64_t kItemsPerLook = 1'024;  // at the stop

std::unique_ptr<RecordWriter> writer_for(const ExportRecord& record) {
  return record.export_format == "ION" ? format::ion_writer() : format::dynamodb_json_writer();
}

// What of an image is written.
Result<std::string_view> projected(std::string_view text, const ItemFilter* filter, std::string* scratch) {
  if (filter == nullptr) return text;
  scratch->clear();
  RETURN_IF_ERROR(filter->append_projected(text, scratch));
  return *scratch;
}

class FullReader final : public ExportReader {
 public:
  FullReader(std::unique_ptr<storage::SnapshotReader> items, std::unique_ptr<RecordWriter> writer,
             const ItemFilter* filter)
      : items_(std::move(items)), writer_(std::move(writer)), filter_(filter) {}

  void append_head(std::string* out) override { writer_->append_head(out); }
  Step next(std::string* out) override {
    if (!status_) return Step::kEnd;
    if (!items_->next()) {
      status_ = items_->status();
      return Step::kEnd;
    }
    const auto step = write(out);
    if (step) return *step;
    status_ = fail(step.error());
    return Step::kEnd;
  }
  [[nodiscard]] std::uint64_t size_bytes() const override { return items_->size_bytes(); }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  Result<Step> write(std::string* out) {
    if (filter_ != nullptr) {
      ASSIGN_OR_RETURN(const bool selected, filter_->selects(items_->text()));
      if (!selected) return Step::kLeftOut;
    }
    ASSIGN_OR_RETURN(const std::string_view text, projected(items_->text(), filter_, &scratch_));
    writer_->append_item(text, out);
    return Step::kRecord;
  }

  const std::unique_ptr<storage::SnapshotReader> items_;
  const std::unique_ptr<RecordWriter> writer_;
  const ItemFilter* const filter_;
  std::string scratch_;
  Result<void> status_;
};

// Writes nothing, and remembers what there is.
class ColumnCollector final : public RecordWriter {
 public:
  explicit ColumnCollector(format::CsvColumns* columns) : columns_(*columns) {}
  void append_item(std::string_view item_text, std::string* /*out*/) override {
    if (status_) status_ = columns_.add_item(item_text);
  }
  void append_change(const ChangeRecord& /*change*/, std::string* /*out*/) override {}
  [[nodiscard]] const Result<void>& status() const { return status_; }

 private:
  format::CsvColumns& columns_;
  Result<void> status_;
};

std::vector<std::string> key_names(const storage::Table& table) {
  std::vector<std::string> names;
  for (const auto* attributes : {&table.schema.keys.partition_keys, &table.schema.keys.sort_keys}) {
    for (const model::AttributeDefinition& attribute : *attributes) names.push_back(attribute.name);
  }
  return names;
}

class FullSource final : public ExportSource {
 public:
  FullSource(const ExportRecord& record, std::unique_ptr<storage::TableSnapshot> snapshot,
             std::unique_ptr<ItemFilter> filter)
      : record_(record),
        snapshot_(std::move(snapshot)),
        filter_(std::move(filter)),
        columns_(key_names(snapshot_->table())) {
    if (filter_) keys_ = filter_->key_range(snapshot_->table());
  }

  [[nodiscard]] bool wants_survey() const override { return record_.export_format == kCsv; }
  Result<void> survey(storage::HashRange range, const std::stop_token& stop) override {
    ASSIGN_OR_RETURN(auto items, snapshot_->read(range, keys_));
    format::CsvColumns columns(key_names(snapshot_->table()));
    auto collector = std::make_unique<ColumnCollector>(&columns);
    const Result<void>& collected = collector->status();
    FullReader reader(std::move(items), std::move(collector), filter_.get());
    std::string nothing;
    for (std::uint64_t looked_at = 1; reader.next(&nothing) != ExportReader::Step::kEnd; ++looked_at) {
      if (!collected) return fail(collected.error());
      if (looked_at % kItemsPerLook == 0 && stop.stop_requested()) return fail(Error::unavailable("stopped"));
    }
    RETURN_IF_ERROR(reader.status());
    const std::lock_guard lock(mutex_);
    return columns_.add(columns);
  }

  [[nodiscard]] const std::vector<storage::Partition>& partitions() const override {
    return snapshot_->partitions();
  }
  Result<std::unique_ptr<ExportReader>> read(storage::HashRange range) override {
    ASSIGN_OR_RETURN(auto items, snapshot_->read(range, keys_));
    return std::make_unique<FullReader>(std::move(items), writer(), filter_.get());
  }

 private:
  std::unique_ptr<RecordWriter> writer() {
    if (!wants_survey()) return writer_for(record_);
    const std::lock_guard lock(mutex_);
    return format::csv_writer(columns_.names());
  }

  const ExportRecord record_;
  const std::unique_ptr<storage::TableSnapshot> snapshot_;
  const std::unique_ptr<ItemFilter> filter_;
  std::mutex mutex_;
  format::CsvColumns columns_;             // guarded by mutex_; of a survey
  std::optional<storage::KeyRange> keys_;  // to be read; nothing: all
};

class IncrementalReader final : public ExportReader {
 public:
  IncrementalReader(const model::KeySchema& keys, bool with_old_images,
                    std::unique_ptr<storage::ChangeReader> changes, std::unique_ptr<RecordWriter> writer,
                    const ItemFilter* filter)
      : keys_(keys),
        with_old_images_(with_old_images),
        changes_(std::move(changes)),
        writer_(std::move(writer)),
        filter_(filter) {}

  void append_head(std::string* out) override { writer_->append_head(out); }
  Step next(std::string* out) override {
    if (!status_) return Step::kEnd;
    if (!changes_->next()) {
      status_ = changes_->status();
      return Step::kEnd;
    }
    const auto step = write(out);
    if (step) return *step;
    status_ = fail(step.error());
    return Step::kEnd;
  }
  [[nodiscard]] std::uint64_t size_bytes() const override {
    std::uint64_t size = 0;
    if (const auto& old_image = changes_->old_image()) size += old_image->size_bytes;
    if (const auto& new_image = changes_->new_image()) size += new_image->size_bytes;
    return size;
  }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  Result<Step> write(std::string* out) {
    const auto& old_image = changes_->old_image();
    const auto& new_image = changes_->new_image();
    // What is there afterwards decides, of an item that was deleted what was there before.
    const std::string_view judged = new_image ? new_image->text : old_image->text;
    if (filter_ != nullptr) {
      ASSIGN_OR_RETURN(const bool selected, filter_->selects(judged));
      if (!selected) return Step::kLeftOut;
    }
    const auto key = model::key_of(keys_, judged);
    if (!key) return fail(Error::corruption("a stored item lacks its key"));
    const std::string key_text = model::key_text(keys_, *key);
    ChangeRecord record{
        .keys = key_text, .write_time = changes_->write_time(), .old_image = {}, .new_image = {}};
    if (old_image && with_old_images_) {
      ASSIGN_OR_RETURN(record.old_image, projected(old_image->text, filter_, &old_scratch_));
    }
    if (new_image) {
      ASSIGN_OR_RETURN(record.new_image, projected(new_image->text, filter_, &new_scratch_));
    }
    writer_->append_change(record, out);
    return Step::kRecord;
  }

  const model::KeySchema& keys_;
  const bool with_old_images_;
  const std::unique_ptr<storage::ChangeReader> changes_;
  const std::unique_ptr<RecordWriter> writer_;
  const ItemFilter* const filter_;
  std::string old_scratch_;
  std::string new_scratch_;
  Result<void> status_;
};

class IncrementalSource final : public ExportSource {
 public:
  IncrementalSource(const ExportRecord& record, std::unique_ptr<storage::TableChanges> changes,
                    std::unique_ptr<ItemFilter> filter)
      : record_(record), changes_(std::move(changes)), filter_(std::move(filter)) {
    INVARIANT(record_.window);
    if (filter_) keys_ = filter_->key_range(changes_->table());
  }

  [[nodiscard]] const std::vector<storage::Partition>& partitions() const override {
    return changes_->partitions();
  }
  Result<std::unique_ptr<ExportReader>> read(storage::HashRange range) override {
    ASSIGN_OR_RETURN(auto changes, changes_->read(range, keys_));
    return std::make_unique<IncrementalReader>(changes_->table().schema.keys,
                                               record_.window->view == kNewAndOldImages, std::move(changes),
                                               writer_for(record_), filter_.get());
  }

 private:
  const ExportRecord record_;
  const std::unique_ptr<storage::TableChanges> changes_;
  const std::unique_ptr<ItemFilter> filter_;
  std::optional<storage::KeyRange> keys_;  // to be read; nothing: all
};

}  // namespace

std::unique_ptr<ExportSource> full_export_source(const ExportRecord& record,
                                                 std::unique_ptr<storage::TableSnapshot> snapshot,
                                                 std::unique_ptr<ItemFilter> filter) {
  return std::make_unique<FullSource>(record, std::move(snapshot), std::move(filter));
}

std::unique_ptr<ExportSource> incremental_export_source(const ExportRecord& record,
                                                        std::unique_ptr<storage::TableChanges> changes,
                                                        std::unique_ptr<ItemFilter> filter) {
  return std::make_unique<IncrementalSource>(record, std::move(changes), std::move(filter));
}

}  // namespace tidemark::transfer
