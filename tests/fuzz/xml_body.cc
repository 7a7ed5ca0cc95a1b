// Bodies in XML, through the operations that read them: any body gets an answer that is no server error, and
// what is answered is XML itself.
#include <pugixml.hpp>

#include "tests/fuzz/input.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

struct Target {
  const char* method;
  const char* target;
};

// The first byte of an input chooses one.
constexpr Target kTargets[] = {
    {"PUT", "/new-bucket"},
    {"POST", "/bucket?delete"},
    {"POST", "/bucket/key?uploadId=none"},
    {"PUT", "/bucket/key?tagging"},
    {"PUT", "/bucket?tagging"},
    {"PUT", "/bucket?versioning"},
    {"PUT", "/bucket?acl"},
    {"PUT", "/bucket/key?acl"},
    {"PUT", "/bucket?cors"},
    {"PUT", "/bucket?lifecycle"},
    {"PUT", "/bucket?encryption"},
    {"PUT", "/bucket?publicAccessBlock"},
    {"PUT", "/bucket?ownershipControls"},
    {"PUT", "/bucket?notification"},
    {"PUT", "/bucket?object-lock"},
    {"PUT", "/bucket/key?retention"},
    {"PUT", "/bucket/key?legal-hold"},
    {"PUT", "/bucket?policy"},
    {"PUT", "/bucket?logging"},
    {"PUT", "/bucket?website"},
    {"PUT", "/bucket?replication"},
    {"PUT", "/bucket?requestPayment"},
    {"PUT", "/bucket?accelerate"},
    {"PUT", "/bucket?analytics&id=a"},
    {"PUT", "/bucket?inventory&id=a"},
    {"PUT", "/bucket?metrics&id=a"},
    {"PUT", "/bucket?intelligent-tiering&id=a"},
};

// Settings that are given back as they are kept.
bool is_kept(std::string_view target) {
  for (const char* name : {"tagging", "cors", "lifecycle", "encryption", "object-lock", "logging", "website",
                           "replication", "requestPayment", "accelerate", "analytics&id=a", "inventory&id=a",
                           "metrics&id=a", "intelligent-tiering&id=a"}) {
    if (target == std::string("/bucket?") + name) return true;
  }
  return false;
}

class Store : public RestFixture {
 public:
  Store() {
    make_bucket();
    INVARIANT(send("PUT", "/bucket/key", {}, "hello").status == 200);
  }
};

}  // namespace
}  // namespace tidemark::s3emu

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::s3emu;
  static Store store;
  tidemark::fuzz::Input input(data, size);
  const Target& target = kTargets[input.byte() % std::size(kTargets)];
  const std::string body(input.rest());
  const Answer answer = store.send(target.method, target.target, {}, body);
  INVARIANT(answer.status == 501 || (answer.status >= 200 && answer.status < 500));
  if (!answer.body.empty()) {
    pugi::xml_document document;
    INVARIANT(document.load_buffer(answer.body.data(), answer.body.size()));
  }
  if (answer.status == 200 && std::string_view(target.method) == "PUT") {
    // What was stored can be read.
    const Answer read = store.send("GET", target.target);
    INVARIANT(read.status < 500 || read.status == 501);
  }
  if ((answer.status == 200 || answer.status == 204) && is_kept(target.target)) {
    // What is given back can be stored, and is then given back the same.
    const Answer read = store.send("GET", target.target);
    if (read.status == 200) {
      const Answer again = store.send("PUT", target.target, {}, read.body);
      INVARIANT(again.status == answer.status);
      INVARIANT(store.send("GET", target.target).body == read.body);
    }
  }
  return 0;
}
