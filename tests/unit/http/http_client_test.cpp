#include "controller/http/http_client.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/base/error.h"

namespace failgate {
namespace {

std::string FailureOf(const ClientRequest& request) {
  try {
    static_cast<void>(Fetch(request));
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kNeedsChange);
    return error.what();
  }
  return "";
}

TEST(Fetch, RefusesUrlsItCannotRequestWithoutShowingThem) {
  for (const std::string url : {"",
                                "ftp://h/",
                                "h/path",
                                "http://",
                                "http:///x",
                                "http://user:geheim@h/",
                                "https://h:0/",
                                "http://h:65536/",
                                "http://h:x/",
                                "http://h:/",
                                "http://[::1/",
                                "http://[::1]x/",
                                "http://a:b:1/",
                                "http://h/a b",
                                "http://h/#a",
                                "http://h/\n",
                                "http://h\xc3\xa4/",
                                "http://h|a/"}) {
    ClientRequest request;
    request.url = url;
    const std::string text = FailureOf(request);
    EXPECT_EQ(text.rfind("this URL cannot be requested: ", 0), 0U) << url;
    EXPECT_EQ(text.find("geheim"), std::string::npos);
  }
}

TEST(Fetch, RefusesHeadersAndMethodsThatCouldSplitTheRequest) {
  ClientRequest request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X-Token", "geheim\r\nX: y"}};
  const std::string text = FailureOf(request);
  EXPECT_NE(text.find("X-Token"), std::string::npos);
  EXPECT_EQ(text.find("geheim"), std::string::npos);
  request.headers = {{"A:b", "c"}};
  EXPECT_NE(FailureOf(request), "");
  request.headers.clear();
  request.method = "GET / HTTP/1.1";
  EXPECT_NE(FailureOf(request), "");
}

TEST(ClientResponse, FindsHeadersWithoutRegardToCase) {
  ClientResponse response;
  response.headers = {{"ETag", "a"}};
  EXPECT_EQ(response.Header("etag"), "a");
  EXPECT_FALSE(response.Header("x"));
}

}  // namespace
}  // namespace failgate
