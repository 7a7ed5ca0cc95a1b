#include "transfer/import_object.h"

#include <memory>
#include <utility>

#include "model/item_checks.h"
#include "model/words/items.h"
#include "transfer/format/record_reader.h"
#include "transfer/source_objects.h"

namespace tidemark::transfer {
namespace {

constexpr std::size_t kReadBlockBytes = 1 << 20;
// The object's position stands in the high bits of the order.
constexpr int kOrderBitsPerObject = 40;

std::unique_ptr<format::RecordReader> reader_of(const ImportRecord& record,
                                                const model::TableSchema& schema) {
  if (record.input_format == "ION") return format::ion_reader();
  if (record.input_format != "CSV") return format::dynamodb_json_reader();
  format::CsvOptions options;
  const CsvSettings csv = record.csv.value_or(CsvSettings{});
  if (csv.delimiter && !csv.delimiter->empty()) options.delimiter = csv.delimiter->front();
  options.header = csv.header_list;
  return format::csv_reader(options, schema.attribute_definitions);
}

}  // namespace

ObjectImport::ObjectImport(const ImportRecord& record, const storage::Table& table,
                           storage::BulkLoader::Feeder& feeder, jobs::JobProgress& progress,
                           ImportErrorLog& error_log, const std::string& key, std::uint64_t position)
    : record_(record),
      table_(table),
      feeder_(feeder),
      progress_(progress),
      error_log_(error_log),
      key_(key),
      position_(position),
      next_order_(position << kOrderBitsPerObject),
      stream_(record.compression, reader_of(record, table.schema)) {}

Result<void> ObjectImport::run(const File& data, std::uint64_t size, const jobs::JobStop& stop) {
  const auto take = [this, &stop](std::uint64_t got) -> Result<bool> {
    RETURN_IF_ERROR(take_records(stop));
    report_batch(got);
    return !abandoned_;
  };
  ASSIGN_OR_RETURN(const std::uint64_t read,
                   feed_object(data, size, key_, kReadBlockBytes, stop, stream_, take));
  // The rest of an object that was abandoned is done with, too.
  ++batch_.files;
  report_batch(size - read);
  return {};
}

void ObjectImport::refuse_rest(const std::string& message, std::uint64_t size) {
  refuse(message);
  report_batch(size > stored_bytes_ ? size - stored_bytes_ : 0);
}

Result<void> ObjectImport::take_records(const jobs::JobStop& stop) {
  while (true) {
    // A block may hold any number of records, once it is decompressed.
    if (stop.requested()) return fail(Error::unavailable("stopped"));
    std::string message;
    switch (stream_.next(&item_, &message)) {
      case format::RecordReader::Outcome::kNeedMore:
        return {};
      case format::RecordReader::Outcome::kAbandon:
        refuse(message);
        abandoned_ = true;
        return {};
      case format::RecordReader::Outcome::kBadItem:
        refuse(message);
        break;
      case format::RecordReader::Outcome::kItem:
        RETURN_IF_ERROR(take_item());
        break;
    }
  }
}

Result<void> ObjectImport::take_item() {
  auto key = model::check_item(table_.schema, item_);
  if (!key) {
    refuse(model::words::item_message(key.error()));
    return {};
  }
  RETURN_IF_ERROR(feeder_.add(*key, item_, next_order_++));
  ++batch_.items;
  ++index_;
  return {};
}

void ObjectImport::refuse(const std::string& message) {
  error_log_.add(record_.s3_bucket, key_, index_++, message);
  ++batch_.items;
  ++batch_.errors;
}

void ObjectImport::report_batch(std::uint64_t stored_bytes) {
  batch_.bytes = stream_.plain_bytes() - std::exchange(plain_bytes_reported_, stream_.plain_bytes());
  progress_.add(position_, batch_, stored_bytes);
  stored_bytes_ += stored_bytes;
  counts_ += batch_;
  batch_ = {};
}

}  // namespace tidemark::transfer
