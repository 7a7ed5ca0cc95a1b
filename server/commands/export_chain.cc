#include "server/commands/export_chain.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace tidemark::server {
namespace {

// An export on its way into the chain.
struct Link {
  StoredExport stored;
  Timestamp from;  // of a window
  Timestamp to;    // what it brings the table to

  [[nodiscard]] bool is_window() const { return stored.summary().is_incremental; }
};

Result<Link> link_of(StoredExport stored) {
  const ExportSummary& summary = stored.summary();
  const auto from = parse_iso_time(summary.is_incremental ? summary.from_time : summary.export_time);
  const auto to = parse_iso_time(summary.is_incremental ? summary.to_time : summary.export_time);
  if (!from || !to || (summary.is_incremental && *from >= *to)) {
    return fail(Error::corruption("the summary of " + stored.source() + " does not say of when it is"));
  }
  return Link{.stored = std::move(stored), .from = *from, .to = *to};
}

// The id where both have one: a table that was made anew under its name is another one.
bool are_of_one_table(const ExportSummary& a, const ExportSummary& b) {
  if (!a.table_id.empty() && !b.table_id.empty()) return a.table_id == b.table_id;
  return a.table_arn == b.table_arn;
}

std::string table_of(const StoredExport& stored) {
  const ExportSummary& summary = stored.summary();
  return stored.source() + " is of " +
         (summary.table_arn.empty() ? "a table without a name" : summary.table_arn) +
         (summary.table_id.empty() ? "" : " (" + summary.table_id + ")");
}

Result<void> check_tables(const std::vector<Link>& links) {
  for (const Link& link : links) {
    const StoredExport& first = links.front().stored;
    if (are_of_one_table(first.summary(), link.stored.summary())) continue;
    return fail(Error::invalid_argument("the exports are of different tables: " + table_of(first) + ", " +
                                        table_of(link.stored)));
  }
  return {};
}

}  // namespace

Result<ExportChain> chain_of(std::vector<StoredExport> exports) {
  std::vector<Link> links;
  for (StoredExport& one : exports) {
    ASSIGN_OR_RETURN(Link link, link_of(std::move(one)));
    links.push_back(std::move(link));
  }
  RETURN_IF_ERROR(check_tables(links));
  // The full one first; of two windows that begin together the longer one.
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    if (a.is_window() != b.is_window()) return b.is_window();
    return a.from != b.from ? a.from < b.from : a.to > b.to;
  });
  ExportChain chain;
  std::optional<Timestamp> until;  // what the table has come to
  for (Link& link : links) {
    if (until && !link.is_window()) {
      return fail(Error::invalid_argument("there are two full exports, of which one is enough"));
    }
    if (until && link.from > *until) {
      return fail(Error::invalid_argument("there is a gap between " + format_iso_millis(*until) + " and " +
                                          format_iso_millis(link.from)));
    }
    if (until && link.to <= *until) {
      chain.left_out.push_back(link.stored.source() + " is left out: it ends at " +
                               format_iso_millis(link.to) + ", the others go on to " +
                               format_iso_millis(*until));
      continue;
    }
    until = link.to;
    chain.exports.push_back(std::move(link.stored));
  }
  return chain;
}

}  // namespace tidemark::server
