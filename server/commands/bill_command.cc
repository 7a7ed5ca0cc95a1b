#include "server/commands/bill_command.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "admin/bill/charges.h"
#include "base/http_message.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "server/commands/columns.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kDearest = 5;
// A bill looks at all objects.
constexpr std::chrono::minutes kPatience{5};

std::string text_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? printable(found->string()) : std::string();
}

double number_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  const bool is_number =
      found && (found->type() == json::Type::kInteger || found->type() == json::Type::kDecimal);
  return is_number ? found->decimal() : 0;
}

std::string formatted(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}
std::string usd(double amount) { return formatted("%.8f", amount); }
std::string plain(double number) { return formatted("%.9g", number); }

Result<json::Value> object_of(json::Document* document, std::string_view answer, std::string_view member) {
  const auto root = document->parse(answer);
  if (!root || !root->is_object() || !root->find(member)) {
    return fail(Error::unavailable("the server's answer is not understood"));
  }
  return *root;
}

std::string moment_of(const json::Value& root, std::string_view name) {
  const auto moment = root.find(name);
  if (!moment || !moment->is_object()) return {};
  const std::string mark = text_of(*moment, "mark");
  return text_of(*moment, "time") + (mark.empty() ? "" : " (mark " + mark + ")");
}

std::string prices_of(const json::Value& root) {
  const auto prices = root.find("prices");
  if (!prices || !prices->is_object()) return {};
  return "prices of " + text_of(*prices, "region") + ", " + text_of(*prices, "date");
}

Row row_of(const json::Value& line, bool with_region) {
  std::string resource = text_of(line, "resource");
  if (const std::string part = text_of(line, "part"); !part.empty()) resource += " (" + part + ")";
  Row row = {usd(number_of(line, "usd")), plain(number_of(line, "quantity")), text_of(line, "unit"),
             text_of(line, "charge"), resource};
  if (with_region) row.push_back(text_of(line, "region"));
  row.push_back(text_of(line, "operation"));
  return row;
}

// Whether the lines are of tables in several regions.
bool has_regions(const std::optional<json::Value>& lines) {
  if (!lines || !lines->is_array()) return false;
  std::set<std::string> regions;
  json::Value line;
  for (json::ArrayCursor cursor = lines->elements(); cursor.next(&line);) {
    if (line.is_object()) regions.insert(text_of(line, "region"));
  }
  regions.erase("");  // S3
  return regions.size() > 1;
}

// The prices that were used for something.
std::vector<std::string> unit_prices(const json::Value& root, const std::vector<std::string>& used) {
  std::vector<std::string> lines;
  const auto prices = root.find("prices");
  const auto list = prices && prices->is_object() ? prices->find("list") : std::nullopt;
  if (!list || !list->is_array()) return lines;
  json::Value price;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&price);) {
    if (!price.is_object()) continue;
    const std::string charge = text_of(price, "charge");
    if (std::find(used.begin(), used.end(), charge) == used.end()) continue;
    lines.push_back("  " + charge + ": " + plain(number_of(price, "usd")) + " USD for " +
                    plain(number_of(price, "per")) + " " + text_of(price, "unit") + " (" +
                    text_of(price, "date") + ")");
  }
  return lines;
}

std::string query_of(const std::vector<std::pair<std::string_view, std::string>>& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    query += query.empty() ? '?' : '&';
    query.append(name).append("=").append(http::percent_encode(value, http::Slash::kEncoded));
  }
  return query;
}

// As the body of a request; empty: those of the server.
Result<std::string> prices_body(const BillConfig& config, FileSystem& files) {
  if (config.prices_file.empty()) return std::string();
  auto text = read_file(files, config.prices_file);
  if (!text) {
    return fail(Error::invalid_argument("--prices: " + config.prices_file +
                                        " cannot be read: " + text.error().message));
  }
  ASSIGN_OR_RETURN(const admin::Prices prices, admin::parse_prices(*text, config.prices_file));
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("region", prices.region);
  json.member("date", prices.date);
  json.key("prices");
  json.begin_object();
  for (const admin::ChargeKind& kind : admin::kCharges) {
    json.key(kind.name), json.decimal(prices.usd[static_cast<std::size_t>(kind.charge)]);
  }
  json.end_object();
  json.end_object();
  return body;
}

Result<std::string> ask(const BillConfig& config, std::string_view method, const std::string& path,
                        const std::string& body = {}) {
  ASSIGN_OR_RETURN(
      const HttpAnswer answer,
      ask_server(config.server, {.method = method, .path = path, .json_body = body, .patience = kPatience}));
  if (answer.status >= 300) return fail(refusal_of(config.server, answer));
  return answer.body;
}

void print(const std::vector<std::string>& lines, std::FILE* out) {
  for (const std::string& line : lines) std::fprintf(out, "%s\n", line.c_str());
}

Result<int> run_comparison(const BillConfig& config, FileSystem& files, std::FILE* out) {
  ASSIGN_OR_RETURN(const std::string prices, prices_body(config, files));
  const std::string query =
      query_of({{"table", config.name}, {"account", config.account}, {"region", config.region}});
  ASSIGN_OR_RETURN(const std::string answer, ask(config, prices.empty() ? "GET" : "POST",
                                                 "/_tidemark/bill/export-or-scan" + query, prices));
  if (config.json) {
    std::fputs(answer.c_str(), out);
    return 0;
  }
  ASSIGN_OR_RETURN(const auto lines, comparison_lines(answer));
  print(lines, out);
  return 0;
}

Result<int> run_mark(const BillConfig& config, std::string_view method, std::FILE* out) {
  const std::string path =
      "/_tidemark/bill/marks/" + http::percent_encode(config.name, http::Slash::kEncoded);
  ASSIGN_OR_RETURN(const std::string answer, ask(config, method, path));
  if (config.json) std::fputs(answer.c_str(), out);
  return 0;
}

Result<int> list_marks(const BillConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const std::string answer, ask(config, "GET", "/_tidemark/bill/marks"));
  if (config.json) {
    std::fputs(answer.c_str(), out);
    return 0;
  }
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value root, object_of(&document, answer, "marks"));
  std::vector<Row> rows;
  const auto marks = root.find("marks");
  json::Value mark;
  if (marks && marks->is_array()) {
    for (json::ArrayCursor cursor = marks->elements(); cursor.next(&mark);) {
      if (mark.is_object()) rows.push_back({text_of(mark, "time"), text_of(mark, "mark")});
    }
  }
  print(rows.empty() ? std::vector<std::string>{"no marks"} : align_columns(rows), out);
  return 0;
}

}  // namespace

Result<void> check_bill_config(const BillConfig& config) {
  const std::string& action = config.action;
  const bool takes_name = action == "mark" || action == "unmark" || action == "export-or-scan";
  if (!action.empty() && !takes_name && action != "marks") {
    return fail(Error::invalid_argument("bill " + action +
                                        ": must be mark, unmark, marks, export-or-scan, or nothing"));
  }
  if (takes_name && config.name.empty()) {
    return fail(Error::invalid_argument("bill " + action + ": a name is missing"));
  }
  if (!takes_name && !config.name.empty()) {
    return fail(Error::invalid_argument("bill " + action + ": a name is too much"));
  }
  if (!action.empty() && config.max_usd) {
    return fail(Error::invalid_argument("--max is for the bill itself"));
  }
  return {};
}

Result<std::vector<std::string>> bill_lines(std::string_view answer, std::size_t lines_max) {
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value root, object_of(&document, answer, "lines"));
  const std::string label = text_of(root, "label");
  std::vector<std::string> text = {
      "bill      " + usd(number_of(root, "usd")) + " USD" + (label.empty() ? "" : ", label " + label),
      "from      " + moment_of(root, "since") + " to " + moment_of(root, "until"),
      "by        " + prices_of(root)};
  const auto lines = root.find("lines");
  const bool with_region = has_regions(lines);
  std::vector<Row> rows = {{"USD", "QUANTITY", "UNIT", "CHARGE", "RESOURCE"}};
  if (with_region) rows.front().emplace_back("REGION");
  rows.front().emplace_back("OPERATION");
  std::vector<std::string> used;
  json::Value line;
  if (lines && lines->is_array()) {
    for (json::ArrayCursor cursor = lines->elements(); cursor.next(&line);) {
      if (!line.is_object() || rows.size() > lines_max) continue;
      rows.push_back(row_of(line, with_region));
      used.push_back(text_of(line, "charge"));
    }
  }
  if (rows.size() > 1) {
    for (std::string& row : align_columns(rows)) text.push_back(std::move(row));
  }
  const auto count = static_cast<std::size_t>(number_of(root, "line_count"));
  if (count >= rows.size()) {
    text.push_back("and " + std::to_string(count - (rows.size() - 1)) + " more lines");
  }
  for (std::string& price : unit_prices(root, used)) text.push_back(std::move(price));
  text.push_back(text_of(root, "estimate"));
  return text;
}

Result<std::vector<std::string>> comparison_lines(std::string_view answer) {
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value root, object_of(&document, answer, "export"));
  const double items = number_of(root, "items");
  std::vector<std::string> text = {text_of(root, "table") + " in " + text_of(root, "region") + ": " +
                                   plain(items) + " items, " + plain(number_of(root, "size_bytes")) +
                                   " bytes, " + text_of(root, "billing_mode") + "; " + prices_of(root)};
  std::vector<Row> rows = {{"", "USD", "READ UNITS", "REQUESTS", "SECONDS"}};
  const auto add = [&](std::string_view member, const std::string& name, std::string_view requests,
                       std::string_view seconds, const std::string& how) {
    const auto cost = root.find(member);
    if (!cost || !cost->is_object()) return;
    const double time = number_of(*cost, seconds);
    rows.push_back({name, usd(number_of(*cost, "usd")), plain(number_of(*cost, "read_units")),
                    plain(number_of(*cost, requests)), time > 0 ? how + plain(time) : "unknown"});
  };
  add("export", "export", "s3_requests", "seconds_about", "about ");
  add("scan", "scan", "requests", "seconds_at_least", "at least ");
  add("consistent_scan", "scan, consistent", "requests", "seconds_at_least", "at least ");
  for (std::string& row : align_columns(rows)) text.push_back(std::move(row));
  text.push_back("cheaper: " + text_of(root, "cheaper"));
  text.push_back(text_of(root, "estimate"));
  return text;
}

Result<int> run_bill(const BillConfig& config, FileSystem& files, std::FILE* out) {
  if (config.action == "mark") return run_mark(config, "POST", out);
  if (config.action == "unmark") return run_mark(config, "DELETE", out);
  if (config.action == "marks") return list_marks(config, out);
  if (config.action == "export-or-scan") return run_comparison(config, files, out);
  ASSIGN_OR_RETURN(const std::string prices, prices_body(config, files));
  const std::string query = query_of({{"since", config.since},
                                      {"until", config.until},
                                      {"label", config.label},
                                      {"account", config.account}});
  ASSIGN_OR_RETURN(const std::string answer,
                   ask(config, prices.empty() ? "GET" : "POST", "/_tidemark/bill" + query, prices));
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value root, object_of(&document, answer, "usd"));
  const double total = number_of(root, "usd");
  const bool is_above = config.max_usd && total > *config.max_usd;
  if (config.json) {
    std::fputs(answer.c_str(), out);
    return is_above ? 1 : 0;
  }
  ASSIGN_OR_RETURN(const auto lines, bill_lines(answer, config.max_usd ? kDearest : config.lines));
  print(lines, out);
  if (!config.max_usd) return 0;
  std::fprintf(out, "%s %s USD\n", is_above ? "above the limit of" : "within the limit of",
               usd(*config.max_usd).c_str());
  return is_above ? 1 : 0;
}

}  // namespace tidemark::server
