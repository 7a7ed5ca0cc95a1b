// Fills a server with tables and items out of files, for tests and labs.
//
// What a source, a file or a folder with those below it, may have:
//
//   *.yaml, *.yml, *.template, *.json   a template: server/seed/table_template.h
//   *.json                              a request of CreateTable, or what DescribeTable answers; items, as
//                                       Scan answers them, or a line each
//   *.jsonl, *.ndjson                   items, a line of DynamoDB JSON each: `{"pk":{"S":"a"}}`, or
//   `{"Item":…}`
//   *.csv                               items: names in the first line; key attributes are of their types,
//   all
//                                       others strings, empty cells are left out
//   a folder with manifest-summary.json a full export in DYNAMODB_JSON
//
// Items belong to the table of the file's name (Orders.jsonl), or of the folder below the source in which
// they are (Orders/part-1.jsonl, Orders/AWSDynamoDB/<export id>/), or whose logical id that is in a template.
// Hidden files, and those with other endings, are passed over.
//
// A table that is there is left as it is, with its items, so that the same seed can be sown at every start.
// Until all its items are in, a table carries the tag `tidemark:seeding`: one that is found with it was left
// by a seed that was cut off, and is made anew.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "server/seed/table_template.h"

namespace tidemark::server {

// The answer of an operation of DynamoDB. Errors: kInvalidArgument, `ValidationException: …`, when it is
// refused; kUnavailable.
using CallDynamoDb = std::function<Result<std::string>(std::string_view operation, const std::string& body)>;

struct SeedRequest {
  std::vector<std::string> sources;
  TemplateValues values;
  bool into_existing = false;  // items go into tables that are there, too
};

struct SeededTable {
  std::string name;
  bool is_new = false;
  std::uint64_t items = 0;  // that were put
};

// In the order of their names. Errors: kInvalidArgument, as a rule `file:line: …`; kNotFound for a source
// that is not there; kIo; kUnavailable. What was done until then stays.
Result<std::vector<SeededTable>> seed(const SeedRequest& request, const CallDynamoDb& call,
                                      FileSystem& files);

// `Orders: made, 12 items`
std::string line_of(const SeededTable& table);

}  // namespace tidemark::server
