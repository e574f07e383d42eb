#include "controller/s3/s3_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace failgate {
namespace {

using ::testing::HasSubstr;

std::string Page(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         inside + "</ListBucketResult>";
}

std::string Object(const std::string& key, const std::string& size = "3") {
  return "<Contents><Key>" + key +
         "</Key><LastModified>2026-11-30T12:00:00.000Z</LastModified>"
         "<ETag>&quot;900150983cd24fb0d6963f7d28e17f72&quot;</ETag><Size>" +
         size + "</Size><StorageClass>STANDARD</StorageClass></Contents>";
}

TEST(S3Pages, TellObjectsAndThePageBehindThem) {
  const auto page = ReadS3Page(
      Page("<Name>b</Name><Prefix>sales/</Prefix><IsTruncated>true</IsTruncated>" +
           Object("sales/a&amp;b.csv") + Object("sales/c.csv", "0") +
           "<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J=</NextContinuationToken>"));
  ASSERT_TRUE(page) << page.error().text;
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0],
            (S3Object{"sales/a&b.csv",
                      3,
                      "\"900150983cd24fb0d6963f7d28e17f72\"",
                      *ParseTime("2026-11-30T12:00:00Z")}));
  EXPECT_EQ(page->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J=");
}

TEST(S3Pages, DecodeKeysOnlyWhereTheAnswerSaysSo) {
  const std::string objects =
      "<IsTruncated>false</IsTruncated>" + Object("a+b%2Bc%20d%01.csv") + Object("+");
  const auto encoded = ReadS3Page(Page("<EncodingType>url</EncodingType>" + objects));
  ASSERT_TRUE(encoded) << encoded.error().text;
  EXPECT_EQ(encoded->objects[0].key, "a b+c d\x01.csv");
  EXPECT_EQ(encoded->objects[1].key, " ");
  EXPECT_FALSE(encoded->next);
  const auto plain = ReadS3Page(Page(objects));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->objects[0].key, "a+b%2Bc%20d%01.csv");
}

TEST(S3Pages, MayBeEmpty) {
  const auto page = ReadS3Page(Page("<IsTruncated>false</IsTruncated>"));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->objects.empty());
}

TEST(S3Pages, AreRefusedWhenAnythingIsMissing) {
  struct Refused {
    std::string xml;
    const char* says;
  };
  const std::string whole = "<IsTruncated>false</IsTruncated>";
  std::string no_etag = Object("a");
  no_etag.replace(no_etag.find("<ETag>"), no_etag.find("<Size>") - no_etag.find("<ETag>"), "");
  std::string no_time = Object("a");
  no_time.replace(no_time.find("2026"), 4, "soon");
  const std::vector<Refused> cases = {
      {"", "no well-formed XML"},
      {Page(whole).substr(0, 80), "no well-formed XML"},
      {"<html><body>Welcome</body></html>", "check the endpoint"},
      {"<Error><Code>AccessDenied</Code></Error>", "check the endpoint"},
      {Page(""), "whether it is whole"},
      {Page("<IsTruncated>maybe</IsTruncated>"), "whether it is whole"},
      {Page(whole + whole), "whether it is whole"},
      {Page("<IsTruncated>true</IsTruncated>"), "does not say where"},
      {Page("<IsTruncated>true</IsTruncated><NextContinuationToken/>"), "does not say where"},
      {Page(whole + Object("")), "no key"},
      {Page(whole + Object(std::string(1025, 'k'))), "no key"},
      {Page("<EncodingType>url</EncodingType>" + whole + Object("a%2")), "no key"},
      {Page("<EncodingType>url</EncodingType>" + whole + Object("a%zz")), "no key"},
      {Page(whole + Object("a", "-1")), "\"a\" has no size"},
      {Page(whole + Object("a", "99999999999999999999")), "\"a\" has no size"},
      {Page(whole + no_etag), "\"a\" has no ETag"},
      {Page(whole + no_time), "\"a\" has no time"},
      {"<!DOCTYPE x [<!ENTITY k \"boom\">]>" + Page(whole + Object("a", "&k;")), "has no size"}};
  for (const Refused& one : cases) {
    const auto page = ReadS3Page(one.xml);
    ASSERT_FALSE(page) << one.xml;
    EXPECT_EQ(page.error().code, "s3_unreadable");
    EXPECT_THAT(page.error().text, HasSubstr(one.says)) << one.xml;
  }
}

TEST(S3Refusals, TellTheirCodeAndNothingThatCouldBreakOut) {
  const S3Refusal refusal = ReadS3Refusal(
      "<Error><Code>PermanentRedirect</Code><Message>x</Message><Region>eu-west-3</Region>"
      "</Error>");
  EXPECT_EQ(refusal.code, "PermanentRedirect");
  EXPECT_EQ(refusal.region, "eu-west-3");
  EXPECT_EQ(ReadS3Refusal("<Error><Code>a b\n</Code></Error>").code, "");
  EXPECT_EQ(ReadS3Refusal("not XML").code, "");
  EXPECT_EQ(ReadS3Refusal("").code, "");
}

TEST(HttpDates, AreReadAsRfc9110WritesThem) {
  EXPECT_EQ(ParseHttpDate("Wed, 21 Oct 2015 07:28:00 GMT"), ParseTime("2015-10-21T07:28:00Z"));
  for (const char* other : {"",
                            "Wed, 21 Oct 2015 07:28:00 UTC",
                            "Wednesday, 21-Oct-15 07:28:00 GMT",
                            "Wed, 32 Oct 2015 07:28:00 GMT",
                            "Wed, 21 Okt 2015 07:28:00 GMT",
                            "Wed, 21 Oct 2015 7:28:000 GMT"}) {
    EXPECT_FALSE(ParseHttpDate(other)) << other;
  }
}

}  // namespace
}  // namespace failgate
