// Random transactions and queries against a plain map, over closes and kills.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using model::ProjectionType;

// The items as the service orders them: by hash of the partition key, partition key, sort key.
struct Position {
  std::uint16_t hash;
  std::string pk;
  std::int64_t sk;
  auto operator<=>(const Position&) const = default;
};
struct Row {
  std::optional<std::string> g, h;  // index keys
  std::int64_t v = 0;
};
using Model = std::map<Position, Row>;

class PropertyFixture : public EngineFixture {
 public:
  PropertyFixture() {
    options.checkpoint_log_bytes = 20'000;
    options.write_buffer_bytes = 64U << 10;
  }

  std::uint64_t pick(std::uint64_t below) { return rng() % below; }

  Position random_position() {
    static const std::vector<std::string> kPartitions = {"a", "b", std::string("a\0b", 3), "\xc3\xbf", "z"};
    const std::string& pk = kPartitions[pick(kPartitions.size())];
    const auto sk = static_cast<std::int64_t>(pick(30)) - 15;
    return {model::partition_hash({model::key_part_of(text_value(pk))}), pk, sk};
  }

  Row random_row() {
    Row row;
    if (pick(4) != 0) row.g = std::string(1, static_cast<char>('A' + pick(3)));
    if (pick(4) != 0) row.h = std::string(1 + pick(2), static_cast<char>('p' + pick(3)));
    row.v = static_cast<std::int64_t>(pick(4));
    return row;
  }

  static model::Item item_of_row(const Position& position, const Row& row) {
    model::AttributeMap more;
    if (row.g) more["g"] = text_value(*row.g);
    if (row.h) more["h"] = text_value(*row.h);
    more["v"] = number_value(row.v);
    return item(position.pk, position.sk, std::move(more));
  }

  void random_transaction() {
    std::map<Position, std::optional<Row>> changes;
    const auto count = 1 + pick(pick(4) == 0 ? 12 : 2);
    while (changes.size() < count) {
      changes[random_position()] = pick(3) == 0 ? std::nullopt : std::optional(random_row());
    }
    const auto transaction = engine->begin();
    std::vector<ItemRef> refs;
    refs.reserve(changes.size());
    for (const auto& [position, row] : changes) refs.push_back({table, key(position.pk, position.sk)});
    const auto locked = transaction->lock(std::move(refs));
    REQUIRE(locked);
    std::size_t i = 0;
    for (const auto& [position, row] : changes) {
      const auto old_item = transaction->read(i);
      REQUIRE(old_item);
      const auto known = expected.find(position);
      REQUIRE(old_item->has_value() == (known != expected.end()));
      if (*old_item) REQUIRE((*old_item)->text() == item_of_row(position, known->second).text);
      if (row) {
        transaction->put(i, item_of_row(position, *row));
      } else {
        transaction->remove(i);
      }
      ++i;
    }
    if (pick(10) == 0) return;  // dropped
    REQUIRE(transaction->commit());
    for (const auto& [position, row] : changes) {
      if (row) {
        expected[position] = *row;
      } else {
        expected.erase(position);
      }
    }
  }

  std::vector<std::string> expected_texts(
      const std::function<bool(const Position&, const Row&)>& wanted) const {
    std::vector<std::string> texts;
    for (const auto& [position, row] : expected) {
      if (wanted(position, row)) texts.push_back(item_of_row(position, row).text);
    }
    return texts;
  }

  void check_query() {
    const Position at = random_position();
    const auto low = static_cast<std::int64_t>(pick(32)) - 16;
    const auto high = static_cast<std::int64_t>(pick(32)) - 16;
    const auto op = static_cast<SortOperator>(pick(7));
    const auto holds = [&](std::int64_t sk) {
      switch (op) {
        case SortOperator::kEqual:
          return sk == low;
        case SortOperator::kLess:
          return sk < low;
        case SortOperator::kLessOrEqual:
          return sk <= low;
        case SortOperator::kGreater:
          return sk > low;
        case SortOperator::kGreaterOrEqual:
          return sk >= low;
        case SortOperator::kBetween:
          return low <= sk && sk <= high;
        default:
          return true;
      }
    };
    SortCondition condition{.equal_prefix = {},
                            .op = op,
                            .low = model::key_part_of(number_value(low)),
                            .high = model::key_part_of(number_value(high))};
    auto texts = expected_texts([&](const Position& p, const Row&) { return p.pk == at.pk && holds(p.sk); });
    const auto range = query_range({table, {}}, key(at.pk, 0).partition, condition);
    CHECK(read({table, {}}, range) == texts);
    std::reverse(texts.begin(), texts.end());
    CHECK(read({table, {}}, range, {.reverse = true, .start_after = {}}) == texts);
    check_pages(range, at, holds);
  }

  // Going on behind a position that need not exist, both ways.
  void check_pages(const KeyRange& range, const Position& at,
                   const std::function<bool(std::int64_t)>& holds) {
    const auto start = static_cast<std::int64_t>(pick(40)) - 20;
    const std::string position = encoded_position({table, {}}, {}, key(at.pk, start));
    const auto after = expected_texts(
        [&](const Position& p, const Row&) { return p.pk == at.pk && holds(p.sk) && p.sk > start; });
    CHECK(read({table, {}}, range, {.start_after = position}) == after);
    auto before = expected_texts(
        [&](const Position& p, const Row&) { return p.pk == at.pk && holds(p.sk) && p.sk < start; });
    std::reverse(before.begin(), before.end());
    CHECK(read({table, {}}, range, {.reverse = true, .start_after = position}) == before);
  }

  void check_index_query() {
    const std::string g(1, static_cast<char>('A' + pick(3)));
    const std::string prefix(pick(3), static_cast<char>('p' + pick(3)));
    std::vector<std::tuple<std::string, Position, std::string>> entries;
    for (const auto& [position, row] : expected) {
      if (row.g == g && row.h && row.h->starts_with(prefix)) {
        entries.emplace_back(*row.h, position, item_of_row(position, row).text);
      }
    }
    // Entries with equal index keys follow the encoded table key: bytes of pk, then sk.
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      const auto of = [](const auto& entry) {
        const Position& p = std::get<1>(entry);
        return std::tuple(std::get<0>(entry), p.pk, p.sk);
      };
      return of(a) < of(b);
    });
    std::vector<std::string> texts;
    texts.reserve(entries.size());
    for (const auto& entry : entries) texts.push_back(std::get<2>(entry));
    const SortCondition condition{.equal_prefix = {},
                                  .op = SortOperator::kBeginsWith,
                                  .low = model::key_part_of(text_value(prefix)),
                                  .high = {}};
    const Target target{table, &table->schema.indexes.front()};
    CHECK(read(target, query_range(target, {model::key_part_of(text_value(g))}, condition)) == texts);
  }

  void check_scan() {
    const auto segments = static_cast<std::uint32_t>(1 + pick(9));
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < segments; ++i) {
      const auto part = read({table, {}}, segment_range({table, {}}, i, segments));
      texts.insert(texts.end(), part.begin(), part.end());
    }
    CHECK(texts == expected_texts([](const Position&, const Row&) { return true; }));

    TableStats stats;
    TableStats index_stats;
    for (const auto& [position, row] : expected) {
      const auto full = item_of_row(position, row);
      ++stats.item_count;
      stats.size_bytes += full.size_bytes;
      if (!row.g || !row.h) continue;
      ++index_stats.item_count;
      index_stats.size_bytes += full.size_bytes;
    }
    CHECK(engine->stats(table->id).item_count == stats.item_count);
    CHECK(engine->stats(table->id).size_bytes == stats.size_bytes);
    const TableId index = table->schema.indexes.front().id;
    CHECK(engine->stats(index).item_count == index_stats.item_count);
    CHECK(engine->stats(index).size_bytes == index_stats.size_bytes);
  }

  void reopen_somehow() {
    // A kill leaves no checkpoint, but perhaps one of earlier.
    options.checkpoint_at_close = pick(2) == 0;
    engine.reset();
    open();
    table = find("t");
    REQUIRE(table);
  }

  std::mt19937_64 rng;
  TablePtr table;
  Model expected;
};

TEST_CASE_METHOD(PropertyFixture, "random transactions read back like a map's") {
  const auto seed = GENERATE(range(1, 7));
  INFO("seed " << seed);
  rng.seed(static_cast<std::uint64_t>(seed));
  open();
  auto with_index = schema("t");
  with_index.indexes = {index("g_h", "g", "h", ProjectionType::kAll),
                        index("g", "g", "", ProjectionType::kKeysOnly)};
  table = create(with_index);
  for (int step = 0; step < 600; ++step) {
    random_transaction();
    clock.advance_micros(static_cast<std::int64_t>(pick(3)));
    check_query();
    check_index_query();
    if (step % 50 == 49) check_scan();
    if (step % 20 == 19) REQUIRE(engine->maintain());
    if (step % 120 == 119) reopen_somehow();
  }
  check_scan();
}

}  // namespace
}  // namespace tidemark::storage
