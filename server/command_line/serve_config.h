// What `tidemark serve` was told, from whatever source, once it is known to make sense.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/bill/charges.h"
#include "api/core/account_limits.h"
#include "api/core/compression.h"
#include "api/core/extensions.h"
#include "base/address.h"
#include "base/log.h"
#include "base/net/s3_endpoint.h"
#include "model/words/wording.h"
#include "server/client/http_post.h"
#include "server/client/signed_client.h"
#include "server/personality/personality.h"
#include "server/personality/spaces.h"

namespace tidemark::server {

// A port beside the two that every server has.
struct ListenerConfig {
  std::uint16_t port = 0;
  const Personality* personality = nullptr;  // never null once it is parsed
};

struct ServeConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;                    // DynamoDB, and S3 beside it; 0 picks a free one
  std::optional<std::uint16_t> s3_port = 9000;  // S3 alone; nothing: no such listener
  bool s3_port_by_default = true;               // nobody asked for it: the server may do without
  std::optional<std::uint16_t> console_port;    // the console and all services; nothing: no such listener
  const Personality* personality = nullptr;     // of the first port; null: the one that is usual there
  std::vector<ListenerConfig> listeners;        // more ports, with everything that the first one has
  bool loads_eagerly = false;                   // as in PersonalityFacts
  Spaces spaces = Spaces::kAccount;             // other than that only in open mode
  std::string data_directory = "./tidemark-data";
  std::string seed;  // what fills the server when it starts; empty: nothing
  ClientIdentity seed_identity;
  bool in_memory = false;  // then data_directory does not matter
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  bool strict_auth = false;              // signatures are verified; then there is a credentials file
  std::string credentials_file;          // empty: none
  std::int64_t auth_skew_seconds = 900;  // 0: the time of a signature does not matter
  bool account_per_key = false;          // every access key is an account of its own
  api::AccountLimits account_limits;
  model::Wording error_wording = model::kDefaultWording;
  bool fsync = false;
  api::CompressAnswers compress_answers = api::CompressAnswers::kForOtherMachines;
  bool delay_transient_statuses = false;  // tables stay CREATING, UPDATING and DELETING for a while
  std::chrono::microseconds ttl_lag = std::chrono::seconds(2);  // from an item's time to its deletion
  std::chrono::microseconds replica_lag{};       // from a write until replicas in other regions show it
  std::chrono::microseconds pitr_lag{0};         // how far behind now restores reach
  std::chrono::microseconds export_duration{0};  // from the start to the end, at least
  std::chrono::microseconds import_duration{0};
  std::chrono::microseconds restore_duration{0};
  std::string tls_cert;                // a chain in PEM; empty: none was given
  std::string tls_key;                 // given together with it
  bool tls_self_signed = false;        // then there is no tls_cert
  std::vector<std::string> tls_names;  // of that certificate
  std::string tls_ca_file;             // where its authority is copied to; empty: nowhere
  bool tls_also_plain = false;
  std::vector<std::string> cors_origins;      // lower case; pages that may use the server; `*`: all
  std::vector<std::string> allowed_hosts;     // lower case; names by which browsers may call the server
  std::vector<AddressRange> trusted_proxies;  // whose X-Forwarded-Proto counts
  bool s3_cors_any_origin = false;
  std::vector<std::string> s3_domains;  // lower case; names below which buckets are hosts, beside localhost
  std::optional<HttpUrl> s3_webhook;    // where the events of objects go
  BucketPlaces bucket_places;           // of exports and imports
  api::Extensions extensions;
  admin::Prices bill_prices;
  std::optional<double> bill_limit_usd;  // above it, the end of the server is a failure
  unsigned threads = 2;                  // of the network, for newcomers and for regulars each
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;

  [[nodiscard]] bool has_tls() const { return tls_self_signed || !tls_cert.empty(); }
};

}  // namespace tidemark::server
