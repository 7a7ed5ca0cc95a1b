#include "storage/catalog/stream_book.h"

#include <utility>

#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace tidemark::storage {
namespace {

// The log is held a little longer than it can be read: who has found a record must still find it there.
constexpr std::int64_t kHeldSeconds = kStreamSeconds + 3'600;

// `2026-01-01T00:00:00.000`
std::string label_of(Timestamp created_at) {
  std::string label = format_iso_millis(created_at);
  label.pop_back();
  return label;
}

Stream new_stream(const Table& table, Timestamp created_at) {
  const model::TableSchema& schema = table.schema;
  Stream stream;
  stream.label = label_of(created_at);
  stream.arn = schema.arn() + "/stream/" + stream.label;
  stream.table = table.id;
  stream.table_name = schema.name;
  stream.account_id = schema.account_id;
  stream.region = schema.region;
  stream.partition_key = schema.keys.partition_keys.front().name;
  if (!schema.keys.sort_keys.empty()) stream.sort_key = schema.keys.sort_keys.front().name;
  stream.view_type = schema.stream->view_type;
  stream.created_at = created_at;
  for (const Partition& partition : table.partitions) stream.partitions.push_back(partition.id);
  return stream;
}

}  // namespace

std::string stream_hold(std::string_view arn) { return "stream/" + std::string(arn); }

std::string stream_document(const Stream& stream) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("label", stream.label);
  json.member("table", std::int64_t{number(stream.table)});
  json.member("table_name", stream.table_name);
  json.member("account_id", stream.account_id);
  json.member("region", stream.region);
  json.member("partition_key", stream.partition_key);
  if (!stream.sort_key.empty()) json.member("sort_key", stream.sort_key);
  json.member("view_type", stream.view_type);
  json.member("created_at", stream.created_at.micros);
  if (stream.ended_at) json.member("ended_at", stream.ended_at->micros);
  json.key("partitions");
  json.begin_array();
  for (const PartitionId id : stream.partitions) json.number(static_cast<std::int64_t>(id));
  json.end_array();
  json.end_object();
  return text;
}

Result<Stream> parse_stream_document(std::string_view arn, std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  bool is_damaged = !root || !root->is_object();
  Stream stream;
  stream.arn = arn;
  if (!is_damaged) {
    const JsonFields in(*root, &is_damaged);
    in.read("label", &stream.label);
    in.read_number("table", &stream.table);
    in.read("table_name", &stream.table_name);
    in.read("account_id", &stream.account_id);
    in.read("region", &stream.region);
    in.read("partition_key", &stream.partition_key);
    in.read("sort_key", &stream.sort_key);
    in.read("view_type", &stream.view_type);
    in.read("created_at", &stream.created_at);
    in.read("ended_at", &stream.ended_at);
    in.for_each("partitions", json::Type::kInteger, [&stream](json::Value id) {
      stream.partitions.push_back(static_cast<PartitionId>(id.integer()));
    });
  }
  if (is_damaged || stream.label.empty() || stream.partitions.empty()) {
    return fail(Error::corruption("the catalog has a stream that does not parse: " + std::string(arn)));
  }
  return stream;
}

std::vector<Stream> StreamBook::list() const {
  std::vector<Stream> streams;
  for (const auto& [arn, text] : catalog_.list_documents(kStreamDocument)) {
    auto stream = parse_stream_document(arn, text);
    if (stream) streams.push_back(*std::move(stream));
  }
  return streams;
}

std::optional<Stream> StreamBook::find(std::string_view arn) const {
  const auto text = catalog_.find_document(kStreamDocument, arn);
  if (!text) return std::nullopt;
  auto stream = parse_stream_document(arn, *text);
  return stream ? std::optional(*std::move(stream)) : std::nullopt;
}

Result<Document> StreamBook::begin(Table* table) {
  ASSIGN_OR_RETURN(auto place, log_.hold(wal::next(log_.published())));
  // Behind every commit so far: no two streams of a table share a label, and none has records of another.
  const Stream stream = new_stream(*table, committer_.with_time_boundary({}, [] {}));
  table->schema.stream->label = stream.label;
  const std::lock_guard lock(mutex_);
  places_.insert_or_assign(stream.arn, std::move(place));
  return Document{.kind = kStreamDocument, .key = stream.arn, .json = stream_document(stream)};
}

void StreamBook::hold_logs() {
  std::vector<std::string> begun;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [arn, place] : places_) begun.push_back(arn);
  }
  for (const std::string& arn : begun) {
    const auto stream = find(arn);
    if (const auto held = stream ? hold_log(*stream) : Result<void>{}; !held) {
      log::error("the change log is not held for a stream, trying again",
                 {{"stream", arn}, {"error", held.error().message}});
      continue;
    }
    const std::lock_guard lock(mutex_);
    places_.erase(arn);
  }
}

Result<void> StreamBook::hold_log(const Stream& stream) {
  if (holds_.find(stream_hold(stream.arn))) return {};
  auto held = holds_.hold({.who = stream_hold(stream.arn),
                           .table = stream.table,
                           .history_from = {},
                           .log_from = {},
                           .log_seconds = kHeldSeconds});
  // The table may be gone already, with everything that anybody could have read.
  const bool is_settled =
      held || held.error().code == ErrorCode::kNotFound || held.error().code == ErrorCode::kAlreadyExists;
  if (!is_settled) return fail(std::move(held).error());
  return {};
}

bool StreamBook::is_on(const Stream& stream) const {
  const TablePtr table = catalog_.find(stream.table);
  return table && has_stream(*table) && table->schema.stream->label == stream.label;
}

void StreamBook::note_ends() {
  for (Stream& stream : list()) {
    if (stream.ended_at || is_on(stream)) continue;
    // Whatever was committed while it was on is before this.
    committer_.with_gate([&stream](CommitPoint* last) { stream.ended_at = last->time; });
    if (const auto noted = catalog_.put_document(kStreamDocument, stream.arn, stream_document(stream));
        !noted) {
      log::error("the end of a stream is not noted yet, trying again",
                 {{"stream", stream.arn}, {"error", noted.error().message}});
    }
  }
}

Result<void> StreamBook::take_up() {
  for (const auto& [arn, text] : catalog_.list_documents(kStreamDocument)) {
    RETURN_IF_ERROR(parse_stream_document(arn, text));
  }
  note_ends();
  for (const Stream& stream : list()) {
    if (const auto held = hold_log(stream); !held) {
      log::error("the change log is not held for a stream",
                 {{"stream", stream.arn}, {"error", held.error().message}});
    }
  }
  return {};
}

Result<void> StreamBook::forget(const Stream& stream) {
  RETURN_IF_ERROR(catalog_.remove_document(kStreamDocument, stream.arn));
  return holds_.release(stream_hold(stream.arn));
}

}  // namespace tidemark::storage
