#include "admin/bill/bill.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "admin/bill/export_or_scan.h"
#include "admin/bill/report.h"
#include "admin/named_table.h"
#include "admin/query.h"
#include "base/json_writer.h"
#include "base/request_label.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kLabelsShownMax = 100;
constexpr std::size_t kLabelsNamedMax = 10;  // by a refusal
constexpr std::size_t kMarkBytesMax = 100;
// What a new table on demand gives at once. Source: DescribeTable's WarmThroughput.
constexpr double kReadUnitsOnDemand = 12'000;

struct Asked {
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> table;
  std::optional<std::string> region;
  UsageFilter filter;
  std::size_t lines_max = kPageMax;
};

Result<void, std::string> read_parameter(const std::string& name, const std::string& value, Asked* asked) {
  if (name == "since") {
    asked->since = value;
  } else if (name == "until") {
    asked->until = value;
  } else if (name == "label") {
    if (value.empty()) return fail(std::string("label is empty: leave it out for the bill of everything."));
    asked->filter.label = label_text(value);
  } else if (name == "account") {
    ASSIGN_OR_RETURN(asked->filter.account, parse_account(value));
  } else if (name == "limit") {
    ASSIGN_OR_RETURN(asked->lines_max, parse_limit(value));
  } else {
    return fail("There is no parameter '" + name + "'; there are since, until, label, account and limit.");
  }
  return {};
}

Result<Asked, std::string> read_bill_query(std::string_view text) {
  Asked asked;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) RETURN_IF_ERROR(read_parameter(name, value, &asked));
  return asked;
}

Result<Asked, std::string> read_table_query(std::string_view text) {
  Asked asked;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) {
    if (name == "table") {
      asked.table = value;
    } else if (name == "account") {
      ASSIGN_OR_RETURN(asked.filter.account, parse_account(value));
    } else if (name == "region") {
      asked.region = value;
    } else {
      return fail("There is no parameter '" + name + "'; there are table, account and region.");
    }
  }
  if (!asked.table) return fail(std::string("The parameter table is missing."));
  return asked;
}

// Those of the body, where there is one.
Result<Prices, std::string> prices_for(const AdminRequest& request, const Prices& usual) {
  if (request.head.method != "POST" || request.body.empty()) return usual;
  auto prices = parse_prices(request.body, "prices");
  if (!prices) return fail(prices.error().message);
  return *std::move(prices);
}

void write_moment(std::string_view name, const UsageMark& mark, JsonWriter& json) {
  json.key(name);
  json.begin_object();
  if (!mark.name.empty()) json.member("mark", mark.name);
  json.member("time", format_iso_micros(mark.time));
  json.end_object();
}

Usage of_account(const Usage& usage, const std::optional<std::string>& account) {
  if (!account) return usage;
  Usage rest;
  for (const auto& [key, quantity] : usage) {
    if (key.account == *account) rest.emplace_hint(rest.end(), key, quantity);
  }
  return rest;
}

void write_labels(const Usage& usage, const Prices& prices, JsonWriter& json) {
  std::map<std::string, double> by_label;
  for (const auto& [key, quantity] : usage) {
    if (!key.label.empty()) by_label[key.label] += prices.cost(key.charge, quantity);
  }
  std::vector<std::pair<std::string, double>> labels(by_label.begin(), by_label.end());
  std::stable_sort(labels.begin(), labels.end(),
                   [](const auto& one, const auto& two) { return one.second > two.second; });
  if (labels.size() > kLabelsShownMax) labels.resize(kLabelsShownMax);
  json.key("labels");
  json.begin_array();
  for (const auto& [label, usd] : labels) {
    json.begin_object();
    json.member("label", label);
    json.key("usd"), json.decimal(usd);
    json.end_object();
  }
  json.end_array();
}

// Why there is no bill for that label; nothing when there is one, though it may come to nothing.
std::optional<http::Response> no_label(const std::string& label) {
  const std::vector<std::string> known = known_labels();
  const auto has = [&known](std::string_view one) {
    return std::binary_search(known.begin(), known.end(), one);
  };
  if (has(label)) return std::nullopt;
  std::string sentence = "No request has carried the label '" + label + "' since the server started";
  if (known.empty()) return error_answer(404, sentence + " (nor any other).");
  if (has(kOtherLabels)) {
    return error_answer(404, sentence + " (or it is one of those beyond the first " +
                                 std::to_string(kLabelsMax - 1) + ", which are billed together as " +
                                 std::string(kOtherLabels) + ").");
  }
  sentence += " (there are ";
  for (std::size_t i = 0; i < std::min(known.size(), kLabelsNamedMax); ++i) {
    sentence += (i == 0 ? "" : ", ") + known[i];
  }
  if (known.size() > kLabelsNamedMax) {
    sentence += " and " + std::to_string(known.size() - kLabelsNamedMax) + " more";
  }
  return error_answer(404, sentence + ").");
}

http::Response no_mark(const std::string& name) {
  return error_answer(404, "There is no mark '" + name + "'.");
}

http::Response answer_bill(const BillParts& parts, const AdminRequest& request) {
  const auto asked = read_bill_query(request.head.query());
  if (!asked) return error_answer(400, asked.error());
  const auto prices = prices_for(request, parts.prices);
  if (!prices) return error_answer(400, prices.error());
  if (asked->filter.label) {
    if (auto refused = no_label(*asked->filter.label)) return *std::move(refused);
  }
  UsageMark from{.name = {}, .time = parts.ledger.began(), .usage = {}};
  if (asked->since) {
    auto mark = parts.ledger.find(*asked->since);
    if (!mark) return no_mark(*asked->since);
    from = *std::move(mark);
  }
  auto to = asked->until ? parts.ledger.find(*asked->until) : std::optional(parts.ledger.now());
  if (!to) return no_mark(*asked->until);
  const Usage used = since(to->usage, from.usage);
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  write_prices(*prices, json);
  write_moment("since", from, json);
  write_moment("until", *to, json);
  if (asked->filter.label) json.member("label", *asked->filter.label);
  if (parts.limit_usd) json.key("limit_usd"), json.decimal(*parts.limit_usd);
  write_bill(bill_of(narrowed(used, asked->filter), *prices), asked->lines_max, json);
  write_labels(of_account(used, asked->filter.account), *prices, json);
  json.end_object();
  return json_answer(200, std::move(text));
}

TableSize size_of(storage::Engine& engine, const storage::Table& table) {
  const model::TableSchema& schema = table.schema;
  const storage::TableStats stats = engine.stats(table.id);
  TableSize size{.items = stats.item_count,
                 .table_bytes = stats.size_bytes,
                 .partitions = std::max<std::size_t>(table.partitions.size(), 1),
                 .is_provisioned = schema.billing_mode == model::BillingMode::kProvisioned,
                 .read_units_per_second = kReadUnitsOnDemand};
  for (const model::IndexSchema& index : schema.indexes) {
    if (index.kind == model::IndexKind::kLocal) size.local_index_bytes += engine.stats(index.id).size_bytes;
  }
  if (size.is_provisioned) {
    size.read_units_per_second = static_cast<double>(schema.throughput.read_units);
  } else if (schema.on_demand_throughput && schema.on_demand_throughput->max_read_units > 0) {
    size.read_units_per_second = static_cast<double>(schema.on_demand_throughput->max_read_units);
  }
  return size;
}

http::Response answer_comparison(const BillParts& parts, const AdminRequest& request) {
  const auto asked = read_table_query(request.head.query());
  if (!asked) return error_answer(400, asked.error());
  const auto prices = prices_for(request, parts.prices);
  if (!prices) return error_answer(400, prices.error());
  const auto table =
      choose_table(parts.engine.catalog(),
                   {.name = *asked->table, .account = asked->filter.account, .region = asked->region});
  if (!table) return table.error();
  const TableSize size = size_of(parts.engine, **table);
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  write_prices(*prices, json);
  json.member("table", (*table)->schema.name);
  json.member("account", (*table)->schema.account_id);
  json.member("region", (*table)->schema.region);
  write_comparison(size, compare_export_and_scan(size, *prices), json);
  json.end_object();
  return json_answer(200, std::move(text));
}

http::Response list_marks(const Ledger& ledger) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.key("marks");
  json.begin_array();
  for (const auto& [name, time] : ledger.marks()) {
    json.begin_object();
    json.member("mark", name);
    json.member("time", format_iso_micros(time));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json_answer(200, std::move(text));
}

http::Response set_mark(Ledger& ledger, const AdminRequest& request) {
  const std::string name(request.name);
  const bool is_printable = std::none_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < ' ' || byte == 0x7f;
  });
  if (name.size() > kMarkBytesMax || !is_printable) {
    return error_answer(400, "The name of a mark is up to 100 bytes, none of them a control character.");
  }
  if (!ledger.mark(name)) {
    return error_answer(409, "There are " + std::to_string(Ledger::kMarksMax) +
                                 " marks: remove one, or set one of them anew.");
  }
  const auto made = ledger.find(name);
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("mark", name);
  if (made) json.member("time", format_iso_micros(made->time));
  json.end_object();
  return json_answer(200, std::move(text));
}

http::Response remove_mark(Ledger& ledger, const AdminRequest& request) {
  const std::string name(request.name);
  return ledger.remove(name) ? json_answer(200, "{}") : no_mark(name);
}

}  // namespace

std::vector<Route> bill_routes(BillParts given) {
  const auto parts = std::make_shared<const BillParts>(std::move(given));
  const auto route = [parts](std::string_view method, std::string_view path, auto answer,
                             bool takes_parameters = true) {
    return Route{.method = method,
                 .path = path,
                 .handle = [parts, answer](const AdminRequest& request) { return answer(*parts, request); },
                 .is_heavy = true,
                 // Names of tables are nothing for strangers where signatures are verified.
                 .shows_items = true,
                 .may_be_empty = true,
                 .takes_parameters = takes_parameters};
  };
  const auto marks = [](const BillParts& all, const AdminRequest&) { return list_marks(all.ledger); };
  const auto set = [](const BillParts& all, const AdminRequest& one) { return set_mark(all.ledger, one); };
  const auto remove = [](const BillParts& all, const AdminRequest& one) {
    return remove_mark(all.ledger, one);
  };
  return {route("GET", "/_tidemark/bill", answer_bill),
          route("POST", "/_tidemark/bill", answer_bill),
          route("GET", "/_tidemark/bill/export-or-scan", answer_comparison),
          route("POST", "/_tidemark/bill/export-or-scan", answer_comparison),
          route("GET", "/_tidemark/bill/marks", marks, false),
          route("POST", "/_tidemark/bill/marks/{name}", set, false),
          route("DELETE", "/_tidemark/bill/marks/{name}", remove, false)};
}

}  // namespace tidemark::admin
