#include "server/environment.h"

#include "server/command_line/command_line.h"
#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

TEST_CASE("variables that look like settings are told of, with what was meant") {
  const auto unknown = unknown_variables({{"TIDEMARK_PORT", "8000"},
                                          {"TIDEMARK_PROT", "8000"},
                                          {"TIDEMARK_DATADIR", "/data"},
                                          {"TIDEMARK_S3PORT", "9000"},
                                          {"TIDEMARK_COLOUR", "blue"},
                                          {"TIDEMARK_EMPTY", ""},
                                          {"TIDEMARK_SERVICE_HOST", "10.96.0.7"}},
                                         setting_variables());
  std::string text;
  for (const UnknownVariable& one : unknown) text += one.name + "->" + one.meant + " ";
  CHECK(text ==
        "TIDEMARK_PROT->TIDEMARK_PORT TIDEMARK_DATADIR->TIDEMARK_DATA_DIR TIDEMARK_S3PORT->TIDEMARK_S3_PORT "
        "TIDEMARK_COLOUR-> ");
}

TEST_CASE("a service called tidemark does not set the port") {
  const auto config_with = [](const std::string& port) {
    return parse_command_line(
        {"serve"},
        [port](const std::string& name) {
          return name == "TIDEMARK_PORT" || name == "TIDEMARK_S3_PORT" ? std::optional(port) : std::nullopt;
        },
        1);
  };
  const auto config = config_with("tcp://10.96.0.7:8000");
  REQUIRE(config.has_value());
  CHECK(std::get<ServeConfig>(*config).port == 8000);
  CHECK(std::get<ServeConfig>(*config).s3_port == 9000);
  CHECK_FALSE(config_with("http://10.96.0.7:8000").has_value());
}

}  // namespace
}  // namespace tidemark::server
