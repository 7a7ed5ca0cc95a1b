#include "server/version.h"

namespace tidemark::server {

const char* const kVersion = TIDEMARK_VERSION;

}  // namespace tidemark::server
