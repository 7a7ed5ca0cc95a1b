// The bill: usage times prices, and nothing else.
#pragma once

#include <string>
#include <vector>

#include "admin/bill/charges.h"
#include "admin/bill/usage.h"
#include "base/json_writer.h"

namespace tidemark::admin {

struct BillLine {
  UsageKey what;
  double quantity = 0;
  double usd = 0;
};

struct Bill {
  std::vector<BillLine> lines;  // the dearest first
  double usd = 0;
};
Bill bill_of(const Usage& usage, const Prices& prices);

inline constexpr std::string_view kEstimate =
    "An estimate by list prices, without free tiers, discounts, taxes and data transfer: not what AWS would "
    "charge.";

// Members of an object that the caller has begun: estimate, prices; total and lines, so many of them at most.
void write_prices(const Prices& prices, JsonWriter& json);
void write_bill(const Bill& bill, std::size_t lines_max, JsonWriter& json);

// `orders  PutItem  2 units of write-request-units`: one line for people.
std::string text_of(const BillLine& line);

}  // namespace tidemark::admin
