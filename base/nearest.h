// What somebody meant who mistyped a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

// How many single characters to insert, remove or replace to come from one to the other.
std::size_t edit_distance(std::string_view one, std::string_view two);

// The name of `known` that is fewest slips away, the first of several; empty when none is within `slips_max`.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known, std::size_t slips_max);

}  // namespace tidemark
