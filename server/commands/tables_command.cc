#include "server/commands/tables_command.h"

#include <algorithm>
#include <utility>

#include "base/http_message.h"
#include "base/json.h"
#include "server/commands/columns.h"

namespace tidemark::server {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? shortened(found->string()) : std::string();
}

std::int64_t number_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->type() == json::Type::kInteger ? std::max<std::int64_t>(found->integer(), 0) : 0;
}

std::string size_of(const json::Value& object, std::string_view name) {
  return short_size(static_cast<std::uint64_t>(number_of(object, name)));
}

// Calls `visit` for each object of the array of that name.
template <class Visit>
void for_each(const json::Value& object, std::string_view name, Visit visit) {
  const auto list = object.find(name);
  if (!list || !list->is_array()) return;
  json::Value element;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&element);) visit(element);
}

// `backup/01767225600123-0a1b2c3d` of a holder that is named by its ARN.
std::string short_holder(std::string_view who) {
  const std::string_view kind = who.substr(0, who.find('/') + 1);
  if (who.substr(kind.size()).starts_with("arn:")) {
    return printable(std::string(kind).append(who.substr(who.rfind('/') + 1)));
  }
  return printable(who);
}

// A table may have thousands.
std::string holders_of(const json::Value& table) {
  static constexpr std::size_t kShownMax = 3;
  std::string text;
  std::size_t count = 0;
  for_each(table, "held_by", [&](const json::Value& who) {
    if (!who.is_string() || ++count > kShownMax) return;
    text += (text.empty() ? "" : ", ") + short_holder(who.string());
  });
  return count > kShownMax ? text + " and " + std::to_string(count - kShownMax) + " more" : text;
}

Row counts_of(const json::Value& object) {
  return {std::to_string(number_of(object, "items")), size_of(object, "size_bytes"),
          size_of(object, "state_bytes")};
}

void append_table(const json::Value& table, std::vector<Row>* rows) {
  Row row = {text_of(table, "name"), text_of(table, "account_id") + '/' + text_of(table, "region"),
             text_of(table, "status")};
  for (std::string& cell : counts_of(table)) row.push_back(std::move(cell));
  row.push_back(size_of(table, "history_bytes"));
  row.push_back(holders_of(table));
  rows->push_back(std::move(row));
  for_each(table, "indexes", [rows](const json::Value& index) {
    if (!index.is_object()) return;
    Row index_row = {"  " + text_of(index, "name"), "", text_of(index, "status")};
    for (std::string& cell : counts_of(index)) index_row.push_back(std::move(cell));
    rows->push_back(std::move(index_row));
  });
}

void append_gone(const json::Value& gone, std::vector<Row>* rows) {
  Row row = {"(id " + std::to_string(number_of(gone, "id")) + ")", "", "GONE", "", "", ""};
  // Somebody holds its items, too.
  if (const std::string name = text_of(gone, "name"); !name.empty()) {
    row = {name, "", "GONE"};
    for (std::string& cell : counts_of(gone)) row.push_back(std::move(cell));
  }
  row.push_back(size_of(gone, "history_bytes"));
  row.push_back(holders_of(gone));
  rows->push_back(std::move(row));
}

}  // namespace

Result<std::vector<std::string>> table_lines(std::string_view answer) {
  json::Document document;
  const auto root = document.parse(answer);
  if (!root || !root->is_object()) return fail(Error::unavailable("the server's answer is not understood"));
  std::vector<Row> rows = {{"TABLE", "OWNER", "STATUS", "ITEMS", "SIZE", "ON DISK", "HISTORY", "HELD BY"}};
  for_each(*root, "tables", [&rows](const json::Value& table) {
    if (table.is_object()) append_table(table, &rows);
  });
  for_each(*root, "gone", [&rows](const json::Value& gone) {
    if (gone.is_object()) append_gone(gone, &rows);
  });
  if (rows.size() == 1) return std::vector<std::string>{"no tables"};
  auto lines = align_columns(rows);
  if (root->find("next")) lines.emplace_back("more are left out: GET /_tidemark/tables?after= has them");
  return lines;
}

Result<void> run_tables(const TablesConfig& config, std::FILE* out) {
  std::string path = "/_tidemark/tables";
  if (!config.table.empty()) path += "?table=" + http::percent_encode(config.table, http::Slash::kEncoded);
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(config.server, {.method = "GET", .path = path}));
  if (answer.status >= 300) return fail(Error::invalid_argument(error_sentence(answer.body)));
  if (config.json) {
    std::fputs(answer.body.c_str(), out);
    return {};
  }
  ASSIGN_OR_RETURN(const auto lines, table_lines(answer.body));
  // The head of the columns alone is none.
  if (!config.table.empty() && lines.size() == 1) {
    return fail(Error::invalid_argument("There is no table named " + printable(config.table) + " at " +
                                        text_of(config.server)));
  }
  for (const std::string& line : lines) std::fprintf(out, "%s\n", line.c_str());
  return {};
}

}  // namespace tidemark::server
