// An operation: its name, the shape of its input, and three steps. parse() judges the request alone and never
// touches storage; execute() never sees JSON; render() never fails.
//
//   ApiResult<Request> parse(const Input& input);
//   ApiResult<Response> execute(Request& request, OperationContext& context);   // or const Request&
//   void render(const Request& request, const Response& response, JsonWriter& json);
//
//   Operation get_item() {
//     return make_operation("GetItem", Cost::kQuickRead, shape(), parse, execute, render);
//   }
//
// The answer's outermost braces are written by the framework: render() writes members. A Request may hold
// views into the body: it lives until render() has returned.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"

namespace tidemark::api {

enum class Cost {
  // One item, or one page of one partition: may run on a network thread. Handing it to a worker and back
  // would cost
  // more than the work itself.
  kQuickRead,
  kOneWrite,    // one item, whose commit can be deferred: the same, unless the body is large
  kQuickWrite,  // a few items: the same, unless the engine syncs each write or the body is large
  kSlow,        // anything else: runs on a worker
  kHeavy,       // may read a great deal to answer little: few at a time, behind all others
};

// Which service's targets the operation answers to.
enum class ServiceKind { kDynamoDb, kStreams };

struct Operation {
  std::string_view name;
  Cost cost = Cost::kSlow;
  ServiceKind service = ServiceKind::kDynamoDb;
  Shape shape;
  Layer layer = Layer::kOlder;  // who reads its requests under Wording::kCurrent
  // Appends the JSON of the answer to `out`.
  std::function<ApiResult<void>(const Input& input, OperationContext& context, std::string* out)> run;
  bool reads_any_moment = false;  // also of the past: see api/core/past.h

  Operation&& read_by(Layer reader) && {
    layer = reader;
    return std::move(*this);
  }
  Operation&& of_any_moment() && {
    reads_any_moment = true;
    return std::move(*this);
  }
};

// Validation errors, save for those that are always bare, behind `1 validation error detected: `.
ApiError enveloped(ApiError error);

// What parse() makes of the request, in the words of the layer that reads it.
template <class Parse>
auto parse_by_layer(Parse parse, const Input& input) {
  auto request = parse(input);
  if (request || input.layer() != Layer::kNewerEnveloped) return request;
  if (nests_too_deep_for_newer_layer(input.value())) return parse(Input(input.value(), Layer::kOlder));
  request.error() = enveloped(std::move(request.error()));
  return request;
}

template <class Parse, class Execute, class Render>
Operation make_operation(std::string_view name, Cost cost, Shape shape, Parse parse, Execute execute,
                         Render render) {
  Operation operation;
  operation.name = name;
  operation.cost = cost;
  operation.shape = std::move(shape);
  operation.run = [parse, execute, render](const Input& input, OperationContext& context,
                                           std::string* out) -> ApiResult<void> {
    ASSIGN_OR_RETURN(auto request, parse_by_layer(parse, input));
    ASSIGN_OR_RETURN(const auto response, execute(request, context));
    JsonWriter json(out);
    json.begin_object();
    render(request, response, json);
    json.end_object();
    return {};
  };
  return operation;
}

}  // namespace tidemark::api
