// Listing what a job reads, and planning its parts, over a bucket made of pages.
#include "transfer/source_objects.h"

#include <deque>

#include "tests/support/catch.h"

namespace tidemark::transfer {
namespace {

// Answers the pages that it is given, and remembers what it was asked for.
class PagedBucket final : public Bucket {
 public:
  S3Result<ObjectPage> list(const std::string& prefix, const std::string& from) override {
    asked.push_back(prefix + " from " + from);
    if (refusal) return fail(*refusal);
    ObjectPage page = pages.front();
    pages.pop_front();
    return page;
  }
  S3Result<std::unique_ptr<ObjectUpload>> upload(NewObject /*object*/) override { return unexpected(); }
  S3Result<std::unique_ptr<ReadableObject>> open(const std::string& /*key*/) override { return unexpected(); }
  S3Result<bool> remove(const std::string& /*key*/) override { return unexpected(); }
  S3Result<void> abort_uploads(const std::string& /*prefix*/) override { return unexpected(); }

  std::deque<ObjectPage> pages;
  std::optional<s3emu::S3Error> refusal;
  std::vector<std::string> asked;

 private:
  static tl::unexpected<s3emu::S3Error> unexpected() {
    return fail(s3emu::S3Error::of(s3emu::S3Code::kInternalError));
  }
};

ObjectPage page_of(std::size_t objects, std::string next) {
  ObjectPage page;
  for (std::size_t i = 0; i < objects; ++i) page.objects.push_back({"in/" + std::to_string(i), i});
  page.next = std::move(next);
  return page;
}

}  // namespace

TEST_CASE("all pages of a list are read, each from where the one before ended") {
  PagedBucket bucket;
  bucket.pages = {page_of(2, "there"), page_of(0, "further"), page_of(1, "")};
  SeededRandom random(1);
  const auto sources = list_source(bucket, "in/", "An import", random, {});
  REQUIRE(sources);
  CHECK(sources->size() == 3);
  CHECK((*sources)[1].key == "in/1");
  CHECK((*sources)[1].size == 1);
  CHECK(bucket.asked == std::vector<std::string>{"in/ from ", "in/ from there", "in/ from further"});
}

TEST_CASE("as many objects as the service takes, and one more") {
  SeededRandom random(1);
  PagedBucket bucket;
  bucket.pages = {page_of(kSourceObjectsMax, "")};
  CHECK(list_source(bucket, "", "An import", random, {}));
  bucket.pages = {page_of(kSourceObjectsMax, "more"), page_of(1, "and more")};
  const auto refused = list_source(bucket, "", "A bulk operation", random, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "TooManyObjects");
  CHECK(refused.error().message == "A bulk operation reads at most 50000 objects; more match the prefix.");
}

TEST_CASE("what the bucket refuses is the failure of the job, unless it was to stop") {
  SeededRandom random(1);
  PagedBucket bucket;
  bucket.refusal = s3emu::S3Error::of(s3emu::S3Code::kNoSuchBucket);
  const auto refused = list_source(bucket, "", "An import", random, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "S3NoSuchBucket");

  jobs::JobStopSource stop;
  stop.cancel();
  const auto stopped = list_source(bucket, "", "An import", random, stop.stop());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == jobs::JobFailure::Kind::kCancelled);
}

TEST_CASE("a part of the job is an object, measured in bytes") {
  jobs::JobProgress progress;
  plan_objects({{"in/a", 5}, {"in/b", 0}, {"in/c", 7}}, progress);
  const auto shown = progress.snapshot();
  CHECK(shown.measure == jobs::Measure::kBytes);
  CHECK(shown.steps == 12);
  REQUIRE(shown.parts.size() == 3);
  CHECK(shown.parts[0].name == "in/a");
  CHECK(shown.parts[2].steps == 7);
  CHECK(shown.parts[1].state == jobs::PartState::kWaiting);
}

TEST_CASE("neighbours of very many objects share a part") {
  jobs::JobProgress progress;
  std::vector<ListedObject> sources;
  for (int i = 0; i < 1'000; ++i) sources.push_back({"in/" + std::to_string(i), 10});
  plan_objects(sources, progress);
  const auto shown = progress.snapshot();
  CHECK(shown.steps == 10'000);
  CHECK(shown.parts.size() <= jobs::JobProgress::kPartsMax);
  CHECK(shown.parts.front().name == "in/0 … in/15");
}

}  // namespace tidemark::transfer
