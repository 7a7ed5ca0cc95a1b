#include "base/service_link.h"

#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("what orchestrators say of services is no setting") {
  struct Case {
    const char* name;
    const char* value;
    bool is_link;
  };
  const auto c = GENERATE(values<Case>({
      // Kubernetes, for services called tidemark and tidemark-s3
      {"TIDEMARK_PORT", "tcp://10.96.0.7:8000", true},
      {"TIDEMARK_SERVICE_HOST", "10.96.0.7", true},
      {"TIDEMARK_SERVICE_PORT", "8000", true},
      {"TIDEMARK_SERVICE_PORT_HTTP", "8000", true},
      {"TIDEMARK_PORT_8000_TCP", "tcp://10.96.0.7:8000", true},
      {"TIDEMARK_PORT_8000_TCP_PROTO", "tcp", true},
      {"TIDEMARK_PORT_8000_TCP_PORT", "8000", true},
      {"TIDEMARK_PORT_8000_TCP_ADDR", "10.96.0.7", true},
      {"TIDEMARK_S3_PORT", "tcp://10.96.0.8:9000", true},
      {"TIDEMARK_S3_SERVICE_HOST", "10.96.0.8", true},
      {"TIDEMARK_S3_PORT_9000_UDP_ADDR", "10.96.0.8", true},
      // Docker's links
      {"TIDEMARK_NAME", "/web/tidemark", true},
      {"TIDEMARK_ENV_TIDEMARK_PORT", "8000", true},
      // Settings, also wrong ones
      {"TIDEMARK_PORT", "8000", false},
      {"TIDEMARK_PORT", "http://x", false},
      {"TIDEMARK_S3_PORT", "off", false},
      {"TIDEMARK_HOST", "10.96.0.7", false},
      {"TIDEMARK_DATA_DIR", "/data", false},
      {"TIDEMARK_PORT_8000", "8000", false},
      {"TIDEMARK_PORT_X_TCP", "8000", false},
      // for services called edge and localstack-edge, and what others than us are told by
      {"EDGE_PORT", "tcp://10.0.0.1:4566", true},
      {"LOCALSTACK_EDGE_PORT", "tcp://10.0.0.1:4566", true},
      {"EDGE_PORT", "4566", false},
      {"MINIO_REGION_NAME", "eu-west-1", false},
      {"PORT", "tcp://10.0.0.1:4566", false},
  }));
  CAPTURE(c.name, c.value);
  CHECK(is_service_link(c.name, c.value) == c.is_link);
}

}  // namespace
}  // namespace tidemark
