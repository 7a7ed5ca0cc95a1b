// A DynamoDbService over a real engine in a directory of its own, called without a socket.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <utility>

#include "api/front/dispatcher.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "storage/engine.h"
#include "tests/support/catch.h"

namespace tidemark::api {

class ServiceFixture {
 public:
  explicit ServiceFixture(Settings settings = {}, const storage::TransitionTimes& times = {},
                          FileSystem& files = posix_file_system())
      : settings_(std::move(settings)), times_(times), files_(files) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-api-XXXXXX").string();
    INVARIANT(::mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    open();
  }
  ~ServiceFixture() {
    close();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  ServiceFixture(const ServiceFixture&) = delete;
  ServiceFixture& operator=(const ServiceFixture&) = delete;

  void reopen() {
    close();
    open();
  }

  // Sends a body to an operation (`GetItem`, `DynamoDBStreams_20120810.GetRecords`) and answers `<status>
  // <body>`; the ids of tables, which are random, become
  // `<uuid>`. Single quotes in `body` stand for double ones.
  std::string call(const std::string& operation, std::string body) {
    return text_of(send(request_for(operation), with_double_quotes(std::move(body))));
  }
  // The same on behalf of another access key.
  std::string call_as(const std::string& access_key, const std::string& operation, std::string body) {
    return text_of(send(request_for(operation, access_key), with_double_quotes(std::move(body))));
  }

  http::Response send(http::RequestHead head, const std::string& body) {
    auto exchange = service_->begin(std::move(head));
    if (!exchange.has_value()) return std::move(exchange).error();
    if (auto written = (*exchange)->write(body); !written.has_value()) return std::move(written).error();
    return (*exchange)->finish();
  }

  bool is_quick(const std::string& operation, const std::string& body) {
    auto exchange = service_->begin(request_for(operation));
    REQUIRE(exchange.has_value());
    REQUIRE((*exchange)->write(body).has_value());
    return (*exchange)->is_quick();
  }

  std::unique_ptr<http::Exchange> begin(const std::string& operation, std::string body) {
    auto exchange = service_->begin(request_for(operation));
    REQUIRE(exchange.has_value());
    const std::string bytes = with_double_quotes(std::move(body));
    REQUIRE((*exchange)->write(bytes).has_value());
    return *std::move(exchange);
  }

  // What a network thread does: nothing when it leaves the request to others.
  std::optional<std::string> call_quickly(const std::string& operation, std::string body) {
    auto exchange = service_->begin(request_for(operation));
    REQUIRE(exchange.has_value());
    const std::string bytes = with_double_quotes(std::move(body));
    REQUIRE((*exchange)->write(bytes).has_value());
    const auto response = (*exchange)->finish_quickly();
    if (!response) return std::nullopt;
    return text_of(*response);
  }

  static http::RequestHead request_for(const std::string& operation, const std::string& access_key = "key") {
    http::RequestHead head;
    head.method = "POST";
    head.target = "/";
    head.headers.add("Host", "localhost:8000");
    head.headers.add("Content-Type", "application/x-amz-json-1.0");
    head.headers.add("X-Amz-Date", "20260101T000000Z");
    const bool has_service = operation.find('.') != std::string::npos;
    head.headers.add("X-Amz-Target", has_service ? operation : "DynamoDB_20120810." + operation);
    head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key +
                                          "/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "
                                          "Signature=x");
    return head;
  }

  static std::string text_of(const http::Response& response) {
    const std::string& body = std::get<std::string>(response.body);
    static const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}");
    return std::to_string(response.status) + " " + std::regex_replace(body, uuid, "<uuid>");
  }

  static std::string with_double_quotes(std::string text) {
    for (char& c : text) {
      if (c == '\'') c = '"';
    }
    return text;
  }

  storage::Engine& engine() { return *engine_; }
  ManualClock& clock() { return clock_; }
  // Lets time pass, with all that happens in it.
  void pass(std::chrono::seconds time) { REQUIRE(schedule_.advance(time)); }

 private:
  void open() {
    storage::EngineOptions options;
    options.directory = directory_;
    options.transition_times = times_;
    options.sync_writes = settings_.sync_writes;
    auto engine = storage::Engine::open(options, files_, clock_, schedule_);
    REQUIRE(engine.has_value());
    engine_ = std::move(*engine);
    service_ = std::make_unique<DynamoDbService>(*engine_, settings_, clock_, random_);
  }
  void close() {
    service_.reset();
    engine_.reset();
  }

  Settings settings_;
  storage::TransitionTimes times_;
  FileSystem& files_;
  std::string directory_;
  ManualClock clock_{Timestamp::from_seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z
  Schedule schedule_{clock_};
  SeededRandom random_{1};
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<DynamoDbService> service_;
};

}  // namespace tidemark::api
