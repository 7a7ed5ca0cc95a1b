#include <algorithm>
#include <utility>

#include "api/tables/tag_rules.h"
#include "api/tags/tagged_table.h"
#include "api/tags/tags.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
  std::vector<model::Tag> tags;
};

struct Nothing {};

Shape shape() {
  return structure("TagResourceInput", {{"ResourceArn", resource_arn(), Presence::kRequired},
                                        {"Tags", tags(), Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.arn = input.string("ResourceArn").value_or("");
  RETURN_IF_ERROR(check_table_arn(request.arn));
  ASSIGN_OR_RETURN(request.tags, read_tags(input));
  if (request.tags.empty()) return fail(validation("Atleast one Tag needs to be provided as Input."));
  return request;
}

// A new value for a key that is there takes the old one's place.
void merge(std::vector<model::Tag> added, std::vector<model::Tag>* tags) {
  for (model::Tag& tag : added) {
    const auto same = std::ranges::find(*tags, tag.key, &model::Tag::key);
    if (same != tags->end()) {
      same->value = std::move(tag.value);
    } else {
      tags->push_back(std::move(tag));
    }
  }
}

ApiResult<Nothing> execute(Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_tagged_table(context, request.arn));
  merge(std::move(request.tags), &change.settings().tags);
  RETURN_IF_ERROR(check_tag_count(change.settings().tags.size()));
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return Nothing{};
}

void render(const Request&, const Nothing&, JsonWriter&) {}

}  // namespace

Operation tag_resource() {
  return make_operation("TagResource", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
