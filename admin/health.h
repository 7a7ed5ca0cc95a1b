// `GET /_tidemark/health`: `{"status":"ok","version":"…"}` for who wants to know whether the server is there.
#pragma once

#include <string>
#include <vector>

#include "admin/route.h"

namespace tidemark::admin {

std::vector<Route> health_routes(std::string version);

}  // namespace tidemark::admin
