#include "admin/rewind.h"

#include <optional>
#include <string>
#include <utility>

#include "admin/job_json.h"
#include "admin/named_table.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kKeysMax = 1'000;

struct RewindBody {
  std::optional<Timestamp> to;
  std::vector<json::Value> keys;
  std::optional<std::string> account;
  std::optional<std::string> region;
};

Result<void, std::string> read_member(std::string_view name, json::Value value, RewindBody* body) {
  if (name == "to") {
    ASSIGN_OR_RETURN(body->to, read_moment(name, value));
    return {};
  }
  if (name == "keys") {
    if (!value.is_array() || value.size() == 0 || value.size() > kKeysMax) {
      return fail(std::string("keys must be a list of 1 to 1000 keys of items."));
    }
    json::Value key;
    for (auto elements = value.elements(); elements.next(&key);) body->keys.push_back(key);
    return {};
  }
  if (name == "account" || name == "region") {
    if (!value.is_string()) return fail(std::string(name) + " must be a string.");
    (name == "account" ? body->account : body->region) = std::string(value.string());
    return {};
  }
  return fail("There is no member '" + std::string(name) + "'; there are to, keys, account and region.");
}

Result<RewindBody, std::string> read_body(const Result<json::Value>& root) {
  if (!root || !root->is_object()) return fail(std::string("The body must be a JSON object with to."));
  RewindBody body;
  std::string_view name;
  json::Value value;
  for (auto members = root->members(); members.next(&name, &value);) {
    RETURN_IF_ERROR(read_member(name, value, &body));
  }
  if (!body.to) return fail(std::string("The member to is missing."));
  return body;
}

http::Response start_rewind(storage::Engine& engine, timetravel::RewindJobs& rewinds,
                            const AdminRequest& request) {
  json::Document document;
  const auto root = document.parse(request.body);
  const auto body = read_body(root);
  if (!body) return error_answer(400, body.error());
  auto table = choose_table(engine.catalog(),
                            {.name = request.name, .account = body->account, .region = body->region});
  if (!table) return std::move(table).error();
  timetravel::RewindRequest rewind{.table = *table, .to = *body->to, .keys = {}};
  for (const json::Value& key : body->keys) {
    auto text = canonical_key(**table, key);
    if (!text) return error_answer(400, text.error());
    rewind.keys.push_back(*std::move(text));
  }
  const auto started = rewinds.start(rewind);
  if (!started) return refusal("a rewind", started.error());
  std::string answer;
  JsonWriter json(&answer);
  write_job(*started, nullptr, false, json);
  return json_answer(202, std::move(answer));
}

}  // namespace

std::vector<Route> rewind_routes(storage::Engine& engine, timetravel::RewindJobs& rewinds) {
  return {{.method = "POST",
           .path = "/_tidemark/tables/{name}/rewind",
           .handle = [&engine, &rewinds](const AdminRequest& request) {
             return start_rewind(engine, rewinds, request);
           }}};
}

}  // namespace tidemark::admin
