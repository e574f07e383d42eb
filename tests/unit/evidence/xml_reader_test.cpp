#include "controller/evidence/xml_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace failgate {
namespace {

class Recorder final : public XmlHandler {
 public:
  std::optional<Refusal> Start(const XmlElement& element) override {
    seen += "<" + std::string(element.name);
    for (const auto& attribute : element.attributes) {
      seen += " " + std::string(attribute.name) + "=" + element.Find(attribute.name).value_or("?");
    }
    seen += ">";
    return std::nullopt;
  }
  std::optional<Refusal> End(std::string_view name) override {
    seen += "</" + std::string(name) + ">";
    return std::nullopt;
  }
  void Text(const std::string& text) override { seen += text; }
  [[nodiscard]] bool WantsText() const override { return true; }

  std::string seen;
};

std::string Read(const std::string& xml) {
  Recorder recorder;
  const auto refusal = ReadXml(xml, recorder);
  return refusal ? refusal->code : recorder.seen;
}

TEST(XmlReader, ReadsElementsAttributesAndText) {
  EXPECT_EQ(
      Read("\xEF\xBB\xBF<?xml version='1.0'?><!-- c --><a x='1' y = \"&lt;&#x41;&#228;\">t&amp;<b/>"
           "<![CDATA[<&]]></a >\n"),
      "<a x=1 y=<A\xC3\xA4>t&<b></b><&</a>");
}

TEST(XmlReader, SkipsADoctypeThatOnlyNamesItsDtd) {
  EXPECT_EQ(Read("<!DOCTYPE a SYSTEM \"http://x/>[.dtd\"><a/>"), "<a></a>");
}

TEST(XmlReader, RefusesWhatIsNotStrictXml) {
  for (const std::string xml : {"",
                                " ",
                                "text",
                                "<a>",
                                "<a></b>",
                                "</a>",
                                "<a/><b/>",
                                "<a/>x",
                                "x<a/>",
                                "<a x='1' x='2'/>",
                                "<a x=1/>",
                                "<a x/>",
                                "<a x='1'y='2'/>",
                                "<a x='<'/>",
                                "<a>&nbsp;</a>",
                                "<a>&#0;</a>",
                                "<a>&#xD800;</a>",
                                "<a x='&b;'/>",
                                "<a>& </a>",
                                "<a",
                                "<a x='",
                                "<!-- <a/>",
                                "<a><![CDATA[</a>",
                                "<1a/>",
                                "< a/>",
                                "<![CDATA[x]]><a/>",
                                "<a><!DOCTYPE a></a>",
                                "<!DOCTYPE a><!DOCTYPE a><a/>",
                                "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
                                "<!ENTITY b 'c'><a/>",
                                "<!DOCTYPE a"}) {
    EXPECT_EQ(Read(xml), "report_malformed") << xml;
  }
  EXPECT_EQ(Read(std::string("<a>\0</a>", 8)), "report_malformed");
  EXPECT_EQ(Read("<a>\xff</a>"), "report_malformed");
}

TEST(XmlReader, BoundsDepthAndAttributes) {
  std::string deep;
  for (std::size_t i = 0; i <= kMaxXmlDepth; ++i) {
    deep += "<a>";
  }
  EXPECT_EQ(Read(deep), "report_malformed");
  std::string wide = "<a";
  for (std::size_t i = 0; i <= kMaxXmlAttributes; ++i) {
    wide += " x" + std::to_string(i) + "=''";
  }
  EXPECT_EQ(Read(wide + "/>"), "report_malformed");
}

TEST(XmlReader, FindsTheRoot) {
  EXPECT_EQ(XmlRootName("<?xml version='1.0'?>\n<testsuites a='1'>"), "testsuites");
  EXPECT_EQ(XmlRootName("no xml"), "");
}

}  // namespace
}  // namespace failgate
