#include <algorithm>
#include <utility>

#include "api/tables/tag_rules.h"
#include "api/tags/tagged_table.h"
#include "api/tags/tags.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
  std::vector<std::string_view> keys;
};

struct Nothing {};

Shape shape() {
  return structure("UntagResourceInput", {{"ResourceArn", resource_arn(), Presence::kRequired},
                                          {"TagKeys", list_of(string()), Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.arn = input.string("ResourceArn").value_or("");
  RETURN_IF_ERROR(check_table_arn(request.arn));
  json::Value key;
  for (json::ArrayCursor cursor = input.list("TagKeys")->elements(); cursor.next(&key);) {
    RETURN_IF_ERROR(check_tag_key(key.string()));
    request.keys.push_back(key.string());
  }
  if (request.keys.empty()) return fail(validation("Atleast one Tag Key needs to be provided as Input."));
  RETURN_IF_ERROR(check_tag_count(request.keys.size()));
  return request;
}

// Keys that the table does not have are no error.
ApiResult<Nothing> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_tagged_table(context, request.arn));
  std::erase_if(change.settings().tags, [&request](const model::Tag& tag) {
    return std::ranges::find(request.keys, tag.key) != request.keys.end();
  });
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return Nothing{};
}

void render(const Request&, const Nothing&, JsonWriter&) {}

}  // namespace

Operation untag_resource() {
  return make_operation("UntagResource", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
