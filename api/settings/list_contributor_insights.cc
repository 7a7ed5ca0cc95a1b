#include <algorithm>
#include <limits>
#include <utility>

#include "api/core/table_lookup.h"
#include "api/settings/contributor_insights.h"
#include "api/settings/settings.h"
#include "base/bytes.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kResultsMax = 100;

struct Request {
  std::string_view table_name;  // empty: all
  std::size_t results_max = kResultsMax;
  std::string after;  // the last line of the page before
};

struct Line {
  std::string table_name;
  std::string index_name;  // empty: the table
  model::ContributorInsights insights;

  // Tables by name, each before its indexes: names contain no zero bytes.
  [[nodiscard]] std::string place() const { return table_name + '\0' + index_name; }
};

struct Response {
  std::vector<Line> lines;
  bool has_more = false;
};

ApiResult<Request> parse(const Input& input) {
  Request request{.table_name = input.string("TableName").value_or(""),
                  .results_max = static_cast<std::size_t>(input.integer("MaxResults").value_or(kResultsMax)),
                  .after = {}};
  if (const auto token = input.string("NextToken")) {
    const auto place = base64_decode(*token);
    if (!place || place->find('\0') == std::string::npos) {
      return fail(validation(words::invalid_next_token(*token)));
    }
    request.after = *place;
  }
  return request;
}

// Those that are on.
void append_lines(const storage::Table& table, std::vector<Line>* lines) {
  const model::TableSchema& schema = table.schema;
  const auto is_on = [](const auto& insights) { return insights && insights->enabled; };
  if (is_on(schema.contributor_insights)) lines->push_back({schema.name, {}, *schema.contributor_insights});
  for (const model::IndexSchema& index : schema.indexes) {
    if (is_on(index.contributor_insights))
      lines->push_back({schema.name, index.name, *index.contributor_insights});
  }
}

ApiResult<std::vector<storage::TablePtr>> asked_tables(const Request& request,
                                                       const OperationContext& context) {
  if (!request.table_name.empty()) {
    ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
    return std::vector{std::move(table)};
  }
  std::vector<storage::TablePtr> tables;
  const storage::Catalog& catalog = context.engine.catalog();
  for (const std::string& name : catalog.list(context.owner, {}, std::numeric_limits<std::size_t>::max())) {
    if (storage::TablePtr table = catalog.find(context.owner, name)) tables.push_back(std::move(table));
  }
  return tables;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto tables, asked_tables(request, context));
  std::vector<Line> lines;
  for (const storage::TablePtr& table : tables) append_lines(*table, &lines);
  std::ranges::sort(lines, {}, &Line::place);
  std::erase_if(lines, [&request](const Line& line) { return line.place() <= request.after; });
  Response response{.lines = {}, .has_more = lines.size() > request.results_max};
  if (response.has_more) lines.resize(request.results_max);
  response.lines = std::move(lines);
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("ContributorInsightsSummaries");
  json.begin_array();
  for (const Line& line : response.lines) {
    json.begin_object();
    render_insights_target(line.table_name, line.index_name, json);
    json.member("ContributorInsightsStatus", "ENABLED");
    json.member("ContributorInsightsMode", line.insights.mode);
    json.end_object();
  }
  json.end_array();
  if (response.has_more) json.member("NextToken", base64_encode(response.lines.back().place()));
}

}  // namespace

Operation list_contributor_insights() {
  return make_operation(
      "ListContributorInsights", Cost::kSlow,
      structure("ListContributorInsightsInput", {{"TableName", table_name_or_arn()},
                                                 {"NextToken", string()},
                                                 {"MaxResults", integer().range(1, kResultsMax)}}),
      parse, execute, render);
}

}  // namespace tidemark::api
