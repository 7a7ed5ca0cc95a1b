#include "base/auth/credentials.h"

#include "tests/support/catch.h"

namespace tidemark::auth {
namespace {

const Account kOwn{"000000000000", std::string(64, 'c'), "owner"};

Result<CredentialList> parse(std::string_view text) { return CredentialList::parse(text, "keys", kOwn); }

TEST_CASE("credentials: profiles become keys and accounts") {
  const auto list = parse(
      "\xef\xbb\xbf# those who may call\n"
      "[alice]\r\n"
      "region = eu-west-1\r\n"
      "aws_access_key_id = AKIAALICE\r\n"
      "aws_secret_access_key = abc/+= x\r\n"
      "account_id = 111111111111\r\n"
      "\n"
      "; the same person's second key\n"
      "[ alice-laptop ]   # comment\n"
      "aws_access_key_id=AKIA/ALICE2\n"
      "\taws_secret_access_key\t=\tsecond\t\n"
      "account_id = 111111111111\n"
      "[bob]\n"
      "aws_access_key_id = AKIABOB\n"
      "aws_secret_access_key = bob\n"
      "account_id = 222222222222\n"
      "canonical_user_id = 2222222222222222222222222222222222222222222222222222222222222222\n"
      "display_name = Bob the Builder\n"
      "[default]\n"
      "aws_access_key_id = AKIAOWN\n"
      "aws_secret_access_key = own");
  INFO((list ? "" : list.error().message));
  REQUIRE(list.has_value());
  CHECK(list->size() == 4);

  const Credential* const alice = list->find("AKIAALICE");
  REQUIRE(alice != nullptr);
  CHECK(alice->access_key == "AKIAALICE");
  CHECK(alice->secret_key == "abc/+= x");
  CHECK(alice->account.id == "111111111111");
  CHECK(alice->account.display_name == "alice");
  CHECK(alice->account.canonical_user_id == derived_canonical_user_id("111111111111"));
  const Credential* const laptop = list->find("AKIA/ALICE2");
  REQUIRE(laptop != nullptr);
  CHECK(laptop->secret_key == "second");
  CHECK(laptop->account.display_name == "alice");

  REQUIRE(list->find_account("222222222222") != nullptr);
  CHECK(list->find_account("222222222222")->display_name == "Bob the Builder");
  REQUIRE(list->find_canonical(std::string(64, '2')) != nullptr);
  CHECK(list->find_canonical(std::string(64, '2'))->id == "222222222222");

  // Without an account_id: the server's own account, as it is.
  CHECK(list->find("AKIAOWN")->account.id == kOwn.id);
  CHECK(list->find("AKIAOWN")->account.canonical_user_id == kOwn.canonical_user_id);
  CHECK(list->find("AKIAOWN")->account.display_name == "owner");

  CHECK(list->find("akiaalice") == nullptr);
  CHECK(list->find("") == nullptr);
  CHECK(list->find_account("333333333333") == nullptr);
  CHECK(list->find_canonical("") == nullptr);
}

TEST_CASE("credentials: what one profile of an account says holds for all of them") {
  const auto list = parse(
      "[a]\naws_access_key_id=A\naws_secret_access_key=a\naccount_id=111111111111\n"
      "[b]\naws_access_key_id=B\naws_secret_access_key=b\naccount_id=111111111111\ndisplay_name=Both\n"
      "canonical_user_id=1111111111111111111111111111111111111111111111111111111111111111\n");
  REQUIRE(list.has_value());
  CHECK(list->find("A")->account.display_name == "Both");
  CHECK(list->find("A")->account.canonical_user_id == std::string(64, '1'));
}

TEST_CASE("credentials: the canonical user id of an account is always the same") {
  // echo -n canonical-user-id:111111111111 | sha256sum
  CHECK(derived_canonical_user_id("111111111111") ==
        "2b87682db8d954df3592353b207e060bb37ab0b44d90db1762a466175f640991");
  CHECK(derived_canonical_user_id("111111111111") != derived_canonical_user_id("111111111112"));
}

TEST_CASE("credentials: errors name file and line and no secret") {
  const std::string good = "[a]\naws_access_key_id=A\naws_secret_access_key=s3cr3t\n";
  const std::string ones = "canonical_user_id=" + std::string(64, '1') + "\n";
  struct Case {
    std::string text, message;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"", "keys: names no credentials"},
      {"# nothing\n\n", "keys: names no credentials"},
      {"aws_access_key_id=A\n", "keys:1: a [profile] must come first"},
      {"[a\n", "keys:1: a profile is written as [name]"},
      {"[]\n", "keys:1: a profile is written as [name]"},
      {"[a] b\n", "keys:1: a profile is written as [name]"},
      {"[a]\nwhat\n", "keys:2: expected [profile] or name = value"},
      {"[a]\nreigon = us-east-1\n", "keys:2: unknown field 'reigon'"},
      {good + "wJalrXUtnFEMI/K7MDENG=\n", "keys:4: unknown field"},
      {"\n[a]\n", "keys:2: the profile 'a' has no aws_access_key_id"},
      {"[a]\naws_access_key_id=A\n", "keys:1: the profile 'a' has no aws_secret_access_key"},
      {"[a]\naws_access_key_id=\n", "keys:2: aws_access_key_id has no value"},
      {good + "aws_secret_access_key=other\n", "keys:4: aws_secret_access_key is given twice"},
      {good + "[a]\n", "keys:4: the profile 'a' is there already"},
      {good + "[b]\naws_access_key_id=A\naws_secret_access_key=b\n",
       "keys:5: this aws_access_key_id is there already"},
      {"[a]\naws_access_key_id=A B\naws_secret_access_key=a\n",
       "keys:2: aws_access_key_id must be at most 256 printable characters without blank, comma, colon and "
       "equals sign"},
      {good + "account_id=11111111111\n", "keys:4: account_id must be twelve digits"},
      {good + "account_id=11111111111a\n", "keys:4: account_id must be twelve digits"},
      {good + "canonical_user_id=" + std::string(64, 'A') + "\n",
       "keys:4: canonical_user_id must be 64 hexadecimal digits, letters in lower case"},
      {good + "display_name=A\n[b]\naws_access_key_id=B\naws_secret_access_key=b\ndisplay_name=B\n",
       "keys:8: display_name is not the one of line 4 for the same account"},
      {good + ones + "[b]\naws_access_key_id=B\naws_secret_access_key=b\naccount_id=111111111111\n" + ones,
       "keys:9: the canonical user id is that of account 000000000000 already"},
  }));
  INFO(c.text);
  const auto list = parse(c.text);
  REQUIRE_FALSE(list.has_value());
  CHECK(list.error().message == c.message);
  CHECK(list.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("credentials: a file that is not there") {
  const auto list = CredentialList::load(posix_file_system(), "/nonexistent/keys", kOwn);
  REQUIRE_FALSE(list.has_value());
  CHECK(list.error().message.starts_with("cannot read the credentials: "));
}

}  // namespace
}  // namespace tidemark::auth
