#include "timetravel/rewind_record.h"

#include <algorithm>

#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::timetravel {
namespace {

// Canonical texts have line ends in escaped form only.
constexpr char kSeparator = '\n';

std::string joined(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += key + kSeparator;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> keys;
  while (!text.empty()) {
    const std::string_view key = text.substr(0, text.find(kSeparator));
    keys.emplace_back(key);
    text.remove_prefix(std::min(text.size(), key.size() + 1));
  }
  return keys;
}

}  // namespace

std::string RewindRecord::to_json() const {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  write_job_members(*this, json);
  json.member("tableName", table_name);
  json.member("toMicros", to.micros);
  json.member("untilMicros", until.micros);
  json.member("keys", joined(keys));
  json.end_object();
  return out;
}

Result<RewindRecord> RewindRecord::from_json(std::string_view text) {
  return jobs::record_from_json<RewindRecord>(text, [](const JsonFields& in, RewindRecord* record) {
    std::string keys;
    in.read("tableName", &record->table_name);
    in.read("toMicros", &record->to);
    in.read("untilMicros", &record->until);
    in.read("keys", &keys);
    record->keys = split(keys);
  });
}

}  // namespace tidemark::timetravel
