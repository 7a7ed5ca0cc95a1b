// What has been used, as plain data.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>

#include "admin/bill/charges.h"

namespace tidemark::admin {

struct UsageKey {
  Charge charge = Charge::kReadRequestUnits;
  std::string account = {};    // empty: nobody's, or of several
  std::string region = {};     // empty for S3
  std::string resource = {};   // a table or a bucket; empty: of none, or of those that are not kept apart
  std::string part = {};       // `indexes`; empty: of the table itself, or of all of it
  std::string operation = {};  // `PutItem`; empty: what passing time costs
  std::string label = {};      // of the caller; empty: none

  auto operator<=>(const UsageKey&) const = default;
};

// Quantities, in kind_of().unit. None is negative.
using Usage = std::map<UsageKey, double>;

// What has been used between two moments of which `earlier` is the usage up to the first. What was taken away
// in between counts as nothing.
Usage since(const Usage& later, const Usage& earlier);

struct UsageFilter {
  std::optional<std::string> label;
  std::optional<std::string> account;
};
// What is left, its labels dropped.
Usage narrowed(const Usage& usage, const UsageFilter& filter);

}  // namespace tidemark::admin
