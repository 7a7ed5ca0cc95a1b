#include "storage/catalog/retention.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "model/pitr.h"

namespace tidemark::storage {
namespace {

constexpr char kDocumentKind[] = "hold";
constexpr std::string_view kNoHistory = "no history of the table is kept: point-in-time recovery is off";

std::string to_json(const Hold& hold) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("table", std::int64_t{number(hold.table)});
  if (hold.history_from) json.member("history_from_us", hold.history_from->micros);
  if (hold.log_from) json.member("log_from", static_cast<std::int64_t>(wal::number(*hold.log_from)));
  if (hold.log_seconds) json.member("log_seconds", *hold.log_seconds);
  if (hold.only_moment) json.member("only_moment", true);
  json.end_object();
  return text;
}

std::optional<std::int64_t> integer_of(const json::Value& object, std::string_view name) {
  const auto member = object.find(name);
  if (!member || member->type() != json::Type::kInteger) return std::nullopt;
  return member->integer();
}

std::optional<Hold> hold_from_json(const std::string& who, std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return std::nullopt;
  const auto table = integer_of(*root, "table");
  if (!table) return std::nullopt;
  Hold hold{.who = who,
            .table = static_cast<TableId>(*table),
            .history_from = {},
            .log_from = {},
            .log_seconds = {}};
  if (const auto micros = integer_of(*root, "history_from_us")) hold.history_from = Timestamp{*micros};
  if (const auto record = integer_of(*root, "log_from")) {
    hold.log_from = wal::SequenceNumber{static_cast<std::uint64_t>(*record)};
  }
  hold.log_seconds = integer_of(*root, "log_seconds");
  const auto only_moment = root->find("only_moment");
  hold.only_moment = only_moment && only_moment->type() == json::Type::kBool && only_moment->boolean();
  return hold;
}

enum class Extent : std::uint8_t { kMoment, kMomentAndAllAfter };

// Judges a moment by the need of its table, the only one in `needs`, and by what is left of its history.
Result<Timestamp> moment_in(const HistoryNeeds& needs, const HistoryPin& history, Timestamp time,
                            Extent extent, Timestamp exact_from) {
  if (needs.empty()) {
    return fail(Error::invalid_argument(std::string(kNoHistory)));
  }
  const HistoryNeed& need = needs.begin()->second;
  if (time < need.from) {
    return fail(Error::invalid_argument(format_iso_micros(time) +
                                        " is before the history of the table, which begins at " +
                                        format_iso_micros(need.from)));
  }
  const auto is_kept = extent == Extent::kMoment ? is_readable : is_readable_from;
  if (!is_kept(need, time)) {
    return fail(Error::invalid_argument("of the history of the table at " + format_iso_micros(time) +
                                        " no more than some moments are kept"));
  }
  const Timestamp moment = readable_moment(needs.begin()->second, time, exact_from);
  if (moment < history.complete_from()) {
    return fail(Error::invalid_argument("the history of the table before " +
                                        format_iso_micros(history.complete_from()) + " was dropped"));
  }
  return moment;
}

// Where "from now on" begins: everything up to here is what there is now.
Timestamp last_commit_of(Committer& committer) {
  Timestamp last;
  committer.with_gate([&last](CommitPoint* point) { last = point->time; });
  return last;
}

}  // namespace

std::string deleted_table_hold(TableId table) { return "deleted/" + std::to_string(number(table)); }

Document hold_document(const Hold& hold) {
  return {.kind = kDocumentKind, .key = hold.who, .json = to_json(hold)};
}

HistoryNeeds history_needs(const std::vector<TablePtr>& tables, const std::vector<Hold>& holds,
                           Timestamp now) {
  HistoryNeeds needs;
  for (const TablePtr& table : tables) {
    const auto window = model::pitr_window(table->schema.pitr, now);
    if (window) needs[table->id] = {.from = window->begin, .exact = {table->schema.pitr.enabled_at}};
  }
  for (const Hold& hold : holds) {
    if (!hold.history_from) continue;
    // Until somebody needs all of it, history is sparse for ever.
    HistoryNeed& need =
        needs.try_emplace(hold.table, HistoryNeed{*hold.history_from, {}, kFromNowOn}).first->second;
    if (!hold.only_moment) {
      need.sparse_before = std::min(need.sparse_before.value_or(need.from), *hold.history_from);
    } else if (!need.sparse_before) {
      need.sparse_before = need.from;
    }
    need.from = std::min(need.from, *hold.history_from);
    need.exact.push_back(*hold.history_from);
  }
  for (auto& [table, need] : needs) {
    if (need.sparse_before && *need.sparse_before <= need.from) need.sparse_before.reset();
    std::sort(need.exact.begin(), need.exact.end());
    need.exact.erase(std::unique(need.exact.begin(), need.exact.end()), need.exact.end());
  }
  return needs;
}

wal::LogNeed log_need(const std::vector<Hold>& holds, wal::SequenceNumber replay_after, Timestamp now) {
  wal::LogNeed need{.after = replay_after, .since = {}};
  for (const Hold& hold : holds) {
    if (!hold.log_seconds) continue;
    const Timestamp since = now.plus_seconds(-*hold.log_seconds);
    need.since = std::min(need.since.value_or(since), since);
  }
  return need;
}

Retention::Retention(const RetentionParts& parts)
    : catalog_(*parts.catalog),
      committer_(*parts.committer),
      history_(*parts.history),
      log_(*parts.log),
      clock_(*parts.clock),
      exact_history_seconds_(parts.exact_history_seconds) {}

Result<std::unique_ptr<Retention>> Retention::open(const RetentionParts& parts) {
  std::unique_ptr<Retention> retention(new Retention(parts));
  for (const auto& [who, json] : parts.catalog->list_documents(kDocumentKind)) {
    RETURN_IF_ERROR(retention->load(who, json));
  }
  return retention;
}

Result<void> Retention::load(const std::string& who, std::string_view json) {
  auto hold = hold_from_json(who, json);
  if (!hold) return fail(Error::corruption("the catalog has a hold that does not parse: " + who));
  if (hold->history_from) {
    static_cast<void>(catalog_.hold_history(hold->table, true));  // or the table is gone
  }
  std::unique_ptr<wal::LiveLog::Place> place;
  if (hold->log_from) {
    // The log may have lost records at its end that were never made safe.
    const auto from = std::min(*hold->log_from, wal::next(log_.published()));
    ASSIGN_OR_RETURN(place, log_.hold(std::max(from, log_.first_held())));
  }
  const std::lock_guard lock(mutex_);
  add({*std::move(hold), std::move(place)});
  return {};
}

Result<Hold> Retention::hold(Hold hold) {
  const std::lock_guard changing(change_mutex_);
  if (find(hold.who)) return fail(Error::already_exists("a hold of " + hold.who));
  if (!catalog_.find(hold.table) && !catalog_.find_retired(hold.table)) {
    return fail(Error::not_found("the table is gone"));
  }
  std::unique_ptr<wal::LiveLog::Place> place;
  if (hold.log_from) {
    ASSIGN_OR_RETURN(place, log_.hold(*hold.log_from));
  }
  // In memory first: what is held stays from here on. The caller may count on it only when it is durable.
  auto taken = take(&hold, std::move(place));
  if (taken) taken = save(hold);
  if (!taken) {
    forget(hold);
    return fail(std::move(taken).error());
  }
  return hold;
}

Result<void> Retention::take(Hold* hold, std::unique_ptr<wal::LiveLog::Place> place) {
  CatalogStore::HistoryStart start;
  if (hold->history_from) {
    // Recorded before it is judged, so that history has no hole behind the last commit.
    ASSIGN_OR_RETURN(start, catalog_.hold_history(hold->table, true));
  }
  const std::lock_guard lock(mutex_);
  if (hold->history_from) {
    ASSIGN_OR_RETURN(*hold->history_from, first_moment(*hold, start));
  }
  add({*hold, std::move(place)});
  return {};
}

Result<Timestamp> Retention::first_moment(const Hold& hold, const CatalogStore::HistoryStart& start) const {
  const Timestamp asked = *hold.history_from;
  if (asked > std::max(clock_.now(), start.last_commit)) return start.last_commit;
  if (!start.was_kept) {
    if (asked >= start.last_commit) return asked;
    return fail(Error::invalid_argument("the history of the table was not kept at that time"));
  }
  ASSIGN_OR_RETURN(const Timestamp moment, held_moment(hold, asked));
  const auto given_up = given_up_.find(hold.table);
  if (given_up != given_up_.end() && moment < given_up->second) {
    return fail(Error::invalid_argument("the history of the table at that time is being dropped"));
  }
  return moment;
}

Result<void> Retention::save(const Hold& hold) {
  Document document = hold_document(hold);
  return catalog_.put_document(document.kind, document.key, std::move(document.json));
}

void Retention::forget(const Hold& hold) {
  bool is_needed = false;
  std::optional<Held> removed;
  {
    const std::lock_guard lock(mutex_);
    removed = remove(hold.who);
    is_needed = holds_history_of(hold.table);
  }
  // Nobody else changes holds now.
  if (hold.history_from && !is_needed) static_cast<void>(catalog_.hold_history(hold.table, false));
}

Result<Hold> Retention::move_forward(std::string_view who, std::optional<Timestamp> history_from,
                                     std::optional<wal::SequenceNumber> log_from) {
  const std::lock_guard changing(change_mutex_);
  auto found = find(who);
  if (!found) return fail(Error::not_found("a hold of " + std::string(who)));
  Hold hold = *std::move(found);
  if (hold.history_from && history_from) {
    ASSIGN_OR_RETURN(*hold.history_from, later_moment(hold, *history_from));
  }
  if (hold.log_from && log_from) {
    hold.log_from = std::max(*hold.log_from, std::min(*log_from, wal::next(log_.published())));
  }
  // On disk first: until it is there, a restart holds what was held before.
  RETURN_IF_ERROR(save(hold));
  std::shared_ptr<wal::LiveLog::Place> place;
  {
    const std::lock_guard lock(mutex_);
    Held& held = holds_.find(who)->second;
    held.hold = hold;
    place = held.place;
  }
  if (place) place->move_forward(*hold.log_from);
  return hold;
}

Result<Timestamp> Retention::later_moment(const Hold& hold, Timestamp asked) const {
  const Timestamp last_commit = last_commit_of(committer_);
  if (asked > std::max(clock_.now(), last_commit)) return std::max(*hold.history_from, last_commit);
  if (asked <= *hold.history_from) return *hold.history_from;
  const std::lock_guard lock(mutex_);
  return held_moment(hold, asked);
}

Result<Timestamp> Retention::held_moment(const Hold& hold, Timestamp asked) const {
  std::vector<TablePtr> tables;
  if (auto found = catalog_.find(hold.table)) tables.push_back(std::move(found));
  const auto history = history_.pin(hold.table);
  const Timestamp now = clock_.now();
  return moment_in(history_needs(tables, holds_of(hold.table), now), *history, asked,
                   hold.only_moment ? Extent::kMoment : Extent::kMomentAndAllAfter,
                   std::max(exact_from(*history, now), thinned_before_));
}

Result<void> Retention::release(std::string_view who) {
  const std::lock_guard changing(change_mutex_);
  const auto hold = find(who);
  if (!hold) return {};
  RETURN_IF_ERROR(catalog_.remove_document(kDocumentKind, who));
  forget(*hold);
  return {};
}

// Without change_mutex_, which comes before the lock of the tables: nobody else knows of this hold yet.
Document Retention::hold_last_state(TableId table) {
  const Hold hold{.who = deleted_table_hold(table),
                  .table = table,
                  .history_from = last_commit_of(committer_),
                  .log_from = {},
                  .log_seconds = {}};
  const std::lock_guard lock(mutex_);
  add({hold, nullptr});
  return hold_document(hold);
}

void Retention::forget_last_state(TableId table) {
  const std::lock_guard lock(mutex_);
  remove(deleted_table_hold(table));
}

Result<void> Retention::drop_unheld() {
  const std::lock_guard changing(change_mutex_);  // nobody begins to hold one of them meanwhile
  for (const TablePtr& table : catalog_.retired()) {
    bool is_held = false;
    {
      const std::lock_guard lock(mutex_);
      is_held = holds_history_of(table->id);
    }
    if (!is_held) RETURN_IF_ERROR(catalog_.drop_retired(table->id));
  }
  return {};
}

std::optional<Hold> Retention::find(std::string_view who) const {
  const std::lock_guard lock(mutex_);
  const auto found = holds_.find(who);
  return found == holds_.end() ? std::nullopt : std::optional(found->second.hold);
}

std::vector<Hold> Retention::list() const {
  const std::lock_guard lock(mutex_);
  return holds();
}

std::vector<Hold> Retention::holds() const {
  std::vector<Hold> holds;
  holds.reserve(holds_.size());
  for (const auto& [who, held] : holds_) holds.push_back(held.hold);
  return holds;
}

std::vector<Hold> Retention::holds_of(TableId table) const {
  std::vector<Hold> result;
  const auto holders = holders_.find(table);
  if (holders == holders_.end()) return result;
  for (const std::string& who : holders->second) result.push_back(holds_.find(who)->second.hold);
  return result;
}

bool Retention::holds_history_of(TableId table) const {
  const auto holders = holders_.find(table);
  if (holders == holders_.end()) return false;
  return std::ranges::any_of(holders->second, [this](const std::string& who) {
    return holds_.find(who)->second.hold.history_from.has_value();
  });
}

void Retention::add(Held held) {
  std::string who = held.hold.who;
  holders_[held.hold.table].insert(who);
  holds_.emplace(std::move(who), std::move(held));
}

std::optional<Retention::Held> Retention::remove(std::string_view who) {
  const auto found = holds_.find(who);
  if (found == holds_.end()) return std::nullopt;
  Held removed = std::move(found->second);
  const auto holders = holders_.find(removed.hold.table);
  holders->second.erase(found->first);
  if (holders->second.empty()) holders_.erase(holders);
  holds_.erase(found);
  return removed;
}

HistoryNeeds Retention::decide_history() {
  const std::lock_guard lock(mutex_);
  HistoryNeeds needs = history_needs(catalog_.all(), holds(), clock_.forgetting_time());
  HistoryLosses given_up;
  for (const auto& [table, need] : needs) {
    const auto before = given_up_.find(table);
    given_up[table] = before == given_up_.end() ? need.from : std::max(need.from, before->second);
  }
  given_up_ = std::move(given_up);
  return needs;
}

HistoryNeeds Retention::decide_thinning(Timestamp exact_from) {
  {
    const std::lock_guard lock(mutex_);
    thinned_before_ = std::max(thinned_before_, exact_from);
  }
  return decide_history();
}

wal::LogNeed Retention::log_need(wal::SequenceNumber replay_after) const {
  return storage::log_need(list(), replay_after, clock_.forgetting_time());
}

Result<Timestamp> Retention::readable_moment(const TablePtr& table, const HistoryPin& history, Timestamp time,
                                             bool with_holds) const {
  std::vector<Hold> held;
  if (with_holds) {
    const std::lock_guard lock(mutex_);
    held = holds_of(table->id);
  }
  const Timestamp now = clock_.now();
  return moment_in(history_needs({table}, held, now), history, time, Extent::kMoment,
                   exact_from(history, now));
}

Result<Timestamp> Retention::readable_from(const TablePtr& table, const HistoryPin& history) const {
  std::vector<Hold> held;
  {
    const std::lock_guard lock(mutex_);
    held = holds_of(table->id);
  }
  const HistoryNeeds needs = history_needs({table}, held, clock_.now());
  const auto need = needs.find(table->id);
  if (need == needs.end() || need->second.sparse_before == kFromNowOn) {
    return fail(Error::invalid_argument(std::string(kNoHistory)));
  }
  return std::max(need->second.sparse_before.value_or(need->second.from), history.complete_from());
}

Timestamp Retention::exact_from(const HistoryPin& history, Timestamp now) const {
  return std::max(history.exact_from(), now.plus_seconds(-exact_history_seconds_));
}

}  // namespace tidemark::storage
