#include "controller/base/secret.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "controller/base/digest.h"

namespace failgate {
namespace {

TEST(Redact, RemovesASecretInEveryForm) {
  const std::string value = "s3cr+t/va?ue~";
  RegisterSecret(Secret(value));
  for (const std::string& form : {value,
                                  Base64Encode(value),
                                  Base64UrlEncode(value),
                                  std::string("s3cr%2Bt%2Fva%3Fue~"),
                                  std::string("s3cr%2bt%2fva%3fue~")}) {
    EXPECT_EQ(Redact("<" + form + ">").find(form), std::string::npos) << form;
  }
  EXPECT_EQ(Redact("a " + value + " b " + value), "a *** b ***");
}

TEST(Redact, RemovesASecretInsideABasicHeader) {
  const std::string value = "basic-token-value";
  RegisterSecret(Secret(value));
  for (const char* user : {"u", "me", "bob", "oauth2"}) {
    const std::string header = Base64Encode(std::string(user) + ":" + value + "\n");
    const std::string redacted = Redact(header);
    EXPECT_NE(redacted.find("***"), std::string::npos) << user;
    EXPECT_LT(redacted.size(), header.size() - 15) << user;
  }
}

TEST(Redact, RemovesLinesOfAKeyAndTheValueWithoutItsLineBreak) {
  RegisterSecret(Secret("-----BEGIN KEY-----\nFirstLineOfTheKey0123\nSecondLineOfKey456789\n"));
  EXPECT_EQ(Redact("x FirstLineOfTheKey0123 y"), "x *** y");
  EXPECT_EQ(Redact("-----BEGIN KEY-----"), "-----BEGIN KEY-----");
  RegisterSecret(Secret("trailing-token\n"));
  EXPECT_EQ(Redact("trailing-token!"), "***!");
}

TEST(Redact, RemovesTheLongerOfTwoOverlappingSecrets) {
  RegisterSecret(Secret("overlap"));
  RegisterSecret(Secret("overlapping-longer"));
  EXPECT_EQ(Redact("overlapping-longer"), "***");
}

TEST(Redact, DoesNotRememberShortValues) {
  RegisterSecret(Secret("short"));
  RegisterSecret(Secret(""));
  EXPECT_EQ(Redact("a short text"), "a short text");
}

TEST(Redact, RemovesCredentialsOfUrls) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"https://user:pass@host/x", "https://***@host/x"},
      {"fetching https://tok3n@host: no", "fetching https://***@host: no"},
      {"https://u:p@ss@host/x", "https://***@host/x"},
      {"ssh://git@host/x", "ssh://git@host/x"},
      {"ssh://git:pw@host/x", "ssh://***@host/x"},
      {"a https://u:p@h and http://v:q@i", "a https://***@h and http://***@i"},
      {"https://host/a@b", "https://host/a@b"},
      {"https://host?x=a@b", "https://host?x=a@b"},
      {"mail alice@example.com", "mail alice@example.com"},
      {"https://***@host", "https://***@host"},
      {"://", "://"},
      {"https://@host", "https://@host"},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(Redact(item.first), item.second);
  }
}

}  // namespace
}  // namespace failgate
