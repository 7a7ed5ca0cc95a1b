// The two generations of parameters: expressions, and the older ones that each do a part of their work
// (Expected, AttributeUpdates, KeyConditions, AttributesToGet, ...). A request uses one of them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"

namespace tidemark::api {

// Refuses a request with parameters of both lists:
// `Can not use both expression and non-expression parameters in the same request: ...`
// Names are printed in the order given here.
ApiResult<void> check_one_parameter_style(const Input& input, std::initializer_list<std::string_view> older,
                                          std::initializer_list<std::string_view> expressions);

}  // namespace tidemark::api
