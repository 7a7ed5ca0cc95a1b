// What a job remembers of its request, to know it again when a client token comes back.
#pragma once

#include <string>

namespace tidemark::api {

// The text, or of a long one its digest: equal for equal texts.
std::string short_fingerprint(std::string text);

}  // namespace tidemark::api
