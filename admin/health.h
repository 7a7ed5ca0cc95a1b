// `GET /_tidemark/health`, for who wants to know whether the server is there, and takes writes.
//
//   {"status":"ok","version":"…"}
//   {"status":"low on disk space",…,"detail":"…"}   what adds data is refused; reads and deletes go on
//   {"status":"disk full",…,"detail":"…"}           all writes are refused; reads go on
//
// Always 200: a server that is restarted has no more space than before.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/route.h"
#include "storage/engine.h"

namespace tidemark::admin {

// `room` must never wait.
std::vector<Route> health_routes(std::string version, std::function<storage::Room()> room);

}  // namespace tidemark::admin
