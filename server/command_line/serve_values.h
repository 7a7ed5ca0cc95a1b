// What the values of settings may be that only `serve` has. Errors of all of them: kInvalidArgument, one line
// that names the source and says what was wanted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/bill/charges.h"
#include "api/core/compression.h"
#include "api/core/extensions.h"
#include "base/address.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "model/words/wording.h"
#include "server/command_line/serve_config.h"
#include "server/command_line/setting.h"

namespace tidemark::server {

Result<const Personality*> parse_personality(const Given& given);
// `4566=localstack,9000`; without a name the personality is the one that is usual at the port.
Result<std::vector<ListenerConfig>> parse_listeners(const Given& given);
Result<Spaces> parse_spaces(const Given& given);
Result<unsigned> parse_threads(const Given& given);

// open or strict; true for strict.
Result<bool> parse_auth(const Given& given);
// How far, in seconds, a signature's time may be from ours.
Result<std::int64_t> parse_skew(const Given& given);
Result<std::size_t> parse_table_count(const Given& given);
// Web origins as browsers write them, `*`, `null`.
Result<std::vector<std::string>> parse_origins(const Given& given);
Result<std::vector<AddressRange>> parse_proxies(const Given& given);

Result<api::CompressAnswers> parse_compression(const Given& given);
Result<model::Wording> parse_error_wording(const Given& given);
Result<api::Extensions> parse_extensions(const Given& given);

Result<double> parse_usd(const Given& given);
// Reads the file.
Result<admin::Prices> load_prices(const Given& given);

Result<std::optional<HttpUrl>> parse_webhook(const Given& given);
Result<S3Address> parse_endpoint(const Given& given);
// `lake=http://s3.lan,in=http://10.0.0.7:9000`
Result<std::map<std::string, S3Address>> parse_buckets(const Given& given);
Result<BucketStyle> parse_bucket_style(const Given& given);
// A duration, rounded up.
Result<std::chrono::milliseconds> parse_patience(const Given& given);

}  // namespace tidemark::server
