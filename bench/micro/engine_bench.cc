// CPU time per engine operation, single-threaded, no sync: put (with the read of the old item), get, query.
//
//   engine_bench [items] [item bytes]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/schedule.h"
#include "base/service_clock.h"
#include "storage/engine.h"

namespace tidemark::storage {
namespace {

constexpr int kItemsPerPartition = 16;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(const char* what, int count, const std::function<void(int)>& operation) {
  const double start = cpu_seconds();
  for (int i = 0; i < count; ++i) operation(i);
  std::printf("%-28s %8d times %8.2f us CPU each\n", what, count, (cpu_seconds() - start) / count * 1e6);
}

model::TableSchema schema_of(const char* name, bool pitr, bool with_index) {
  model::TableSchema schema;
  schema.name = name;
  schema.account_id = "000000000000";
  schema.region = "us-east-1";
  schema.keys.partition_keys = {{"pk", model::KeyType::kString}};
  schema.keys.sort_keys = {{"sk", model::KeyType::kString}};
  schema.pitr.enabled = pitr;
  if (with_index) {
    model::IndexSchema index;
    index.name = "by_a";
    index.keys.partition_keys = {{"a0", model::KeyType::kString}};
    schema.indexes.push_back(std::move(index));
  }
  return schema;
}

model::Key key_of_item(int i) {
  model::Key key;
  key.partition.push_back({model::KeyType::kString, "partition-" + std::to_string(i / kItemsPerPartition)});
  key.sort.push_back({model::KeyType::kString, "item-" + std::to_string(i % kItemsPerPartition)});
  return key;
}

model::Item item_of(int i, int version, std::size_t bytes) {
  model::Item item;
  item.text = "{";
  for (int a = 0; a < 10; ++a) {
    const std::string value =
        "v" + std::to_string(version) + std::string(bytes / 10, static_cast<char>('a' + a));
    item.text += "\"a" + std::to_string(a) + "\":{\"S\":\"" + value + "\"},";
    item.size_bytes += static_cast<std::uint32_t>(value.size() + 2);
  }
  item.text += "\"pk\":{\"S\":\"partition-" + std::to_string(i / kItemsPerPartition) +
               "\"},\"sk\":{\"S\":\"item-" + std::to_string(i % kItemsPerPartition) + "\"}}";
  item.size_bytes += 30;
  return item;
}

void put(Engine& engine, const TablePtr& table, int i, model::Item item) {
  const auto transaction = engine.begin();
  INVARIANT(transaction->lock({{table, key_of_item(i)}}).has_value());
  INVARIANT(transaction->read(0).has_value());
  transaction->put(0, std::move(item));
  INVARIANT(transaction->commit().has_value());
}

void run(Engine& engine, const char* name, bool pitr, bool with_index, int items, std::size_t bytes) {
  std::printf("-- %s\n", name);
  const auto created = engine.table_states().begin_create(schema_of(name, pitr, with_index));
  INVARIANT(created.has_value());
  const TablePtr table = engine.catalog().find((*created)->id);
  std::vector<model::Item> prepared;
  prepared.reserve(static_cast<std::size_t>(items));
  for (int i = 0; i < items; ++i) prepared.push_back(item_of(i, 1, bytes));
  measure("put, new", items,
          [&](int i) { put(engine, table, i, std::move(prepared[static_cast<std::size_t>(i)])); });
  prepared.clear();
  for (int i = 0; i < items; ++i) prepared.push_back(item_of(i, 2, bytes));
  measure("put, replace", items,
          [&](int i) { put(engine, table, i, std::move(prepared[static_cast<std::size_t>(i)])); });
  measure("get", items, [&](int i) { INVARIANT(engine.get(*table, key_of_item(i)).value().has_value()); });
  measure("get, missing", items,
          [&](int i) { INVARIANT(!engine.get(*table, key_of_item(i + items * 2)).value().has_value()); });
  measure("query of 16", items / kItemsPerPartition, [&](int i) {
    const Target target{table, {}};
    const auto cursor =
        engine.read(target, query_range(target, key_of_item(i * kItemsPerPartition).partition, {}), {});
    int found = 0;
    while (cursor->next()) ++found;
    INVARIANT(found == kItemsPerPartition);
  });
}

}  // namespace
}  // namespace tidemark::storage

int main(int count, char** arguments) {
  using namespace tidemark;
  const int items = count > 1 ? std::atoi(arguments[1]) / 16 * 16 : 48'000;
  const std::size_t bytes = count > 2 ? std::strtoul(arguments[2], nullptr, 10) : 1'000;
  std::string directory = (std::filesystem::temp_directory_path() / "tidemark-bench-XXXXXX").string();
  INVARIANT(::mkdtemp(directory.data()) != nullptr);
  const SystemClock wall;
  const BootClock steady;
  ServiceClock clock(wall, steady);
  Schedule schedule(clock);
  schedule.start();
  storage::EngineOptions options;
  options.directory = directory;
  auto engine = storage::Engine::open(options, posix_file_system(), clock, schedule);
  INVARIANT(engine.has_value());
  storage::run(**engine, "plain", false, false, items, bytes);
  storage::run(**engine, "pitr", true, false, items, bytes);
  storage::run(**engine, "index", false, true, items, bytes);
  engine->reset();
  std::filesystem::remove_all(directory);
}
