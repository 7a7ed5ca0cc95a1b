#include "transfer/bucket/foreign_buckets.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>
#include <pugixml.hpp>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/xml_text.h"

namespace tidemark::transfer {
namespace {

using s3emu::S3Code;
using s3emu::S3Error;

// Above the 5 MiB that a part must have; 10,000 of them are more than a file of an export ever has.
constexpr std::size_t kPartBytes = 8U << 20;
constexpr std::size_t kBlockBytes = 8U << 20;
constexpr int kUploadsPerPage = 1000;
constexpr std::size_t kMd5Digits = 32;

// Without quotes.
std::string bare_etag(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

std::string header_of(const HttpAnswer& answer, std::string_view name) {
  return std::string(answer.headers.find(name).value_or(std::string_view{}));
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

S3Error broken(std::string why) {
  return S3Error::of(S3Code::kInternalError, "The S3 service answered " + std::move(why) + ".");
}

// The root of an answer; nothing when it is another document.
pugi::xml_node parse(pugi::xml_document* document, const HttpAnswer& answer, const char* root) {
  document->load_buffer(answer.body.data(), answer.body.size());
  return document->child(root);
}

std::optional<S3Error> judge_document(const HttpAnswer& answer, const char* root) {
  pugi::xml_document document;
  if (parse(&document, answer, root)) return std::nullopt;
  // Completing an upload may take so long that the service begins with 200 before it knows.
  const pugi::xml_node error = document.child("Error");
  if (!error) return broken("without " + std::string(root));
  const std::string message = error.child_value("Message");
  S3Error refusal = S3Error::of(S3Code::kInternalError, message);
  if (const std::string code = error.child_value("Code"); !code.empty()) refusal.code = code;
  if (refusal.code == s3emu::name_of(S3Code::kNoSuchUpload)) {
    refusal.id = S3Code::kNoSuchUpload;
    refusal.status = 404;
  }
  return refusal;
}

// A bucket elsewhere and who uses it.
struct Use {
  std::shared_ptr<S3Client> client;
  std::string bucket;
  std::optional<std::string> owner;  // that the service is to look for
  std::stop_token stop;

  [[nodiscard]] S3Question question(std::string_view method, std::string key = {}) const {
    S3Question question{.method = method, .bucket = bucket, .key = std::move(key)};
    if (owner) question.headers.emplace_back("x-amz-expected-bucket-owner", *owner);
    return question;
  }
  [[nodiscard]] S3Result<HttpAnswer> ask(const S3Question& question) const {
    return client->ask(question, stop);
  }
  [[nodiscard]] S3Result<HttpAnswer> ask_for(S3Question question, const char* root) const {
    question.judge = [root](const HttpAnswer& answer) { return judge_document(answer, root); };
    return ask(question);
  }
};

class ForeignUpload final : public ObjectUpload {
 public:
  ForeignUpload(Use use, NewObject object) : use_(std::move(use)), object_(std::move(object)) {}
  ~ForeignUpload() override {
    if (upload_id_.empty()) return;
    // Once, and also for a job that is to stop: what fails here is looked for when the job goes on.
    S3Question question = use_.question("DELETE", object_.key);
    question.query.emplace_back("uploadId", upload_id_);
    if (const auto aborted = use_.client->ask(question, {}, 1); !aborted) {
      log::warn("an upload stays unfinished",
                {{"bucket", use_.bucket}, {"key", object_.key}, {"error", aborted.error().message}});
    }
  }
  ForeignUpload(const ForeignUpload&) = delete;
  ForeignUpload& operator=(const ForeignUpload&) = delete;

  S3Result<void> begin() {
    S3Question question = use_.question("POST", object_.key);
    question.query.emplace_back("uploads", "");
    question.headers.emplace_back("content-type", object_.content_type);
    question.headers.emplace_back("x-amz-acl", "bucket-owner-full-control");
    // AES256 is what every service does by itself, or cannot do.
    if (object_.encryption != "AES256") {
      question.headers.emplace_back("x-amz-server-side-encryption", object_.encryption);
    }
    if (object_.kms_key_id) {
      question.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", *object_.kms_key_id);
    }
    ASSIGN_OR_RETURN(const HttpAnswer answer,
                     use_.ask_for(std::move(question), "InitiateMultipartUploadResult"));
    pugi::xml_document document;
    upload_id_ = parse(&document, answer, "InitiateMultipartUploadResult").child_value("UploadId");
    if (upload_id_.empty()) return fail(broken("an upload without an id"));
    return {};
  }

  S3Result<void> write(std::string_view bytes) override {
    size_ += bytes.size();
    md5_.update(bytes);
    while (!bytes.empty()) {
      const std::size_t taken = std::min(bytes.size(), kPartBytes - part_.size());
      part_ += bytes.substr(0, taken);
      bytes.remove_prefix(taken);
      if (part_.size() == kPartBytes) RETURN_IF_ERROR(send_part());
    }
    return {};
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

  S3Result<StoredObject> finish() override {
    if (!part_.empty() || etags_.empty()) RETURN_IF_ERROR(send_part());
    std::string body = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
    for (std::size_t i = 0; i < etags_.size(); ++i) {
      body += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>";
      append_xml_escaped(&body, etags_[i]);
      body += "</ETag></Part>";
    }
    body += "</CompleteMultipartUpload>";
    S3Question question = use_.question("POST", object_.key);
    question.query.emplace_back("uploadId", upload_id_);
    question.headers.emplace_back("content-type", "application/xml");
    question.body = body;
    auto answer = use_.ask_for(std::move(question), "CompleteMultipartUploadResult");
    std::string etag;
    if (answer) {
      pugi::xml_document document;
      etag = bare_etag(parse(&document, *answer, "CompleteMultipartUploadResult").child_value("ETag"));
      // Ceph leaves it empty in this answer.
      if (etag.empty()) {
        ASSIGN_OR_RETURN(etag, etag_of_finished(broken("with an object without an ETag")));
      }
    } else if (answer.error().id == S3Code::kNoSuchUpload) {
      // Done by an attempt whose answer was lost, if the object is there.
      ASSIGN_OR_RETURN(etag, etag_of_finished(std::move(answer).error()));
    } else {
      return fail(std::move(answer).error());
    }
    upload_id_.clear();
    return StoredObject{base64_encode(md5_.finish()), etag};
  }

 private:
  S3Result<void> send_part() {
    const std::string md5 = digest_of(DigestAlgorithm::kMd5, part_);
    S3Question question = use_.question("PUT", object_.key);
    question.query.emplace_back("partNumber", std::to_string(etags_.size() + 1));
    question.query.emplace_back("uploadId", upload_id_);
    question.headers.emplace_back("content-md5", base64_encode(md5));
    question.body = part_;
    // A part's ETag is the MD5 of what has come, unless a key of KMS makes it something else.
    if (object_.encryption == "AES256") {
      question.judge = [expected = to_hex(md5)](const HttpAnswer& answer) -> std::optional<S3Error> {
        const std::string etag = bare_etag(header_of(answer, "etag"));
        if (etag.size() != kMd5Digits || etag == expected) return std::nullopt;
        return broken("that other bytes have come than were sent");
      };
    }
    ASSIGN_OR_RETURN(const HttpAnswer answer, use_.ask(question));
    std::string etag = header_of(answer, "etag");
    if (etag.empty()) return fail(broken("a part without an ETag"));
    etags_.push_back(std::move(etag));
    part_.clear();
    return {};
  }

  S3Result<std::string> etag_of_finished(S3Error lost) const {
    const auto found = use_.ask(use_.question("HEAD", object_.key));
    if (!found || number_of(header_of(*found, "content-length")) != size_) return fail(std::move(lost));
    std::string etag = bare_etag(header_of(*found, "etag"));
    if (!etag.ends_with("-" + std::to_string(etags_.size()))) return fail(std::move(lost));
    return etag;
  }

  const Use use_;
  const NewObject object_;
  std::string upload_id_;  // empty when there is nothing to abort
  std::string part_;       // not sent yet
  std::vector<std::string> etags_;
  std::uint64_t size_ = 0;
  Digest md5_{DigestAlgorithm::kMd5};
};

// The bytes of one state of an object, read a block at a time.
class ForeignFile final : public File {
 public:
  ForeignFile(Use use, std::string key) : use_(std::move(use)), key_(std::move(key)) {}

  // Reads the first block, which tells what the object is.
  S3Result<void> begin() {
    const std::lock_guard lock(mutex_);
    auto fetched = fetch(0);
    if (fetched) return {};
    if (fetched.error().id != S3Code::kInvalidRange) return fail(std::move(fetched).error());
    size_ = 0;  // nothing to be had from the first byte on
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    const std::lock_guard lock(mutex_);
    if (offset >= size_) return 0;
    if (offset < block_from_ || offset >= block_from_ + block_.size()) {
      if (auto fetched = fetch(offset); !fetched) {
        refusal_ = std::move(fetched).error();
        return fail(Error::unavailable(refusal_->message));
      }
    }
    const std::size_t from = offset - block_from_;
    const std::size_t count = std::min(size, block_.size() - from);
    std::memcpy(buffer, block_.data() + from, count);
    return count;
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] int descriptor() const override { return -1; }
  Result<void> append(std::string_view /*bytes*/) override { return read_only(); }
  Result<void> sync() override { return read_only(); }
  Result<void> truncate(std::uint64_t /*size*/) override { return read_only(); }

  [[nodiscard]] std::optional<S3Error> refusal() const {
    const std::lock_guard lock(mutex_);
    return refusal_;
  }

 private:
  static Result<void> read_only() { return fail(Error::io("an object elsewhere is only read")); }

  // Needs mutex_. What follows the first block must be of the same state of the object.
  S3Result<void> fetch(std::uint64_t offset) const {
    S3Question question = use_.question("GET", key_);
    question.headers.emplace_back(
        "range", "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + kBlockBytes - 1));
    if (!etag_.empty()) question.headers.emplace_back("if-match", etag_);
    question.answer_bytes_max = kBlockBytes;
    question.judge = [offset](const HttpAnswer& answer) -> std::optional<S3Error> {
      if (answer.status == 206) return judge_range(answer, offset);
      // Who knows no ranges gives everything, which is fine if that is not much.
      if (offset == 0) return std::nullopt;
      return broken("with the whole object instead of a range of it");
    };
    ASSIGN_OR_RETURN(HttpAnswer answer, use_.ask(question));
    if (etag_.empty()) {
      etag_ = header_of(answer, "etag");
      size_ = answer.status == 206 ? size_in(answer).value_or(0) : answer.body.size();
    }
    block_from_ = offset;
    block_ = std::move(answer.body);
    return {};
  }

  // `bytes 0-8388607/12345678`: what is behind the slash.
  static std::optional<std::uint64_t> size_in(const HttpAnswer& answer) {
    const std::string range = header_of(answer, "content-range");
    return number_of(std::string_view(range).substr(std::min(range.rfind('/') + 1, range.size())));
  }

  static std::optional<S3Error> judge_range(const HttpAnswer& answer, std::uint64_t offset) {
    const std::string range = header_of(answer, "content-range");
    const auto size = size_in(answer);
    const bool begins_right = range.starts_with("bytes " + std::to_string(offset) + "-");
    if (!size || !begins_right || offset >= *size) return broken("with another range than was asked for");
    if (answer.body.size() == std::min<std::uint64_t>(kBlockBytes, *size - offset)) return std::nullopt;
    return broken("with less than the range that was asked for");
  }

  const Use use_;
  const std::string key_;
  mutable std::mutex mutex_;
  // Guarded by mutex_, but for size_, which stays when begin() is over.
  mutable std::string etag_;
  mutable std::uint64_t size_ = 0;
  mutable std::uint64_t block_from_ = 0;
  mutable std::string block_;
  mutable std::optional<S3Error> refusal_;
};

class ForeignObject final : public ReadableObject {
 public:
  explicit ForeignObject(std::unique_ptr<ForeignFile> file) : file_(std::move(file)) {}
  [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
  [[nodiscard]] const File& data() const override { return *file_; }
  [[nodiscard]] std::optional<S3Error> refusal() const override { return file_->refusal(); }

 private:
  const std::unique_ptr<ForeignFile> file_;
};

// Whoever may write need not be allowed to look, and not every service keeps a list of uploads.
bool knows_nothing(const S3Error& error) {
  return error.id == S3Code::kAccessDenied || error.id == S3Code::kNotImplemented || error.status == 405 ||
         error.status == 501;
}

class ForeignBucket final : public Bucket {
 public:
  explicit ForeignBucket(Use use) : use_(std::move(use)) {}

  S3Result<std::unique_ptr<ObjectUpload>> upload(NewObject object) override {
    auto upload = std::make_unique<ForeignUpload>(use_, std::move(object));
    RETURN_IF_ERROR(upload->begin());
    return upload;
  }

  S3Result<ObjectPage> list(const std::string& prefix, const std::string& from) override {
    S3Question question = use_.question("GET");
    question.query = {{"list-type", "2"}, {"prefix", prefix}};
    if (!from.empty()) question.query.emplace_back("continuation-token", from);
    ASSIGN_OR_RETURN(const HttpAnswer answer, use_.ask_for(std::move(question), "ListBucketResult"));
    pugi::xml_document document;
    const pugi::xml_node root = parse(&document, answer, "ListBucketResult");
    ObjectPage page;
    for (const pugi::xml_node object : root.children("Contents")) {
      const auto size = number_of(object.child_value("Size"));
      if (!size) return fail(broken("a list without sizes"));
      page.objects.push_back({object.child_value("Key"), *size});
    }
    if (std::string_view(root.child_value("IsTruncated")) == "true") {
      page.next = root.child_value("NextContinuationToken");
      if (page.next.empty() || page.next == from) return fail(broken("a list that never ends"));
    }
    return page;
  }

  S3Result<std::unique_ptr<ReadableObject>> open(const std::string& key) override {
    auto file = std::make_unique<ForeignFile>(use_, key);
    RETURN_IF_ERROR(file->begin());
    return std::make_unique<ForeignObject>(std::move(file));
  }

  S3Result<bool> remove(const std::string& key) override {
    auto found = use_.ask(use_.question("HEAD", key));
    if (!found && (found.error().id == S3Code::kNoSuchKey || knows_nothing(found.error()))) return false;
    if (!found) return fail(std::move(found).error());
    RETURN_IF_ERROR(use_.ask(use_.question("DELETE", key)));
    return true;
  }

  S3Result<void> abort_uploads(const std::string& prefix) override {
    std::pair<std::string, std::string> marker;
    while (true) {
      S3Question question = use_.question("GET");
      question.query = {
          {"uploads", ""}, {"prefix", prefix}, {"max-uploads", std::to_string(kUploadsPerPage)}};
      if (!marker.first.empty()) question.query.emplace_back("key-marker", marker.first);
      if (!marker.second.empty()) question.query.emplace_back("upload-id-marker", marker.second);
      const auto answer = use_.ask_for(std::move(question), "ListMultipartUploadsResult");
      if (!answer && knows_nothing(answer.error())) return {};
      if (!answer) return fail(answer.error());
      pugi::xml_document document;
      const pugi::xml_node root = parse(&document, *answer, "ListMultipartUploadsResult");
      for (const pugi::xml_node upload : root.children("Upload")) {
        RETURN_IF_ERROR(abort_upload(upload.child_value("Key"), upload.child_value("UploadId")));
      }
      const std::pair<std::string, std::string> next = {root.child_value("NextKeyMarker"),
                                                        root.child_value("NextUploadIdMarker")};
      if (std::string_view(root.child_value("IsTruncated")) != "true" || next == marker) return {};
      marker = next;
    }
  }

 private:
  S3Result<void> abort_upload(const std::string& key, const std::string& upload_id) {
    S3Question question = use_.question("DELETE", key);
    question.query.emplace_back("uploadId", upload_id);
    auto aborted = use_.ask(question);
    if (!aborted && aborted.error().status != 404) return fail(std::move(aborted).error());
    return {};
  }

  const Use use_;
};

Result<std::shared_ptr<S3Client>> client_of(const S3Endpoint& endpoint, Random& random) {
  std::shared_ptr<TlsTrust> trust;
  if (endpoint.address.is_tls) {
    ASSIGN_OR_RETURN(trust, TlsTrust::load(endpoint.ca_file));
  }
  return std::make_shared<S3Client>(endpoint, std::move(trust), random);
}

}  // namespace

Result<std::unique_ptr<ForeignBuckets>> ForeignBuckets::make(const BucketPlaces& places, Buckets& here,
                                                             Random& random) {
  std::unique_ptr<ForeignBuckets> buckets(new ForeignBuckets(here));
  for (const auto& [name, endpoint] : places.named) {
    ASSIGN_OR_RETURN(buckets->named_[name], client_of(endpoint, random));
  }
  if (places.others) {
    ASSIGN_OR_RETURN(buckets->others_, client_of(*places.others, random));
  }
  return buckets;
}

const std::shared_ptr<S3Client>& ForeignBuckets::client_for(const std::string& name) const {
  const auto named = named_.find(name);
  return named == named_.end() ? others_ : named->second;
}

std::unique_ptr<Bucket> ForeignBuckets::bucket(const std::string& name, const s3emu::JobCaller& caller,
                                               std::stop_token stop) {
  const auto& client = client_for(name);
  if (!client) return here_.bucket(name, caller, std::move(stop));
  // The caller's account is one of ours, and is put where none was named: the service elsewhere has others.
  std::optional<std::string> owner = caller.bucket_owner;
  if (owner == caller.account_id) owner.reset();
  return std::make_unique<ForeignBucket>(Use{client, name, std::move(owner), std::move(stop)});
}

Result<std::unique_ptr<Bucket>> foreign_bucket(const S3Endpoint& endpoint, const std::string& name,
                                               Random& random) {
  ASSIGN_OR_RETURN(auto client, client_of(endpoint, random));
  return std::make_unique<ForeignBucket>(Use{std::move(client), name, std::nullopt, std::stop_token()});
}

}  // namespace tidemark::transfer
