#include "admin/past.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "admin/named_table.h"
#include "admin/origin_word.h"
#include "admin/query.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "storage/snapshot.h"

namespace tidemark::admin {
namespace {

using storage::TablePtr;

constexpr std::size_t kPieceBytes = 64 << 10;

// Lines, made while they are sent.
class Lines : public http::BodySource {
 public:
  Result<void> read(std::string* piece) override {
    piece->clear();
    while (has_more_ && piece->size() < kPieceBytes) {
      ASSIGN_OR_RETURN(has_more_, append_line(piece));
      if (has_more_) *piece += '\n';
    }
    return {};
  }

 private:
  // False, with nothing appended, at the end; not called again then.
  virtual Result<bool> append_line(std::string* out) = 0;

  bool has_more_ = true;
};

class ItemLines final : public Lines {
 public:
  ItemLines(std::unique_ptr<storage::ReadView> view, const TablePtr& table)
      : view_(std::move(view)), cursor_(open(*view_, table)) {}

 private:
  static std::unique_ptr<storage::Cursor> open(storage::ReadView& view, const TablePtr& table) {
    const storage::Target target{table};
    storage::ReadOptions options;
    options.fill_cache = false;
    return view.read(target, storage::segment_range(target, 0, 1), options);
  }

  Result<bool> append_line(std::string* out) override {
    if (!cursor_->next()) {
      RETURN_IF_ERROR(cursor_->status());
      return false;
    }
    *out += cursor_->text();
    return true;
  }

  const std::unique_ptr<storage::ReadView> view_;
  const std::unique_ptr<storage::Cursor> cursor_;
};

// The items as they are now, of one moment, whether the table has a history or not.
class PresentLines final : public Lines {
 public:
  static Result<std::shared_ptr<PresentLines>> open(std::unique_ptr<storage::TableSnapshot> snapshot) {
    ASSIGN_OR_RETURN(auto reader, snapshot->read({}));
    return std::make_shared<PresentLines>(std::move(snapshot), std::move(reader));
  }
  PresentLines(std::unique_ptr<storage::TableSnapshot> snapshot,
               std::unique_ptr<storage::SnapshotReader> reader)
      : snapshot_(std::move(snapshot)), reader_(std::move(reader)) {}

 private:
  Result<bool> append_line(std::string* out) override {
    if (!reader_->next()) {
      RETURN_IF_ERROR(reader_->status());
      return false;
    }
    *out += reader_->text();
    return true;
  }

  const std::unique_ptr<storage::TableSnapshot> snapshot_;
  const std::unique_ptr<storage::SnapshotReader> reader_;
};

void write_item(std::string_view name, std::optional<std::string_view> text, JsonWriter& json) {
  json.key(name), json.raw(text.value_or("null"));
}

void write_origin(Timestamp time, wal::Origin origin, JsonWriter& json) {
  json.member("time", format_iso_micros(time));
  json.member("by", word_of(origin));
}

class VersionLines final : public Lines {
 public:
  explicit VersionLines(std::unique_ptr<storage::ItemHistory> history) : history_(std::move(history)) {}

 private:
  Result<bool> append_line(std::string* out) override {
    ASSIGN_OR_RETURN(const auto revision, history_->next());
    if (!revision) return false;
    JsonWriter json(out);
    json.begin_object();
    write_origin(revision->time, revision->origin, json);
    write_item("item", revision->item ? std::optional(revision->item->text()) : std::nullopt, json);
    json.end_object();
    return true;
  }

  const std::unique_ptr<storage::ItemHistory> history_;
};

// The attributes of the key, as they stand in the item.
std::string key_text(const model::KeySchema& keys, std::string_view item_text) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  for (const auto* attributes : {&keys.partition_keys, &keys.sort_keys}) {
    for (const model::AttributeDefinition& attribute : *attributes) {
      json.key(attribute.name);
      json.raw(model::find_attribute(item_text, attribute.name).value_or("null"));
    }
  }
  json.end_object();
  return out;
}

class ChangeLines final : public Lines {
 public:
  // `with_unchanged`: also what was written, and is as it was before.
  static Result<std::shared_ptr<ChangeLines>> open(std::unique_ptr<storage::TableChanges> changes,
                                                   bool with_unchanged) {
    ASSIGN_OR_RETURN(auto reader, changes->read({}));
    return std::make_shared<ChangeLines>(std::move(changes), std::move(reader), with_unchanged);
  }
  ChangeLines(std::unique_ptr<storage::TableChanges> changes, std::unique_ptr<storage::ChangeReader> reader,
              bool with_unchanged)
      : changes_(std::move(changes)), reader_(std::move(reader)), with_unchanged_(with_unchanged) {}

 private:
  Result<bool> append_line(std::string* out) override {
    while (reader_->next()) {
      const auto before = text_of(reader_->old_image());
      const auto after = text_of(reader_->new_image());
      if (before == after && !with_unchanged_) continue;
      JsonWriter json(out);
      json.begin_object();
      json.key("key"), json.raw(key_text(changes_->table().schema.keys, after ? *after : *before));
      write_item("old", before, json);
      write_item("new", after, json);
      write_origin(reader_->write_time(), reader_->origin(), json);
      json.end_object();
      return true;
    }
    RETURN_IF_ERROR(reader_->status());
    return false;
  }

  static std::optional<std::string_view> text_of(const std::optional<storage::ItemVersion>& version) {
    return version ? std::optional(version->text) : std::nullopt;
  }

  const std::unique_ptr<storage::TableChanges> changes_;
  const std::unique_ptr<storage::ChangeReader> reader_;
  const bool with_unchanged_;
};

http::Response lines_answer(std::shared_ptr<http::BodySource> lines) {
  http::Response response;
  response.headers.add("Content-Type", "application/x-ndjson");
  response.body = std::move(lines);
  return response;
}

http::Response failure_answer(const Error& error) {
  const std::string sentence = sentence_of(error);
  if (error.code == ErrorCode::kInvalidArgument) return error_answer(400, sentence);
  if (error.code == ErrorCode::kNotFound) return error_answer(404, sentence);
  return error_answer(503,
                      "The past of the table cannot be read at the moment; the log of the server says why.");
}

// The parameters of all three; each takes some of them.
struct PastQuery {
  std::optional<Timestamp> time;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  bool with_unchanged = false;
  std::optional<std::string> key;
  std::optional<std::string> account;
  std::optional<std::string> region;
};

// `known` are the names that there are besides account and region, with commas behind each.
Result<PastQuery, std::string> read_query(std::string_view text, std::string_view known) {
  PastQuery query;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) {
    if (name == "account") {
      ASSIGN_OR_RETURN(query.account, parse_account(value));
    } else if (name == "region") {
      query.region = value;
    } else if (known.find(name + ", ") == std::string_view::npos || name.empty()) {
      return fail("There is no parameter '" + name + "'; there are " + std::string(known) +
                  "account and region.");
    } else if (name == "key") {
      query.key = value;
    } else if (name == "unchanged") {
      if (value != "true" && value != "false") return fail("unchanged must be true or false.");
      query.with_unchanged = value == "true";
    } else {
      auto* const moment = name == "time" ? &query.time : name == "from" ? &query.from : &query.to;
      ASSIGN_OR_RETURN(*moment, parse_moment_of(name, value));
    }
  }
  return query;
}

// What each of the three begins with.
struct Asked {
  PastQuery query;
  TablePtr table;
  std::optional<model::Key> key;
};

Result<Asked, http::Response> read_request(storage::Engine& engine, const AdminRequest& request,
                                           std::string_view known) {
  auto query = read_query(request.head.query(), known);
  if (!query) return fail(error_answer(400, query.error()));
  Asked asked{.query = *std::move(query), .table = {}, .key = {}};
  ASSIGN_OR_RETURN(asked.table, choose_table(engine.catalog(), {.name = request.name,
                                                                .account = asked.query.account,
                                                                .region = asked.query.region}));
  if (!asked.query.key) return asked;
  auto key = parse_key(*asked.table, *asked.query.key);
  if (!key) return fail(error_answer(400, key.error()));
  asked.key = *std::move(key);
  return asked;
}

http::Response read_present(storage::Engine& engine, const TablePtr& table) {
  auto snapshot = engine.snapshot(table->id);
  if (!snapshot) return failure_answer(snapshot.error());
  const Timestamp time = (*snapshot)->time();
  auto lines = PresentLines::open(*std::move(snapshot));
  if (!lines) return failure_answer(lines.error());
  http::Response response = lines_answer(*std::move(lines));
  response.headers.add("X-Tidemark-As-Of", format_iso_micros(time));
  return response;
}

http::Response read_as_of(storage::Engine& engine, const AdminRequest& request) {
  const auto asked = read_request(engine, request, "time, key, ");
  if (!asked) return asked.error();
  if (!asked->query.time && asked->key) return error_answer(400, "The parameter time is missing.");
  if (!asked->query.time) return read_present(engine, asked->table);
  auto view = engine.view_at({asked->table->id}, *asked->query.time);
  if (!view) return failure_answer(view.error());
  if (!asked->key) return lines_answer(std::make_shared<ItemLines>(*std::move(view), asked->table));
  const auto item = (*view)->get(*asked->table, *asked->key);
  if (!item) return failure_answer(item.error());
  if (!*item) return error_answer(404, "There was no such item at that time.");
  http::Response response = json_answer(200, std::string((*item)->text()));
  return response;
}

http::Response read_history(storage::Engine& engine, const AdminRequest& request) {
  const auto asked = read_request(engine, request, "key, ");
  if (!asked) return asked.error();
  if (!asked->key) return error_answer(400, "The parameter key is missing.");
  auto history = engine.item_history(asked->table->id, *asked->key);
  if (!history) return failure_answer(history.error());
  return lines_answer(std::make_shared<VersionLines>(*std::move(history)));
}

// The clock may stand still while commits go on by microseconds.
Timestamp newest_moment(storage::Engine& engine, const Clock& clock) {
  return std::max(clock.now(), engine.last_commit_time().value_or(Timestamp{}));
}

http::Response read_diff(storage::Engine& engine, const Clock& clock, const AdminRequest& request) {
  const auto asked = read_request(engine, request, "from, to, unchanged, ");
  if (!asked) return asked.error();
  if (!asked->query.from) return error_answer(400, "The parameter from is missing.");
  const Timestamp to = asked->query.to ? *asked->query.to : newest_moment(engine, clock);
  auto changes = engine.changes(asked->table->id, *asked->query.from, to, storage::Reach::kHeld);
  if (!changes) return failure_answer(changes.error());
  auto lines = ChangeLines::open(*std::move(changes), asked->query.with_unchanged);
  if (!lines) return failure_answer(lines.error());
  return lines_answer(*std::move(lines));
}

}  // namespace

std::vector<Route> past_routes(storage::Engine& engine, const Clock& clock) {
  const auto route = [](std::string_view path, Handler handle) {
    return Route{.method = "GET",
                 .path = path,
                 .handle = std::move(handle),
                 .is_heavy = true,
                 .shows_items = true,
                 .takes_parameters = true};
  };
  return {route("/_tidemark/tables/{name}/as-of",
                [&engine](const AdminRequest& request) { return read_as_of(engine, request); }),
          route("/_tidemark/tables/{name}/history",
                [&engine](const AdminRequest& request) { return read_history(engine, request); }),
          route("/_tidemark/tables/{name}/diff", [&engine, &clock](const AdminRequest& request) {
            return read_diff(engine, clock, request);
          })};
}

}  // namespace tidemark::admin
