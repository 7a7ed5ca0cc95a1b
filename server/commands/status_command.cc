#include "server/commands/status_command.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/json.h"
#include "server/commands/columns.h"

namespace tidemark::server {
namespace {

// A class may have many.
constexpr std::size_t kAccountsShownMax = 50;

std::string text_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? printable(found->string()) : std::string();
}

std::int64_t number_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->type() == json::Type::kInteger ? found->integer() : 0;
}

std::string size_of(const json::Value& object, std::string_view name) {
  return short_size(static_cast<std::uint64_t>(std::max<std::int64_t>(number_of(object, name), 0)));
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

template <class Visit>
void for_each(const json::Value& object, std::string_view name, Visit visit) {
  const auto list = object.find(name);
  if (!list || !list->is_array()) return;
  json::Value element;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&element);) {
    if (element.is_object()) visit(element);
  }
}

std::string services_of(const json::Value& endpoint) {
  std::string names;
  const auto list = endpoint.find("services");
  if (!list || !list->is_array()) return names;
  json::Value name;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&name);) {
    if (name.is_string()) names += (names.empty() ? "" : ", ") + printable(name.string());
  }
  return names;
}

std::string clock_of(const json::Value& clock) {
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t offset = number_of(clock, "offset_seconds");
  std::string text = text_of(clock, "now");
  if (offset == 0) return text;
  const std::int64_t size = std::abs(offset);
  text += size >= kDay ? ", " + counted(size / kDay, "day", "days") : ", " + std::to_string(size) + " s";
  return text + (offset > 0 ? " ahead of" : " behind") + " the machine";
}

std::string done_of(const json::Value& job) {
  const auto total = job.find("total");
  if (!total || total->type() != json::Type::kInteger || total->integer() <= 0) return text_of(job, "phase");
  return std::to_string(100 * number_of(job, "done") / total->integer()) + " %";
}

void append_accounts(const json::Value& root, std::vector<std::string>* lines) {
  std::vector<Row> rows;
  std::size_t count = 0;
  for_each(root, "accounts", [&](const json::Value& account) {
    if (++count > kAccountsShownMax) return;
    rows.push_back({"  " + text_of(account, "account_id"),
                    counted(number_of(account, "tables"), "table", "tables"),
                    counted(number_of(account, "items"), "item", "items"), size_of(account, "size_bytes")});
  });
  if (count < 2) return;  // the line of all tables says it
  for (std::string& line : align_columns(rows)) lines->push_back(std::move(line));
  if (count > kAccountsShownMax) {
    lines->push_back("  and " + std::to_string(count - kAccountsShownMax) + " more accounts");
  }
}

void append_jobs(const json::Value& root, std::vector<std::string>* lines) {
  std::vector<Row> rows;
  for_each(root, "jobs", [&rows](const json::Value& job) {
    const char* const name = job.find("operation") ? "operation" : "kind";
    rows.push_back({"  " + text_of(job, name), text_of(job, "table"), text_of(job, "status"), done_of(job),
                    text_of(job, "id")});
  });
  lines->push_back("jobs      " +
                   (rows.empty() ? std::string("none that runs") : std::to_string(rows.size()) + " running"));
  for (std::string& line : align_columns(rows)) lines->push_back(std::move(line));
}

}  // namespace

Result<std::vector<std::string>> status_lines(std::string_view answer) {
  json::Document document;
  const auto root = document.parse(answer);
  if (!root || !root->is_object() || !root->find("version")) {
    return fail(Error::unavailable("the server's answer is not understood"));
  }
  std::vector<std::string> lines;
  const std::string status = text_of(*root, "status");
  lines.push_back("Tidemark " + text_of(*root, "version") +
                  (status == "ok" ? " is well" : " says: " + status) + ", pid " +
                  std::to_string(number_of(*root, "pid")) + ", since " + text_of(*root, "started"));
  for_each(*root, "endpoints", [&lines](const json::Value& endpoint) {
    lines.push_back("endpoint  " + text_of(endpoint, "url") + "  " + services_of(endpoint));
  });
  const auto in_memory = root->find("in_memory");
  const bool is_temporary = in_memory && in_memory->type() == json::Type::kBool && in_memory->boolean();
  lines.push_back("data      " + text_of(*root, "data_directory") +
                  (is_temporary ? ", gone with the server, " : ", ") + size_of(*root, "free_bytes") +
                  " free");
  lines.push_back("callers   " + text_of(*root, "auth") + "; region " + text_of(*root, "region") +
                  " and account " + text_of(*root, "account_id") + " unless they say otherwise");
  if (const auto clock = root->find("clock"); clock && clock->is_object()) {
    lines.push_back("clock     " + clock_of(*clock));
  }
  if (const auto tables = root->find("tables"); tables && tables->is_object()) {
    lines.push_back("tables    " + std::to_string(number_of(*tables, "count")) + " with " +
                    counted(number_of(*tables, "items"), "item", "items") + " of " +
                    size_of(*tables, "size_bytes") + "; on disk " + size_of(*tables, "state_bytes") +
                    ", history " + size_of(*tables, "history_bytes"));
  }
  append_accounts(*root, &lines);
  lines.push_back("buckets   " + std::to_string(number_of(*root, "buckets")));
  append_jobs(*root, &lines);
  return lines;
}

Result<void> run_status(const StatusConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(config.server, {.path = "/_tidemark/status"}));
  if (answer.status >= 300) return fail(Error::invalid_argument(error_sentence(answer.body)));
  if (config.json) {
    std::fputs(answer.body.c_str(), out);
    return {};
  }
  ASSIGN_OR_RETURN(const auto lines, status_lines(answer.body));
  for (const std::string& line : lines) std::fprintf(out, "%s\n", line.c_str());
  return {};
}

}  // namespace tidemark::server
