// Variables of the environment that are nobody's settings: Kubernetes and Docker name some after the services
// and containers that a process may want to reach, and one of those may have any name.
#pragma once

#include <string_view>

namespace tidemark {

// Whether an orchestrator made the variable for a service or container that it links to. Of a service called
// tidemark: TIDEMARK_PORT=tcp://10.96.0.7:8000, TIDEMARK_SERVICE_HOST, TIDEMARK_PORT_8000_TCP_ADDR and the
// like.
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace tidemark
