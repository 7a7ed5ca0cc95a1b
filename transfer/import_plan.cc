#include "transfer/import_plan.h"

#include "base/bytes.h"

namespace tidemark::transfer {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string plan_text(const std::vector<ListedObject>& sources) {
  std::string text;
  append_varint(&text, kVersion);
  append_varint(&text, sources.size());
  for (const ListedObject& source : sources) {
    append_varint(&text, source.key.size());
    text += source.key;
    append_varint(&text, source.size);
  }
  return text;
}

std::optional<std::vector<ListedObject>> parse_plan(std::string_view text) {
  if (take_varint(&text) != kVersion) return std::nullopt;
  const auto count = take_varint(&text);
  if (!count) return std::nullopt;
  std::vector<ListedObject> sources;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto key_size = take_varint(&text);
    if (!key_size || *key_size > text.size()) return std::nullopt;
    std::string key(text.substr(0, *key_size));
    text.remove_prefix(*key_size);
    const auto size = take_varint(&text);
    if (!size) return std::nullopt;
    sources.push_back({std::move(key), *size});
  }
  if (!text.empty()) return std::nullopt;
  return sources;
}

std::string note_text(const std::vector<DoneObject>& done) {
  std::string text;
  for (const DoneObject& object : done) {
    append_varint(&text, object.position);
    append_varint(&text, object.counts.items);
    append_varint(&text, object.counts.bytes);
    append_varint(&text, object.counts.files);
    append_varint(&text, object.counts.errors);
  }
  return text;
}

std::optional<std::vector<DoneObject>> parse_note(std::string_view text) {
  std::vector<DoneObject> done;
  while (!text.empty()) {
    DoneObject& object = done.emplace_back();
    for (std::uint64_t* number : {&object.position, &object.counts.items, &object.counts.bytes,
                                  &object.counts.files, &object.counts.errors}) {
      const auto taken = take_varint(&text);
      if (!taken) return std::nullopt;
      *number = *taken;
    }
  }
  return done;
}

}  // namespace tidemark::transfer
