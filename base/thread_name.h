// What tools such as top call a thread.
#pragma once

#include <string_view>

namespace tidemark {

// Of the calling thread. The system shows 15 bytes.
void name_thread(std::string_view name);

}  // namespace tidemark
