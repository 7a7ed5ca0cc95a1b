#include "admin/named_table.h"

#include <array>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include "admin/route.h"
#include "base/json.h"
#include "base/log.h"
#include "jobs/job_outcome.h"
#include "model/item.h"

namespace tidemark::admin {
namespace {

std::string names_of(const std::vector<model::AttributeDefinition>& attributes) {
  std::string names;
  for (const model::AttributeDefinition& attribute : attributes) {
    names += (names.empty() ? "" : ", ") + attribute.name;
  }
  return names;
}

std::string wanted_key(const model::KeySchema& keys) {
  std::string names = names_of(keys.partition_keys);
  if (!keys.sort_keys.empty()) names += ", " + names_of(keys.sort_keys);
  return "A key must be DynamoDB JSON with the key attributes of the table, " + names +
         R"(, as in {"pk":{"S":"a"}}.)";
}

std::vector<storage::TablePtr> find_tables(const storage::Catalog& catalog, const TableChoice& choice) {
  std::vector<storage::TablePtr> found;
  for (const storage::TablePtr& table : catalog.all()) {
    const model::TableSchema& schema = table->schema;
    if (schema.name != choice.name) continue;
    if (choice.account && schema.account_id != *choice.account) continue;
    if (choice.region && schema.region != *choice.region) continue;
    found.push_back(table);
  }
  return found;
}

// `000000000000/us-east-1, 000000000000/eu-west-1`
std::string owners_of(const std::vector<storage::TablePtr>& tables) {
  std::string owners;
  for (const storage::TablePtr& table : tables) {
    owners += (owners.empty() ? "" : ", ") + table->schema.account_id + '/' + table->schema.region;
  }
  return owners;
}

// Which table there is not, and where one of its name is.
std::string absence_of(const storage::Catalog& catalog, const TableChoice& choice) {
  std::string sentence = "There is no table named ";
  sentence.append(choice.name);
  if (choice.account) sentence += " of account " + *choice.account;
  if (choice.region) {
    sentence += " in region " + *choice.region;
    const auto elsewhere =
        find_tables(catalog, {.name = choice.name, .account = choice.account, .region = {}});
    if (!elsewhere.empty())
      sentence += " (there is one in " + owners_of(elsewhere) + ": say which with account and region)";
  }
  return sentence + '.';
}

// The shortest digits that mean this number, which are those that were sent: of seconds, a double keeps every
// microsecond until the year 2242. Nothing of a number of very many digits, which is no time.
std::string decimal_text(double number) {
  std::array<char, 64> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return error == std::errc() ? std::string(digits.data(), end) : std::string();
}

}  // namespace

Result<storage::TablePtr, http::Response> choose_table(const storage::Catalog& catalog,
                                                       const TableChoice& choice) {
  const std::vector<storage::TablePtr> found = find_tables(catalog, choice);
  if (found.size() == 1) return found.front();
  if (found.empty()) return fail(error_answer(404, absence_of(catalog, choice)));
  return fail(error_answer(400, "There are several tables of that name (" + owners_of(found) +
                                    "): say which with account and region."));
}

Result<std::string, std::string> canonical_key(const storage::Table& table, json::Value key) {
  const model::KeySchema& keys = table.schema.keys;
  std::string text;
  const bool is_key = key.is_object() && key.size() == keys.partition_keys.size() + keys.sort_keys.size() &&
                      model::canonicalize(key, &text) && model::key_of(keys, text);
  if (is_key) return text;
  return fail(wanted_key(keys));
}

Result<model::Key, std::string> parse_key(const storage::Table& table, std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root) return fail(wanted_key(table.schema.keys));
  ASSIGN_OR_RETURN(const std::string canonical, canonical_key(table, *root));
  return *model::key_of(table.schema.keys, canonical);
}

Result<Timestamp, std::string> parse_moment_of(std::string_view name, std::string_view text) {
  if (const auto moment = parse_moment(text)) return *moment;
  return fail(std::string(name) +
              " must be a time such as 2026-01-01T12:00:00.123456Z, or seconds since 1970.");
}

Result<Timestamp, std::string> read_moment(std::string_view name, json::Value value) {
  if (value.is_string()) return parse_moment_of(name, value.string());
  if (value.type() == json::Type::kInteger) return parse_moment_of(name, std::to_string(value.integer()));
  if (value.type() == json::Type::kDecimal) return parse_moment_of(name, decimal_text(value.decimal()));
  // What is neither text nor number is no time, as an empty text is none.
  return parse_moment_of(name, "");
}

std::string sentence_of(const Error& error) {
  std::string sentence = error.message;
  if (!sentence.empty() && sentence.front() >= 'a' && sentence.front() <= 'z') {
    sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  }
  return sentence + '.';
}

http::Response refusal(std::string_view what, const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return error_answer(400, sentence_of(error));
    case ErrorCode::kNotFound:
      return error_answer(404, sentence_of(error));
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return error_answer(409, sentence_of(error));
    case ErrorCode::kNoSpace:
      return error_answer(503, jobs::kNoSpaceLeft);
    default:
      log::error(std::string(what) + " cannot be started", {{"error", error.message}});
      return error_answer(503, "It cannot be started at the moment; the log of the server says why.");
  }
}

}  // namespace tidemark::admin
