// What a table held at every moment, in the simplest way there is: all versions of all its items, for ever.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/key.h"
#include "tests/unit/storage/engine_fixture.h"
#include "wal/record.h"

namespace tidemark::timetravel {

// Ordered as the service orders items: by hash of the partition key, partition key, sort key.
struct Position {
  std::uint16_t hash = 0;
  std::string pk;
  std::int64_t sk = 0;
  auto operator<=>(const Position&) const = default;

  static Position of(const std::string& pk, std::int64_t sk) {
    return {model::partition_hash({model::key_part_of(storage::text_value(pk))}), pk, sk};
  }
  [[nodiscard]] model::Key key() const { return storage::EngineFixture::key(pk, sk); }
};

// An item, told by its number alone.
struct Content {
  std::int64_t v = 0;
  std::int64_t expires_at = 0;  // seconds since 1970; 0: never
  bool operator==(const Content&) const = default;

  // The key of the global index, which some items lack.
  [[nodiscard]] std::optional<std::string> g() const {
    if (v % 4 == 0) return std::nullopt;
    return std::string(1, static_cast<char>('A' + v % 3));
  }
  // The global index would want a string.
  [[nodiscard]] bool has_wrong_g() const { return v % 16 == 5; }
  // The sort key of the local index.
  [[nodiscard]] std::optional<std::string> l() const {
    if (v % 3 == 0) return std::nullopt;
    return std::string(1 + static_cast<std::size_t>(v % 2), static_cast<char>('p' + v % 5));
  }

  [[nodiscard]] model::Item item(const Position& at) const {
    model::AttributeMap more{{"v", storage::number_value(v)}};
    if (has_wrong_g()) {
      more["g"] = storage::number_value(v);
    } else if (const auto key = g()) {
      more["g"] = storage::text_value(*key);
    }
    if (const auto key = l()) more["l"] = storage::text_value(*key);
    if (expires_at != 0) more["ttl"] = storage::number_value(expires_at);
    return storage::EngineFixture::item(at.pk, at.sk, std::move(more));
  }
  [[nodiscard]] std::string text(const Position& at) const { return item(at).text; }
};

struct Version {
  Timestamp time;
  std::optional<Content> content;  // nothing: it was deleted
  wal::Origin origin = wal::Origin::kClient;
};

using Contents = std::map<Position, Content>;

// What happened to an item in a window.
struct Difference {
  std::optional<Content> before, after;
  Timestamp last_write;
  wal::Origin last_origin = wal::Origin::kClient;
};

class TablePast {
 public:
  void write(const Position& at, const Version& version) {
    auto& versions = items_[at];
    if (versions.empty() || versions.back().time < version.time) {
      versions.push_back(version);
    } else {
      FAIL("a commit got the time of an earlier one");
    }
  }

  // In the order of their times.
  [[nodiscard]] const std::vector<Version>& versions(const Position& at) const {
    static const std::vector<Version> kNone;
    const auto found = items_.find(at);
    return found == items_.end() ? kNone : found->second;
  }

  [[nodiscard]] std::optional<Content> at(const Position& position, Timestamp time) const {
    const auto& all = versions(position);
    const auto later = first_after(all, time);
    return later == all.begin() ? std::nullopt : std::prev(later)->content;
  }
  [[nodiscard]] std::optional<Content> now(const Position& position) const {
    const auto& all = versions(position);
    return all.empty() ? std::nullopt : all.back().content;
  }

  [[nodiscard]] Contents at(Timestamp time) const {
    Contents contents;
    for (const auto& [position, all] : items_) {
      if (auto content = at(position, time)) contents.emplace(position, *content);
    }
    return contents;
  }
  [[nodiscard]] Contents now() const { return at(storage::kFromNowOn); }

  // What was written behind `from`, up to and at `to`; what was there neither before nor after is left out.
  [[nodiscard]] std::map<Position, Difference> between(Timestamp from, Timestamp to) const {
    std::map<Position, Difference> differences;
    for (const auto& [position, all] : items_) {
      const auto first = first_after(all, from);
      const auto end = first_after(all, to);
      if (first == end) continue;
      Difference difference{.before = at(position, from),
                            .after = at(position, to),
                            .last_write = std::prev(end)->time,
                            .last_origin = std::prev(end)->origin};
      if (difference.before || difference.after) differences.emplace(position, difference);
    }
    return differences;
  }

  [[nodiscard]] const std::map<Position, std::vector<Version>>& items() const { return items_; }

 private:
  static std::vector<Version>::const_iterator first_after(const std::vector<Version>& all, Timestamp time) {
    return std::upper_bound(all.begin(), all.end(), time,
                            [](Timestamp t, const Version& version) { return t < version.time; });
  }

  std::map<Position, std::vector<Version>> items_;
};

}  // namespace tidemark::timetravel
