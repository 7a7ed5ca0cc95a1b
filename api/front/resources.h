// What a request is about, for the log: its tables, or the other things that it names.
#pragma once

#include <string_view>

#include "base/request_note.h"

namespace tidemark::api {

// Adds what the body of a request names. Nothing of it has been checked: what is not where it belongs, or no
// JSON, is passed over.
void add_resources(std::string_view body, http::RequestNote* note);

}  // namespace tidemark::api
