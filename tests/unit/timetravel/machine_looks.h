// Everything that shows the past or the present, compared with the list of all versions: reads of tables and
// indexes, snapshots, changes, versions of items.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/timetravel/machine_world.h"

namespace tidemark::timetravel {

class MachineLooks : public MachineWorld {
 protected:
  // The rule of docs/time-travel.md, once more.

  // Nothing while recovery is off.
  std::optional<Timestamp> window_begin(const Living& living) const {
    const model::PitrSettings& pitr = living.table->schema.pitr;
    if (!pitr.enabled) return std::nullopt;
    const Timestamp oldest = clock.now().plus_seconds(-86'400LL * pitr.recovery_period_days).floor_second();
    return std::max(pitr.enabled_at, oldest);
  }
  // A moment of the window.
  std::optional<Timestamp> any_moment(const Living& living) {
    const auto begin = window_begin(living);
    if (!begin) return std::nullopt;
    const Timestamp now = std::max(clock.now(), *engine->last_commit_time());
    Timestamp moment = *begin;
    const auto dice = pick(8);
    if (dice < 4) {
      moment =
          commit_times_[pick(std::size(commit_times_))].plus_micros(static_cast<std::int64_t>(pick(3)) - 1);
    } else if (dice < 7) {
      const Timestamp from = one_in(2) ? *begin : std::max(*begin, now.plus_seconds(-kExactSeconds));
      moment = from.plus_micros(
          static_cast<std::int64_t>(pick(static_cast<std::uint64_t>((now - from).count()) + 1)));
    }
    if (one_in(4)) moment = moment.floor_second();
    return std::clamp(moment, *begin, now);
  }
  // Which moment is shown for it. `with_backups`: their moments stay exact.
  Timestamp shown(const Living& living, Timestamp moment, bool with_backups) const {
    if (moment >= clock.now().plus_seconds(-kExactSeconds)) return moment;
    Timestamp best = moment.floor_second();
    const auto take = [&](Timestamp exact) {
      if (exact <= moment) best = std::max(best, exact);
    };
    take(living.table->schema.pitr.enabled_at);
    if (!with_backups) return best;
    for (const Kept& kept : kept_) {
      if (kept.backup->table == living.table->id) take(kept.backup->moment);
    }
    return best;
  }

  // Comparisons.

  static std::vector<std::string> texts_of(const Contents& contents) {
    std::vector<std::string> texts;
    for (const auto& [at, content] : contents) texts.push_back(content.text(at));
    return texts;
  }
  static void require_same(const std::vector<std::string>& seen, const std::vector<std::string>& wanted) {
    if (seen == wanted) return;
    CHECK(seen == wanted);
    FAIL("what was read is not what was there");
  }

  void check_live(std::size_t slot) {
    const Living& living = tables_[slot];
    const Contents contents = living.past->now();
    INFO("table " << living.table->schema.name);
    require_same(scan({living.table, nullptr}), texts_of(contents));
    for (const model::IndexSchema& index : living.table->schema.indexes) {
      INFO("index " << index.name);
      auto seen = scan({living.table, &index});
      std::vector<std::string> wanted;
      for (const auto& [at, content] : contents) {
        const bool has_entry = index.name == "local" ? content.l().has_value()
                                                     : content.g().has_value() && !content.has_wrong_g();
        if (has_entry) wanted.push_back(content.text(at));
      }
      std::sort(seen.begin(), seen.end());
      std::sort(wanted.begin(), wanted.end());
      require_same(seen, wanted);
      CHECK(engine->stats(index.id).item_count == static_cast<std::int64_t>(wanted.size()));
    }
    CHECK(engine->stats(living.table->id).item_count == static_cast<std::int64_t>(contents.size()));
    ++operations_;
  }

  std::vector<std::string> read_view(storage::ReadView& view, const storage::Target& target,
                                     const storage::KeyRange& range, const storage::ReadOptions& how,
                                     std::size_t limit) {
    std::vector<std::string> texts;
    const auto cursor = view.read(target, range, how);
    while (texts.size() < limit && cursor->next()) texts.emplace_back(cursor->text());
    const auto status = cursor->status();
    INFO((status ? std::string() : status.error().message));
    REQUIRE(status);
    return texts;
  }

  // GetItem, Query and Scan as of a moment: both directions, pages, the local index.
  void check_view(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment) return check_refusal(living);
    const Timestamp then = shown(living, *moment, true);
    INFO("table " << living.table->schema.name << " as of " << format_iso_micros(*moment) << ", that is "
                  << format_iso_micros(then) << ", now " << format_iso_micros(clock.now()));
    auto view = engine->view_at({living.table->id}, *moment);
    INFO((view ? std::string() : view.error().message));
    REQUIRE(view);
    ++operations_;
    if (one_in(2)) return check_get(living, **view, then);
    const storage::Target target{living.table};
    if (one_in(8)) {
      return require_same(read_view(**view, target, storage::segment_range(target, 0, 1), {}, SIZE_MAX),
                          texts_of(living.past->at(then)));
    }
    check_query(living, **view, then);
  }
  void check_get(const Living& living, storage::ReadView& view, Timestamp then) {
    for (int i = 0; i < 5; ++i) {
      const Position at = any_position();
      const auto found = view.get(*living.table, at.key());
      REQUIRE(found);
      const auto wanted = living.past->at(at, then);
      REQUIRE(found->has_value() == wanted.has_value());
      if (wanted) REQUIRE((*found)->text() == wanted->text(at));
    }
  }
  void check_query(const Living& living, storage::ReadView& view, Timestamp then) {
    const std::string& pk = kPartitionKeys[pick(kPartitionKeys.size())];
    const bool is_local = one_in(3);
    const storage::Target target =
        is_local ? index_of(living.table, "local") : storage::Target{living.table, nullptr};
    using Place = std::pair<std::string, std::int64_t>;  // in the collection
    std::vector<std::pair<Place, std::string>> entries;
    for (const auto& [at, content] : living.past->at(then)) {
      if (at.pk != pk || (is_local && !content.l())) continue;
      entries.push_back({{is_local ? *content.l() : std::string(), at.sk}, content.text(at)});
    }
    std::sort(entries.begin(), entries.end());
    storage::ReadOptions how;
    how.reverse = one_in(2);
    if (how.reverse) std::reverse(entries.begin(), entries.end());
    if (one_in(2)) {
      const Place place{is_local ? std::string(1, static_cast<char>('p' + pick(5))) : std::string(),
                        static_cast<std::int64_t>(pick(kSortKeys))};
      const model::Key index_key{{model::key_part_of(storage::text_value(pk))},
                                 {model::key_part_of(storage::text_value(place.first))}};
      how.start_after = storage::encoded_position(target, index_key, key(pk, place.second));
      std::erase_if(entries, [&](const auto& entry) {
        return how.reverse ? entry.first >= place : entry.first <= place;
      });
    }
    const std::size_t limit = one_in(2) ? SIZE_MAX : 1 + pick(10);
    std::vector<std::string> wanted;
    for (const auto& entry : entries) {
      if (wanted.size() < limit) wanted.push_back(entry.second);
    }
    INFO((is_local ? "local index" : "table") << (how.reverse ? ", backwards" : ""));
    const auto range = storage::query_range(target, {model::key_part_of(storage::text_value(pk))}, {});
    require_same(read_view(view, target, range, how, limit), wanted);
  }
  // Without recovery, and before the window, there is nothing to be seen.
  void check_refusal(const Living& living) {
    const auto begin = window_begin(living);
    const Timestamp moment = begin ? begin->plus_seconds(-1) : clock.now();
    const auto refused = engine->snapshot_at(living.table->id, moment, storage::Reach::kWindow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    ++operations_;
  }

  std::vector<std::string> read_snapshot(storage::TableSnapshot& snapshot) {
    std::vector<std::string> texts;
    for (const auto& partition : snapshot.partitions()) {
      const auto reader = snapshot.read(partition.hashes);
      REQUIRE(reader);
      while ((*reader)->next()) texts.emplace_back((*reader)->text());
      REQUIRE((*reader)->status());
    }
    return texts;
  }
  // What a full export reads.
  void check_snapshot(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment || one_in(10)) return check_refusal(living);
    INFO("table " << living.table->schema.name << " at " << format_iso_micros(*moment));
    const auto snapshot = engine->snapshot_at(living.table->id, *moment);
    REQUIRE(snapshot);
    REQUIRE((*snapshot)->time() == shown(living, *moment, false));
    require_same(read_snapshot(**snapshot), texts_of(living.past->at((*snapshot)->time())));
    ++operations_;
  }

  // What an incremental export and a diff read.
  void check_changes(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto some = any_moment(living);
    const auto other = any_moment(living);
    if (!some || !other) return check_refusal(living);
    check_changes(living, std::min(*some, *other), std::max(*some, *other), nullptr);
  }
  // Applies what changed to `contents` where that is given.
  void check_changes(const Living& living, Timestamp from, Timestamp to, Contents* contents) {
    INFO("table " << living.table->schema.name << " from " << format_iso_micros(from) << " to "
                  << format_iso_micros(to) << ", now " << format_iso_micros(clock.now()));
    const auto changes = engine->changes(living.table->id, from, to);
    REQUIRE(changes);
    REQUIRE((*changes)->from() == shown(living, from, false));
    REQUIRE((*changes)->to() == shown(living, to, false));
    const auto wanted = living.past->between((*changes)->from(), (*changes)->to());
    auto next = wanted.begin();
    for (const auto& partition : (*changes)->partitions()) {
      const auto reader = (*changes)->read(partition.hashes);
      REQUIRE(reader);
      for (; (*reader)->next(); ++next) {
        if (next == wanted.end()) FAIL("a change that was none");
        check_change(living, next->first, next->second, **reader);
        if (contents != nullptr) apply(next->first, **reader, contents);
      }
      REQUIRE((*reader)->status());
    }
    if (next != wanted.end()) FAIL("a change is missing: " << next->first.pk << '/' << next->first.sk);
    ++operations_;
  }
  void check_change(const Living&, const Position& at, const Difference& wanted,
                    const storage::ChangeReader& change) {
    INFO("item " << at.pk << '/' << at.sk);
    REQUIRE(change.old_image().has_value() == wanted.before.has_value());
    REQUIRE(change.new_image().has_value() == wanted.after.has_value());
    if (wanted.before) REQUIRE(change.old_image()->text == wanted.before->text(at));
    if (wanted.after) REQUIRE(change.new_image()->text == wanted.after->text(at));
    REQUIRE(change.write_time() == wanted.last_write);
    if (wanted.last_write >= clock.now().plus_seconds(-kExactSeconds)) {
      REQUIRE(change.origin() == wanted.last_origin);
    }
  }
  // As a consumer of increments does: by what they say, not by what the model knows.
  void apply(const Position& at, const storage::ChangeReader& change, Contents* contents) {
    const auto known = contents->find(at);
    REQUIRE(change.old_image().has_value() == (known != contents->end()));
    contents->erase(at);
    if (!change.new_image()) return;
    Content content;
    const auto number = change.new_image()->text.find("\"v\":{\"N\":\"");
    content.v = std::strtoll(change.new_image()->text.data() + number + 10, nullptr, 10);
    if (const auto ttl = change.new_image()->text.find("\"ttl\":{\"N\":\""); ttl != std::string_view::npos) {
      content.expires_at = std::strtoll(change.new_image()->text.data() + ttl + 12, nullptr, 10);
    }
    contents->emplace(at, content);
  }
  // Any chain of windows on top of the state at its start is the state at its end.
  void check_chain(std::size_t slot) {
    const Living& living = tables_[slot];
    std::set<Timestamp> ends;
    for (auto count = 2 + pick(4); count > 0; --count) {
      if (const auto moment = any_moment(living)) ends.insert(*moment);
    }
    if (ends.size() < 2) return check_refusal(living);
    Contents contents = living.past->at(shown(living, *ends.begin(), false));
    for (auto end = std::next(ends.begin()); end != ends.end(); ++end) {
      check_changes(living, *std::prev(end), *end, &contents);
    }
    const auto snapshot = engine->snapshot_at(living.table->id, *ends.rbegin());
    REQUIRE(snapshot);
    require_same(texts_of(contents), read_snapshot(**snapshot));
  }

  // All versions of an item: exact where the history is; before that, at each second what was there then.
  void check_item(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto begin = window_begin(living);
    if (!begin) return;
    const Position at = any_position();
    INFO("table " << living.table->schema.name << ", item " << at.pk << '/' << at.sk << ", window from "
                  << format_iso_micros(*begin) << ", now " << format_iso_micros(clock.now()));
    const auto seen = read_item_history(living, at);
    const auto seen_at = [&seen](Timestamp time) -> std::optional<std::string> {
      const auto later = std::upper_bound(seen.begin(), seen.end(), time,
                                          [](Timestamp t, const Seen& version) { return t < version.time; });
      return later == seen.begin() ? std::nullopt : std::prev(later)->text;
    };
    const Timestamp exact_from = clock.now().plus_seconds(-kExactSeconds);
    for (const Version& version : living.past->versions(at)) {
      if (version.time <= *begin) continue;
      INFO("version of " << format_iso_micros(version.time));
      if (version.time > exact_from) {
        const auto same = std::ranges::find(seen, version.time, &Seen::time);
        REQUIRE(same != seen.end());
        REQUIRE(same->text == text_of(at, version.content));
        REQUIRE(same->origin == version.origin);
      }
      const Timestamp second = version.time.plus_micros(-1).floor_second().plus_seconds(1);
      REQUIRE(seen_at(second) == text_of(at, living.past->at(at, second)));
    }
    ++operations_;
  }
  struct Seen {
    Timestamp time;
    std::optional<std::string> text;
    wal::Origin origin;
  };
  std::vector<Seen> read_item_history(const Living& living, const Position& at) {
    const auto history = engine->item_history(living.table->id, at.key());
    REQUIRE(history);
    std::vector<Seen> seen;
    for (;;) {
      const auto revision = (*history)->next();
      REQUIRE(revision);
      if (!*revision) return seen;
      Seen version{.time = (*revision)->time, .text = std::nullopt, .origin = (*revision)->origin};
      if ((*revision)->item) version.text = std::string((*revision)->item->text());
      REQUIRE((seen.empty() || seen.back().time < version.time));
      seen.push_back(std::move(version));
    }
  }
  static std::optional<std::string> text_of(const Position& at, const std::optional<Content>& content) {
    return content ? std::optional(content->text(at)) : std::nullopt;
  }

  void check_everything(std::size_t slot) {
    check_live(slot);
    for (int i = 0; i < 20; ++i) {
      check_snapshot(slot);
      check_changes(slot);
      check_item(slot);
      check_view(slot);
    }
    check_chain(slot);
  }
};

}  // namespace tidemark::timetravel
