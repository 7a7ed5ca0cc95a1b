// Result<T, E>: a value or an error, and the two macros that pass errors up.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace tidemark {

template <class T, class E = Error>
using Result = tl::expected<T, E>;

// return fail(Error::not_found("..."));
template <class E>
auto fail(E&& error) {
  return tl::make_unexpected(std::forward<E>(error));
}

}  // namespace tidemark

#define TIDEMARK_CONCAT_INNER(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_INNER(a, b)

// ASSIGN_OR_RETURN(const auto table, catalog.find(name));
#define ASSIGN_OR_RETURN(declaration, expression) \
  TIDEMARK_ASSIGN_OR_RETURN(TIDEMARK_CONCAT(result_, __LINE__), declaration, expression)
#define TIDEMARK_ASSIGN_OR_RETURN(result, declaration, expression)                  \
  auto result = (expression);                                                       \
  if (!result.has_value()) return ::tl::make_unexpected(std::move(result).error()); \
  declaration = std::move(*result)

// RETURN_IF_ERROR(transaction.commit());
#define RETURN_IF_ERROR(expression)                                                                     \
  do {                                                                                                  \
    auto result_or_error = (expression);                                                                \
    if (!result_or_error.has_value()) return ::tl::make_unexpected(std::move(result_or_error).error()); \
  } while (false)
