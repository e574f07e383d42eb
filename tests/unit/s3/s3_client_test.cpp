// What is asked of a server, and what becomes of its answers: the server is a table.
#include "controller/s3/s3_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "controller/base/error.h"
#include "tests/support/fake_clock.h"

namespace failgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

constexpr const char* kEmptyPage =
    "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
constexpr const char* kETag = "\"900150983cd24fb0d6963f7d28e17f72\"";

class S3ClientTest : public ::testing::Test {
 protected:
  S3ClientTest() {
    settings_.bucket = "acme-data";
    settings_.prefix = "sales/";
    settings_.region = "eu-west-3";
    settings_.endpoint = "https://s3.eu-west-3.amazonaws.com";
    settings_.access_key = SecretReference{"ACCESS", {}};
    settings_.secret_key = SecretReference{"SECRET", {}};
  }
  S3Client Client() {
    return {settings_,
            [](const std::string& name) -> std::optional<std::string> {
              if (name == "ACCESS") return "AKIAIOSFODNN7EXAMPLE";
              if (name == "SECRET") return "wJalrXUtnFEMI";
              if (name == "SESSION") return "session-of-an-hour";
              return std::nullopt;
            },
            clock_,
            [this](Milliseconds) { ++pauses_; },
            [this](const ClientRequest& request, const BodyReceiver& receiver) {
              return Answer(request, receiver);
            }};
  }
  std::optional<ClientResponse> Answer(const ClientRequest& request, const BodyReceiver& receiver) {
    asked_.push_back(request);
    ClientResponse answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    if (!receiver.begin(answer)) return std::nullopt;
    if (answer.status == 200) {
      receiver.piece(answer.body);
      answer.body.clear();
    }
    return answer;
  }
  static ClientResponse Object(const std::string& bytes, const std::string& etag = kETag) {
    return {200,
            {{"ETag", etag},
             {"Content-Length", std::to_string(bytes.size())},
             {"Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"}},
            bytes};
  }
  static ClientResponse Refused(int status, const std::string& code, const std::string& more = "") {
    return {status, {}, "<Error><Code>" + code + "</Code>" + more + "</Error>"};
  }
  std::string HeaderOf(std::size_t request, const std::string& name) {
    for (const auto& [key, value] : asked_.at(request).headers) {
      if (key == name) return value;
    }
    return "";
  }
  std::string FaultOf(ClientResponse answer, Remedy remedy) {
    answers_ = {std::move(answer)};
    try {
      static_cast<void>(Client().List({"sales/"}));
    } catch (const Error& error) {
      EXPECT_EQ(error.remedy(), remedy) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }
  S3Client::Reading ReadingOf(std::string& bytes) {
    S3Client::Reading reading;
    reading.key = "sales/a b.csv";
    reading.etag = kETag;
    reading.most = 3;
    reading.sink = [&bytes](std::string_view piece) { bytes.append(piece); };
    return reading;
  }

  BucketSettings settings_;
  FakeClock clock_;
  std::deque<ClientResponse> answers_{{200, {}, kEmptyPage}};
  std::vector<ClientRequest> asked_;
  int pauses_ = 0;
};

TEST_F(S3ClientTest, AsksTheHostOfTheBucketAndSignsForIt) {
  static_cast<void>(Client().List({"sales/", true, "tok/en=", 5}));
  EXPECT_EQ(asked_.at(0).url,
            "https://acme-data.s3.eu-west-3.amazonaws.com/?continuation-token=tok%2Fen%3D&"
            "delimiter=%2F&encoding-type=url&list-type=2&max-keys=5&prefix=sales%2F");
  EXPECT_EQ(HeaderOf(0, "host"), "acme-data.s3.eu-west-3.amazonaws.com");
  EXPECT_THAT(HeaderOf(0, "authorization"),
              HasSubstr("/eu-west-3/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;"
                        "x-amz-date,Signature="));
  EXPECT_EQ(HeaderOf(0, "x-amz-security-token"), "");
}

TEST_F(S3ClientTest, PutsTheBucketIntoThePathWhereToldTo) {
  settings_.endpoint = "http://127.0.0.1:9000";
  settings_.path_style = true;
  answers_ = {Object("abc")};
  std::string bytes;
  EXPECT_TRUE(Client().Read(ReadingOf(bytes)));
  EXPECT_EQ(asked_.at(0).url, "http://127.0.0.1:9000/acme-data/sales/a%20b.csv");
  EXPECT_EQ(HeaderOf(0, "host"), "127.0.0.1:9000");
  EXPECT_EQ(HeaderOf(0, "if-match"), kETag);
}

TEST_F(S3ClientTest, SendsASessionSignedAndNothingWithoutCredentials) {
  settings_.session_token = SecretReference{"SESSION", {}};
  static_cast<void>(Client().List({"sales/"}));
  EXPECT_EQ(HeaderOf(0, "x-amz-security-token"), "session-of-an-hour");
  EXPECT_THAT(HeaderOf(0, "authorization"), HasSubstr(";x-amz-security-token,"));
  settings_.access_key.reset();
  settings_.secret_key.reset();
  settings_.session_token.reset();
  static_cast<void>(Client().List({"sales/"}));
  EXPECT_EQ(HeaderOf(1, "authorization"), "");
  settings_.access_key = settings_.secret_key = SecretReference{"NONE", {}};
  EXPECT_THAT([&] { (void)Client().List({"sales/"}); },
              ThrowsMessage<Error>(HasSubstr("environment variable NONE cannot be used")));
}

TEST_F(S3ClientTest, AsksABusyServerAgainAFewTimes) {
  answers_ = {Refused(503, "SlowDown"), Refused(500, "InternalError"), {200, {}, kEmptyPage}};
  EXPECT_TRUE(Client().List({"sales/"}).objects.empty());
  EXPECT_EQ(pauses_, 2);
  EXPECT_THAT(FaultOf(Refused(503, "SlowDown"), Remedy::kRetry),
              HasSubstr("listing s3://acme-data/sales/: S3 answered 503 SlowDown: it is busy"));
  EXPECT_EQ(pauses_, 5);
}

TEST_F(S3ClientTest, AsksNothingMoreWhenTheProgramEnds) {
  std::jthread ending([] {});
  S3Client::Listing listing{"sales/"};
  listing.stop = ending.get_stop_token();
  ending.request_stop();
  EXPECT_THAT([&] { (void)Client().List(listing); },
              ThrowsMessage<Error>(HasSubstr("the program ends")));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(S3ClientTest, SaysWhatToDoAboutARefusal) {
  const auto fault = [&](int status, const std::string& code, const std::string& more = "") {
    return FaultOf(Refused(status, code, more), Remedy::kNeedsChange);
  };
  EXPECT_THAT(fault(403, "AccessDenied"), HasSubstr("s3:ListBucket"));
  EXPECT_THAT(fault(403, "InvalidAccessKeyId"), HasSubstr("check access_key"));
  EXPECT_THAT(fault(403, "SignatureDoesNotMatch"), HasSubstr("check secret_key"));
  EXPECT_THAT(fault(400, "ExpiredToken"), HasSubstr("a new session_token"));
  EXPECT_THAT(fault(403, "RequestTimeTooSkewed"), HasSubstr("the clock of this machine"));
  EXPECT_THAT(fault(404, "NoSuchBucket"), HasSubstr("there is no such bucket"));
  EXPECT_THAT(fault(301, "PermanentRedirect"), HasSubstr("which is not followed"));
  EXPECT_THAT(fault(400, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>"),
              HasSubstr("the bucket is in the region us-west-2: write region: us-west-2"));
  EXPECT_THAT(fault(418, "x y"), HasSubstr("S3 answered 418: check endpoint"));
  EXPECT_THAT(FaultOf({301, {{"x-amz-bucket-region", "us-west-2"}}, ""}, Remedy::kNeedsChange),
              HasSubstr("write region: us-west-2"));
  EXPECT_THAT(FaultOf({307, {{"location", "http://evil/"}}, ""}, Remedy::kRetry),
              Not(HasSubstr("evil")));
  EXPECT_EQ(asked_.size(), 11U) << "none is asked twice";
}

TEST_F(S3ClientTest, RefusesAListingOfWhatItDidNotAskFor) {
  answers_ = {{200,
               {},
               "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other/a</Key>"
               "<Size>1</Size><ETag>x</ETag><LastModified>2026-11-30T12:00:00Z</LastModified>"
               "</Contents></ListBucketResult>"}};
  EXPECT_THAT([&] { (void)Client().List({"sales/"}); },
              ThrowsMessage<Error>(HasSubstr("\"other/a\", which was not asked for")));
}

TEST_F(S3ClientTest, ReadsOnlyTheBytesThatWereListed) {
  std::string bytes;
  answers_ = {Object("abc")};
  const auto read = Client().Read(ReadingOf(bytes));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(bytes, "abc");
  EXPECT_EQ(*read, (S3Object{"sales/a b.csv", 3, kETag, *ParseTime("2015-10-21T07:28:00Z")}));
  const auto refused = [&](ClientResponse answer) {
    bytes.clear();
    answers_ = {std::move(answer)};
    const auto again = Client().Read(ReadingOf(bytes));
    EXPECT_EQ(bytes, "");
    return again ? std::string() : again.error().code;
  };
  EXPECT_EQ(refused(Refused(412, "PreconditionFailed")), "object_changed");
  EXPECT_EQ(refused(Object("abd", "\"other\"")), "object_changed") << "it ignored If-Match";
  EXPECT_EQ(refused(Object("abcd")), "object_changed") << "it is larger";
  EXPECT_EQ(refused(Refused(404, "NoSuchKey")), "object_missing");
}

TEST_F(S3ClientTest, TellsWhenTheBytesAreNotWhole) {
  std::string bytes;
  ClientResponse shorter = Object("abc");
  shorter.body = "ab";
  answers_ = {shorter};
  EXPECT_THAT([&] { (void)Client().Read(ReadingOf(bytes)); },
              ThrowsMessage<Error>(HasSubstr("2 bytes came of 3")));
  ClientResponse nameless = Object("abc");
  nameless.headers.erase(nameless.headers.begin());
  answers_ = {nameless};
  EXPECT_THAT([&] { (void)Client().Read(ReadingOf(bytes)); },
              ThrowsMessage<Error>(HasSubstr("does not say its size, ETag and time")));
}

TEST_F(S3ClientTest, LooksAtAnObject) {
  answers_ = {{200,
               {{"etag", kETag},
                {"content-length", "3"},
                {"last-modified", "Wed, 21 Oct 2015 07:28:00 GMT"}},
               ""},
              {404, {}, ""},
              {403, {}, ""}};
  EXPECT_EQ(Client().Head("sales/a")->size, 3);
  EXPECT_EQ(asked_.at(0).method, "HEAD");
  EXPECT_FALSE(Client().Head("sales/a"));
  EXPECT_THAT(
      [&] { (void)Client().Head("sales/a"); },
      ThrowsMessage<Error>(HasSubstr("looking at s3://acme-data/sales/a: S3 answered 403")));
}

}  // namespace
}  // namespace failgate
