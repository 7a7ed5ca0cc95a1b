// The table that a request to `/_tidemark/tables/{name}/…` is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "model/key.h"
#include "storage/catalog.h"

namespace tidemark::admin {

struct TableChoice {
  std::string_view name;
  std::optional<std::string> account;
  std::optional<std::string> region;
};

// The only table of that name among those of the account and the region, where they are given. Errors: the
// answer, 404 or 400.
Result<storage::TablePtr, http::Response> choose_table(const storage::Catalog& catalog,
                                                       const TableChoice& choice);

// The key of an item, from DynamoDB JSON: as canonical text, or as the storage takes it. Errors: a sentence
// for the client.
Result<std::string, std::string> canonical_key(const storage::Table& table, json::Value key);
Result<model::Key, std::string> parse_key(const storage::Table& table, std::string_view text);

// The moment that the parameter or member `name` gives, to the microsecond: text, or a JSON number, of
// seconds. Errors: a sentence for the client.
Result<Timestamp, std::string> parse_moment_of(std::string_view name, std::string_view text);
Result<Timestamp, std::string> read_moment(std::string_view name, json::Value value);

// An error that is meant for the client, as a sentence.
std::string sentence_of(const Error& error);

// The answer where what was asked for was not begun, `what` ("a rewind"). Errors that are not for the client,
// as they may name files, are in the log.
http::Response refusal(std::string_view what, const Error& error);

}  // namespace tidemark::admin
