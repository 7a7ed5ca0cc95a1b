// The version of this build, as CMakeLists.txt states it.
#pragma once

namespace tidemark::server {

extern const char* const kVersion;

}  // namespace tidemark::server
