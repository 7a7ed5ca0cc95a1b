// Stands in front of a listener's services and gives the answers of its personality.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "server/personality/personality.h"

namespace tidemark::server {

// Answers what is unsigned, a GET or HEAD, to a host that is no bucket, and in the personality's table;
// passes on everything else. Thread-safety: begin() may be called concurrently.
class PersonalityFront final : public http::Service {
 public:
  // `next` and `personality` must outlive it. `base_domains` as in S3Service::Options.
  PersonalityFront(http::Service& next, const Personality& personality, PersonalityFacts facts,
                   std::vector<std::string> base_domains)
      : next_(next),
        personality_(personality),
        facts_(std::move(facts)),
        base_domains_(std::move(base_domains)) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  [[nodiscard]] const PathAnswer* find(const http::RequestHead& head) const;

  http::Service& next_;
  const Personality& personality_;
  const PersonalityFacts facts_;
  const std::vector<std::string> base_domains_;
};

}  // namespace tidemark::server
