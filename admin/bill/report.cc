#include "admin/bill/report.h"

#include <algorithm>
#include <cstdio>

namespace tidemark::admin {
namespace {

void write_line(const BillLine& line, JsonWriter& json) {
  const ChargeKind& kind = kind_of(line.what.charge);
  json.begin_object();
  json.member("service", kind.service);
  if (!line.what.account.empty()) json.member("account", line.what.account);
  if (!line.what.region.empty()) json.member("region", line.what.region);
  if (!line.what.resource.empty()) json.member("resource", line.what.resource);
  if (!line.what.part.empty()) json.member("part", line.what.part);
  if (!line.what.operation.empty()) json.member("operation", line.what.operation);
  json.member("charge", kind.name);
  json.key("quantity"), json.decimal(line.quantity);
  json.member("unit", kind.unit);
  json.key("usd"), json.decimal(line.usd);
  json.end_object();
}

}  // namespace

Bill bill_of(const Usage& usage, const Prices& prices) {
  Bill bill;
  for (const auto& [what, quantity] : usage) {
    bill.lines.push_back({what, quantity, prices.cost(what.charge, quantity)});
    bill.usd += bill.lines.back().usd;
  }
  std::stable_sort(bill.lines.begin(), bill.lines.end(),
                   [](const BillLine& one, const BillLine& two) { return one.usd > two.usd; });
  return bill;
}

void write_prices(const Prices& prices, JsonWriter& json) {
  json.member("estimate", kEstimate);
  json.key("prices");
  json.begin_object();
  json.member("region", prices.region);
  json.member("date", prices.date);
  json.member("currency", "USD");
  json.key("list");
  json.begin_array();
  for (const ChargeKind& kind : kCharges) {
    json.begin_object();
    json.member("charge", kind.name);
    json.key("usd"), json.decimal(prices.usd[static_cast<std::size_t>(kind.charge)]);
    json.key("per"), json.decimal(kind.per);
    json.member("unit", kind.unit);
    json.member("date", prices.date);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_bill(const Bill& bill, std::size_t lines_max, JsonWriter& json) {
  json.key("usd"), json.decimal(bill.usd);
  json.member("line_count", static_cast<std::int64_t>(bill.lines.size()));
  json.key("lines");
  json.begin_array();
  const std::size_t count = std::min(lines_max, bill.lines.size());
  for (std::size_t i = 0; i < count; ++i) write_line(bill.lines[i], json);
  json.end_array();
}

std::string text_of(const BillLine& line) {
  const ChargeKind& kind = kind_of(line.what.charge);
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%.8f USD  %.9g %.*s", line.usd, line.quantity,
                static_cast<int>(kind.unit.size()), kind.unit.data());
  std::string text = numbers;
  text.append("  ").append(kind.name);
  if (!line.what.resource.empty()) text += "  " + line.what.resource;
  if (!line.what.region.empty()) text += " in " + line.what.region;
  if (!line.what.part.empty()) text += " (" + line.what.part + ")";
  if (!line.what.operation.empty()) text += "  " + line.what.operation;
  return text;
}

}  // namespace tidemark::admin
