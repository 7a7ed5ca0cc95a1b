// What tests of access have in common: a bucket of Ann's, and the documents that open it to others.
#pragma once

#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/access_fixture.h"

namespace tidemark::s3emu {

inline std::string policy(const std::string& effect, const std::string& principal, const std::string& action,
                          const std::string& resource, const std::string& condition = {}) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect + R"(","Principal":)" + principal +
         R"(,"Action":)" + action + R"(,"Resource":")" + resource + "\"" +
         (condition.empty() ? "" : R"(,"Condition":)" + condition) + "}]}";
}

inline const std::string kToBob = R"({"AWS":"222222222222"})";
inline const std::string kEverybody = R"("*")";

inline std::string acl_xml(const std::string& owner, const std::string& grants) {
  return "<AccessControlPolicy><Owner><ID>" + owner + "</ID></Owner><AccessControlList>" + grants +
         "</AccessControlList></AccessControlPolicy>";
}

inline std::string grant_xml(const std::string& type, const std::string& grantee,
                             const std::string& permission) {
  return "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"" + type +
         "\">" + grantee + "</Grantee><Permission>" + permission + "</Permission></Grant>";
}

inline std::string ownership_xml(const std::string& name) {
  return "<OwnershipControls><Rule><ObjectOwnership>" + name +
         "</ObjectOwnership></Rule></OwnershipControls>";
}

inline std::string block_xml(const std::string& name) {
  return "<PublicAccessBlockConfiguration><" + name + ">true</" + name + "></PublicAccessBlockConfiguration>";
}

// Ann's bucket with an object of hers.
class AnnsBox : public AccessFixture {
 public:
  explicit AnnsBox(bool strict = true) : AccessFixture(strict) {
    INVARIANT(as(&kAnn, "PUT", "/box").status == 200);
    INVARIANT(as(&kAnn, "PUT", "/box/k", {}, "data").status == 200);
  }
  void put_policy(const std::string& text) {
    const auto put = as(&kAnn, "PUT", "/box?policy", {}, text);
    INFO(text << put.message);
    REQUIRE(put.status == 204);
  }
};

}  // namespace tidemark::s3emu
