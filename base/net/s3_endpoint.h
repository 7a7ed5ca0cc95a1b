// Where an S3 service is, and who we are there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/auth/signer.h"
#include "base/file.h"
#include "base/result.h"

namespace tidemark {

struct S3Address {
  bool is_tls = false;
  std::string host;  // a name or an address, IPv6 without brackets
  std::uint16_t port = 80;
  std::string path;  // in front of every bucket: empty, or `/s3`

  [[nodiscard]] std::string host_field() const;  // without the port where it is the usual one
};

// `http://host[:port][/path]` or `https://…`. Errors: kInvalidArgument.
Result<S3Address> parse_s3_address(std::string_view url);

enum class BucketStyle {
  kPath,  // http://host/bucket/key
  kHost,  // http://bucket.host/key
};

struct S3Endpoint {
  S3Address address;
  auth::SigningIdentity identity;
  BucketStyle style = BucketStyle::kPath;
  std::string ca_file;  // trusted instead of the system's authorities; empty: those
  // How long nothing may happen on a connection.
  std::chrono::milliseconds patience = std::chrono::seconds{30};
};

// Which bucket is where.
struct BucketPlaces {
  std::map<std::string, S3Endpoint, std::less<>> named;  // by the name of the bucket
  std::optional<S3Endpoint> others;                      // nothing: they are here
};

// Keys as in ~/.aws/credentials: those of the profile, or of the first one when it is empty. Errors:
// kInvalidArgument, which quotes no secret; those of reading the file.
Result<auth::SigningIdentity> load_identity(FileSystem& files, const std::string& path,
                                            std::string_view profile);

}  // namespace tidemark
