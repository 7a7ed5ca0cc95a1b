// What an S3 operation is to the router, and what it gets to work with.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "s3emu/access/authorizer.h"
#include "s3emu/rest/core/answers.h"
#include "s3emu/rest/core/body_keys.h"
#include "s3emu/rest/core/options.h"
#include "s3emu/rest/core/payload.h"
#include "s3emu/rest/core/request.h"
#include "s3emu/rest/core/settings_cache.h"

namespace tidemark::s3emu {

struct S3Context {
  ObjectStore& store;
  const S3Options& options;
  Clock& clock;       // the service's
  const Clock& wall;  // for what clients have signed
  SettingsCache& cache;
  Authorizer& access;
};

// Takes the bytes of an object or part as they come.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual S3Result<void> write(std::string_view bytes) = 0;
  // As http::Exchange::is_quick.
  [[nodiscard]] virtual bool is_quick() const { return false; }
  // The body is complete and `request`, the one that the sink was made for, may still be carried out. What
  // else was found out when its head came counts only as long as the bucket is what it was then.
  virtual S3Result<http::Response> finish(S3Context& context, const S3Request& request,
                                          const ExpectedDigests& expected) = 0;
};

// Answers a request whose body, if it has one, is in memory.
using Handler = S3Result<http::Response> (*)(S3Context& context, const S3Request& request,
                                             const std::string& body);
// Prepares for a body that streams in.
using StreamHandler = S3Result<std::unique_ptr<BodySink>> (*)(S3Context& context, const S3Request& request,
                                                              const Payload& payload);

enum class Level { kService, kBucket, kObject };

// One row of the table in operations.cc.
struct S3Operation {
  std::string_view method;
  Level level = Level::kService;
  // Query parameters that must be there; empty: none.
  std::string_view param;
  std::string_view second_param;
  std::string_view name;
  // What a policy calls it, and what when the request names a version; empty: the same, or nothing to allow.
  std::string_view action;
  std::string_view version_action;
  // The same of what must be allowed as well.
  std::string_view also_action;
  std::string_view also_version_action;
  bool is_copy = false;  // needs x-amz-copy-source
  // Gives a new object its metadata: headers for ACL, tags and lock are judged, a version id means nothing.
  bool makes_object = false;
  bool is_quick = false;  // touches metadata only
  bool is_heavy = false;  // may look at a great many rows
  // With is_quick: whether that is so for this request; nullptr: for all.
  bool (*is_quick_for)(S3Context& context, const S3Request& request) = nullptr;
  bool needs_digest = false;  // a Content-MD5 or checksum must come with the body
  // What conditions may ask of the body; nullptr: nothing. Until that is there whoever might be allowed with
  // some body is let pass. A body that cannot be read has no keys: `handle` refuses it.
  const BodyKeyReader* body_keys = nullptr;
  std::size_t body_max = 0;  // bytes kept for `handle`; 0: a body is ignored
  Handler handle = nullptr;
  StreamHandler stream = nullptr;
};

// All operations (operations.cc); the first that fits a request is the one.
const std::vector<S3Operation>& operations();

// Whether the operation is about an upload that was begun before.
bool is_about_upload(const S3Operation& operation);

// Errors: NotImplemented, MethodNotAllowed; InvalidArgument for more than one sub-resource.
S3Result<const S3Operation*> route(const S3Request& request);

// What the documented API calls a request that route() has refused; empty for what it has not either.
std::string_view unbuilt_operation(const S3Request& request);

}  // namespace tidemark::s3emu
