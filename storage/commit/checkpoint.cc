#include "storage/commit/checkpoint.h"

#include <array>

#include "base/checked_file.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kFormat = 2;

std::optional<std::int64_t> integer(const json::Value& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value || value->type() != json::Type::kInteger) return std::nullopt;
  return value->integer();
}

bool parse_counters(const json::Value& list, Counters* counters) {
  json::ArrayCursor entries = list.elements();
  json::Value entry;
  while (entries.next(&entry)) {
    if (!entry.is_array() || entry.size() != 3) return false;
    std::array<std::int64_t, 3> numbers{};
    json::ArrayCursor parts = entry.elements();
    json::Value part;
    for (auto& number : numbers) {
      if (!parts.next(&part) || part.type() != json::Type::kInteger) return false;
      number = part.integer();
    }
    (*counters)[static_cast<std::uint32_t>(numbers[0])] = {numbers[1], numbers[2]};
  }
  return true;
}

}  // namespace

Result<Checkpoint> read_checkpoint(const std::string& path, FileSystem& files) {
  if (!files.exists(path)) return Checkpoint{};
  ASSIGN_OR_RETURN(const std::string text, read_checked_file(files, path));
  const auto broken = [&path] {
    return fail(Error::corruption(path + " is not a checkpoint of this version"));
  };
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object() || integer(*root, "format") != kFormat) return broken();
  const auto sequence = integer(*root, "sequence");
  const auto replay_after = integer(*root, "replay_after");
  const auto time = integer(*root, "last_commit_time_us");
  const auto counters = root->find("counters");
  Checkpoint checkpoint;
  if (!sequence || !replay_after || !time || !counters || !counters->is_array() ||
      !parse_counters(*counters, &checkpoint.counters)) {
    return broken();
  }
  checkpoint.last = {wal::SequenceNumber{static_cast<std::uint64_t>(*sequence)}, {*time}};
  checkpoint.replay_after = wal::SequenceNumber{static_cast<std::uint64_t>(*replay_after)};
  return checkpoint;
}

Result<void> write_checkpoint(const std::string& path, FileSystem& files, const Checkpoint& checkpoint) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("format", kFormat);
  json.member("sequence", static_cast<std::int64_t>(checkpoint.last.sequence));
  json.member("replay_after", static_cast<std::int64_t>(checkpoint.replay_after));
  json.member("last_commit_time_us", checkpoint.last.time.micros);
  json.key("counters");
  json.begin_array();
  for (const auto& [id, stats] : checkpoint.counters) {
    json.begin_array();
    json.number(id);
    json.number(stats.item_count);
    json.number(stats.size_bytes);
    json.end_array();
  }
  json.end_array();
  json.end_object();
  return replace_checked_file(files, path, text, true);
}

}  // namespace tidemark::storage
