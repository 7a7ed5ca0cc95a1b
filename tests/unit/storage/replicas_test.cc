// Replicas over a real engine: what a write does to all of them, who meets whom, what is left after a crash.
#include "storage/replicas.h"

#include <chrono>
#include <thread>

#include "storage/catalog/table_entry.h"
#include "storage/commit/replica_groups.h"
#include "storage/item_history.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using model::TableStatus;

class ReplicaFixture : public EngineFixture {
 public:
  ReplicaFixture() {
    options.checkpoint_at_close = false;  // as kill -9 would leave it
    open();
  }

  TablePtr in(const std::string& region) {
    return engine->catalog().find({.account_id = "000000000000", .region = region}, "t");
  }
  static model::TableSchema with_index() {
    model::TableSchema table = schema("t");
    table.indexes = {index("i", "g", "", model::ProjectionType::kAll)};
    table.attribute_definitions.push_back({.name = "g", .type = model::KeyType::kString});
    return table;
  }
  Result<TablePtr> try_add(const TablePtr& source, const std::string& region) {
    TableChange change = hold(source);
    if (!change.replica()) change.replica() = Replica{};
    NewReplica replica{.schema = source->schema, .replica = {}};
    replica.schema.region = region;
    for (model::IndexSchema& one : replica.schema.indexes) one.id = {};
    std::vector<NewReplica> replicas;
    replicas.push_back(std::move(replica));
    return engine->table_states().add_replicas(std::move(change), std::move(replicas));
  }
  TablePtr add(const TablePtr& source, const std::string& region) {
    REQUIRE(try_add(source, region));
    wait_until_filled(region);
    return in(region);
  }
  void wait_until_filled(const std::string& region) {
    for (int i = 0; i < 2'000 && in(region)->schema.status != TableStatus::kActive; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    REQUIRE(in(region)->schema.status == TableStatus::kActive);
    CHECK_FALSE(is_filling(*in(region)));
  }
  void check_equal(const std::string& a, const std::string& b) {
    CHECK(scan({in(a)}) == scan({in(b)}));
    CHECK(engine->stats(in(a)->id).item_count == engine->stats(in(b)->id).item_count);
    CHECK(engine->stats(in(a)->id).size_bytes == engine->stats(in(b)->id).size_bytes);
  }
  std::vector<wal::Origin> origins(const std::string& region) {
    auto history = engine->item_history(in(region)->id, key("p", 1));
    REQUIRE(history);
    std::vector<wal::Origin> found;
    for (;;) {
      const auto revision = (*history)->next();
      REQUIRE(revision);
      if (!*revision) return found;
      found.push_back((*revision)->origin);
    }
  }
};

TEST_CASE_METHOD(ReplicaFixture, "a write to a replica is one to all, with their indexes") {
  const TablePtr near = create(with_index());
  for (int i = 0; i < 200; ++i) put(near, "old", i, {{"g", text_value("x")}});
  const TablePtr far = add(near, "eu-west-1");
  CHECK(scan({far}).size() == 200);
  CHECK(scan(index_of(far, "i")).size() == 200);

  put(in("us-east-1"), "p", 1, {{"g", text_value("x")}});
  put(far, "p", 2, {{"g", text_value("y")}});
  remove(far, "old", 0);
  remove(in("us-east-1"), "old", 1);
  check_equal("us-east-1", "eu-west-1");
  CHECK(scan(index_of(in("us-east-1"), "i")) == scan(index_of(far, "i")));
  CHECK(scan({far}).size() == 200);
  CHECK(engine->stats(far->schema.indexes[0].id).item_count == 200);
  CHECK(replicas_of(engine->catalog(), *far).size() == 2);

  SECTION("and it is so after a crash") {
    reopen();
    check_equal("us-east-1", "eu-west-1");
    put(in("eu-west-1"), "p", 3);
    CHECK(get(in("us-east-1"), "p", 3));
  }
  SECTION("which ends with the other replica") {
    REQUIRE(engine->table_states().remove_replicas(hold(in("us-east-1")), {far->id}));
    CHECK_FALSE(in("eu-west-1"));
    put(in("us-east-1"), "p", 3);
    CHECK_FALSE(is_global(engine->catalog(), *in("us-east-1")));
    CHECK(in("us-east-1")->replica->group == near->id);
  }
}

TEST_CASE_METHOD(ReplicaFixture, "replicas that are removed together go all or not at all") {
  const int nth = GENERATE(1, 2, 3, 4, 5);
  FaultyFileSystem faulty;
  files = &faulty;
  options.sync_writes = true;
  reopen();
  const TablePtr near = create(schema("t"));
  const std::vector<TableId> others{add(near, "us-east-2")->id, add(in("us-east-1"), "us-west-2")->id};
  TableChange change = hold(in("us-east-1"));
  faulty.fail_operation(nth);
  const bool is_done = engine->table_states().remove_replicas(std::move(change), others).has_value();
  faulty.heal();
  CHECK(!in("us-east-2") == is_done);
  CHECK(!in("us-west-2") == is_done);
  CHECK(is_global(engine->catalog(), *in("us-east-1")) == !is_done);
  engine.reset();
}

TEST_CASE_METHOD(ReplicaFixture, "a replica is not drawn into another global table") {
  const TablePtr near = create(schema("t"));
  const TablePtr far = add(near, "eu-west-1");
  auto other = schema("t");
  other.region = "ap-northeast-1";
  const TablePtr third = create(std::move(other));
  const auto united = engine->table_states().unite(hold(third), {far->id}, Replica{});
  REQUIRE_FALSE(united);
  CHECK(united.error().code == ErrorCode::kConflict);
  CHECK_FALSE(in("ap-northeast-1")->replica);
  CHECK(replicas_of(engine->catalog(), *in("us-east-1")).size() == 2);
}

TEST_CASE_METHOD(ReplicaFixture, "a transaction on its way writes the replica that came meanwhile") {
  const TablePtr near = create(schema("t"));
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{near, key("p", 1)}}));
  REQUIRE(transaction->read(0));
  transaction->put(0, item("p", 1));
  REQUIRE(try_add(near, "eu-west-1"));
  REQUIRE(transaction->commit());
  wait_until_filled("eu-west-1");
  CHECK(get(in("eu-west-1"), "p", 1) == get(in("us-east-1"), "p", 1));
  CHECK(get(in("eu-west-1"), "p", 1));
}

TEST_CASE_METHOD(ReplicaFixture, "a transaction on its way does without the replica that went meanwhile") {
  const TablePtr near = create(schema("t"));
  const TablePtr far = add(near, "eu-west-1");
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{in("us-east-1"), key("p", 1)}}));
  REQUIRE(transaction->read(0));
  transaction->put(0, item("p", 1));
  REQUIRE(engine->table_states().begin_delete(hold(far)));
  REQUIRE(transaction->commit());
  CHECK(get(in("us-east-1"), "p", 1));
}

TEST_CASE_METHOD(ReplicaFixture, "a replica that is being deleted gets every write and no new settings") {
  options.transition_times.delete_table = std::chrono::seconds(40);
  reopen();
  const TablePtr near = create(schema("t"));
  const TablePtr far = add(near, "eu-west-1");
  REQUIRE(engine->table_states().begin_delete(hold(far)));
  CHECK(in("eu-west-1")->schema.status == TableStatus::kDeleting);
  put(in("us-east-1"), "p", 1);
  CHECK(get(in("eu-west-1"), "p", 1));
  CHECK(hold(in("us-east-1")).peers().empty());
  clock.advance_seconds(60);
  save(in("us-east-1"), [](model::TableSchema& table) { table.tags = {{.key = "a", .value = "b"}}; });
  schedule.run_due();
  CHECK_FALSE(in("eu-west-1"));
  put(in("us-east-1"), "p", 2);
}

TEST_CASE_METHOD(ReplicaFixture, "who holds one copy of an item holds all of them") {
  const TablePtr near = create(schema("t"));
  const TablePtr far = add(near, "eu-west-1");
  const auto holder = engine->begin();
  REQUIRE(holder->try_lock({{in("us-east-1"), key("p", 1)}}, LockHolder::kTransaction, {}).empty());
  CHECK(engine->held_items({{far, key("p", 1)}, {far, key("p", 2)}}).size() == 1);
  const Patience none{.with_writes = Wait::kNever, .with_transactions = Wait::kNever};
  CHECK(engine->begin()->try_lock({{far, key("p", 1)}}, LockHolder::kWrite, none).size() == 1);
  CHECK(engine->begin()->try_lock({{far, key("p", 2)}}, LockHolder::kWrite, none).empty());
}

TEST_CASE_METHOD(ReplicaFixture, "the history says where a write was made, also after a crash") {
  const TablePtr near = create(schema("t"));
  add(near, "eu-west-1");
  for (const char* const region : {"us-east-1", "eu-west-1"}) {
    save(in(region), [this](model::TableSchema& table) {
      table.pitr.enabled = true;
      table.pitr.enabled_at = clock.now();
    });
  }
  put(in("us-east-1"), "p", 1);
  clock.advance_seconds(1);
  put(in("eu-west-1"), "p", 1, {{"n", number_value(2)}});
  using wal::Origin;
  const std::vector<Origin> in_near{Origin::kClient, Origin::kReplication};
  const std::vector<Origin> in_far{Origin::kReplication, Origin::kClient};
  CHECK(origins("us-east-1") == in_near);
  CHECK(origins("eu-west-1") == in_far);
  reopen();
  CHECK(origins("us-east-1") == in_near);
  CHECK(origins("eu-west-1") == in_far);
}

TEST_CASE_METHOD(ReplicaFixture, "a name that is taken in the other region stays as it is") {
  const TablePtr near = create(schema("t"));
  auto taken = schema("t");
  taken.region = "eu-west-1";
  const TablePtr far = create(std::move(taken));
  const auto added = try_add(near, "eu-west-1");
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::kAlreadyExists);
  CHECK_FALSE(in("us-east-1")->replica);
  put(near, "p", 1);
  CHECK_FALSE(get(far, "p", 1));
}

TEST_CASE_METHOD(ReplicaFixture,
                 "tables that are united get what each of them has, the newest version first") {
  const TablePtr near = create(schema("t"));
  auto other = schema("t");
  other.region = "eu-west-1";
  const TablePtr far = create(std::move(other));
  put(near, "p", 1, {{"n", number_value(1)}});
  put(near, "p", 2);
  clock.advance_seconds(1);
  put(far, "p", 1, {{"n", number_value(2)}});
  put(far, "p", 3);
  REQUIRE(engine->table_states().unite(hold(near), {far->id}, Replica{}));
  for (int i = 0; i < 2'000 && (is_filling(*in("us-east-1")) || is_filling(*in("eu-west-1"))); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  check_equal("us-east-1", "eu-west-1");
  CHECK(scan({in("us-east-1")}).size() == 3);
  CHECK(get(in("us-east-1"), "p", 1) == get(in("eu-west-1"), "p", 1));
  CHECK(get(in("us-east-1"), "p", 1)->find("\"2\"") != std::string::npos);
  REQUIRE(engine->table_states().leave(hold(in("eu-west-1"))));
  put(in("us-east-1"), "p", 4);
  CHECK_FALSE(get(in("eu-west-1"), "p", 4));
}

TEST_CASE("a replica comes back from its text") {
  Replica replica;
  replica.group = TableId{7};
  replica.consistency = RegionConsistency::kStrong;
  replica.witness_region = "us-east-2";
  replica.united_at = Timestamp{1};
  replica.is_filling = true;
  replica.sourced_at = Timestamp{2};
  replica.read_units = 5;
  replica.has_own_class = true;
  replica.indexes = {{.index_name = "i", .read_units = 3, .max_read_units = {}}};
  replica.auto_scaling = {{"read", "{}"}};
  const std::string text = to_json(replica);
  CHECK(
      text ==
      R"({"group":7,"version":"2019.11.21","consistency":"STRONG","witness_region":"us-east-2","united_at":1,)"
      R"("is_filling":true,"sourced_at":2,"read_units":5,"has_own_class":true,)"
      R"("indexes":[{"index_name":"i","read_units":3}],"auto_scaling":[{"what":"read","settings":"{}"}]})");
  json::Document document;
  const auto root = document.parse(text);
  REQUIRE(root);
  bool is_damaged = false;
  CHECK(replica_from_json(*root, &is_damaged) == replica);
  CHECK_FALSE(is_damaged);
}

TEST_CASE("an epoch ends with every change of who belongs to whom, and with no other") {
  const auto member = [](std::uint32_t id, std::optional<std::uint32_t> group) {
    auto table = std::make_shared<Table>();
    table->id = TableId{id};
    if (group) table->replica.emplace().group = TableId{*group};
    return table;
  };
  ReplicaGroups groups;
  const auto first = groups.epoch();
  groups.set(member(1, {}));
  CHECK(groups.epoch() == first);
  groups.set(member(1, 1));
  groups.set(member(2, 1));
  const auto both = groups.epoch();
  CHECK(both > first);
  const auto changed = member(2, 1);
  groups.set(changed);
  CHECK(groups.epoch() == both);
  const auto peers = groups.peers_of(*member(1, 1));
  CHECK(peers.epoch == both);
  REQUIRE(peers.tables.size() == 1);
  CHECK(peers.tables[0] == changed);
  groups.set(member(2, {}));
  CHECK(groups.epoch() > both);
  CHECK(groups.peers_of(*member(1, 1)).tables.empty());
  groups.forget(TableId{9});
  groups.forget(TableId{1});
  CHECK(groups.peers_of(*member(3, 1)).tables.empty());
}

}  // namespace
}  // namespace tidemark::storage
