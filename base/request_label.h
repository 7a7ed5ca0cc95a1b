// The name that a caller gives to what it asks for, so that its usage can be told from that of others: a run
// of tests, for one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"

namespace tidemark {

// A label as a number, which is cheap to keep; 0: none. Lives as long as the process.
using LabelId = std::uint16_t;

inline constexpr char kLabelHeader[] = "X-Tidemark-Bill-Label";
inline constexpr std::size_t kLabelBytesMax = 64;
// Labels beyond so many are one, so that a caller who makes up labels does not grow the server.
inline constexpr std::size_t kLabelsMax = 1'000;
inline constexpr std::string_view kOtherLabels = "(others)";

// The label of what the console's pages ask for, which belongs to nobody's run.
inline constexpr std::string_view kConsoleLabel = "console";
// The console sends it with each request.
inline constexpr char kConsoleHeader[] = "X-Tidemark-Console";

// What kLabelHeader says; without it the application id that SDKs put into User-Agent (`app/nightly`) for
// whoever sets AWS_SDK_UA_APP_ID; without both kConsoleLabel for what comes from the console: with
// kConsoleHeader, or, as downloads have it, with one of its pages as Referer. 0 when there is nothing of it.
// Thread-safe.
LabelId label_of(const http::Headers& headers);
// What a label is remembered as: cut where it is too long, `-` for what is not a printable character of
// ASCII. What SDKs send is such already.
std::string label_text(std::string_view wanted);
// Empty for 0. Thread-safe.
std::string label_name(LabelId label);

// The labels that came since the process began, sorted; kOtherLabels among them when there were too many.
// Thread-safe.
std::vector<std::string> known_labels();

}  // namespace tidemark
