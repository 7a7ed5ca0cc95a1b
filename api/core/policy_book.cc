#include "api/core/policy_book.h"

#include "api/core/text_cache.h"
#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kPrefix = "policies:1 ";

void write(JsonWriter& json, const StoredPolicy& policy) {
  json.member("text", policy.text);
  json.member("revision", policy.revision);
}

void read(const JsonFields& in, StoredPolicy* policy) {
  in.read("text", &policy->text);
  in.read("revision", &policy->revision);
}

}  // namespace

std::string to_text(const PolicyBook& book) {
  std::string out(kPrefix);
  JsonWriter json(&out);
  json.begin_object();
  json.key("table");
  json.begin_object();
  write(json, book.table);
  json.end_object();
  json.key("stream");
  json.begin_object();
  json.member("label", book.stream_label);
  write(json, book.stream);
  json.end_object();
  json.end_object();
  return out;
}

PolicyBook policy_book_from(std::string_view stored) {
  PolicyBook book;
  if (stored.empty()) return book;
  json::Document document;
  const auto root = stored.starts_with(kPrefix) ? document.parse(stored.substr(kPrefix.size()))
                                                : document.parse(std::string_view());
  if (root && root->is_object()) {
    bool is_damaged = false;
    const JsonFields in(*root, &is_damaged);
    if (const auto table = in.object("table")) read(*table, &book.table);
    if (const auto stream = in.object("stream")) {
      stream->read("label", &book.stream_label);
      read(*stream, &book.stream);
    }
    if (!is_damaged) return book;
  }
  book = {};
  book.table.text = stored;
  return book;
}

std::shared_ptr<const PolicyBook> policies_of(const model::TableSchema& schema) {
  static TextCache<PolicyBook> cache(1'000);
  return cache.get(schema.resource_policy, [](std::string_view stored) {
    return std::make_shared<const PolicyBook>(policy_book_from(stored));
  });
}

const StoredPolicy& stream_policy(const PolicyBook& book, std::string_view label) {
  static const StoredPolicy none;
  return book.stream_label == label ? book.stream : none;
}

}  // namespace tidemark::api
