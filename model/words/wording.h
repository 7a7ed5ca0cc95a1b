// Which of the service's two wordings the server speaks (--error-wording).
//
// During 2026 the service replaces the layer that validates requests, region by region and operation by
// operation, and the new one words many refusals anew: the same bad request gets the older text in one region
// and the newer in another. Both wordings are here:
//
//   kClassic  the older texts everywhere, except for the few that changed everywhere long ago
//   kCurrent  for each operation and family what most regions answer: PutItem, UpdateItem and DeleteItem
//             speak the new way, GetItem, BatchGetItem and Query in part, Scan, BatchWriteItem and
//             transactions mostly the older way
//
// Every text that two rooms need stands in this folder, whole, so that a search for what a client saw finds
// it; a text that one file needs stands in that file, and one that the files of a room share in a header of
// that room. What is said of JSON types is in model/value_types.h, which may not include this folder.
// Functions return the message of a ValidationException without its envelope unless they say otherwise. A
// message is built only when it is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidemark::model {

enum class Wording : std::uint8_t { kClassic, kCurrent };

// What the server speaks when nobody says which.
inline constexpr Wording kDefaultWording = Wording::kCurrent;

std::optional<Wording> parse_wording(std::string_view name);  // `current`, `classic`

// The texts themselves are in the other headers of this folder.
namespace words {}

}  // namespace tidemark::model
