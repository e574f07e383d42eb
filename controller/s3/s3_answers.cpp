#include "controller/s3/s3_answers.h"

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxKey = 1024;
constexpr std::size_t kMaxToken = 4096;
constexpr std::size_t kMaxETag = 200;
constexpr std::size_t kMaxCode = 80;

Refusal Unreadable(const std::string& why) {
  return {"s3_unreadable", "the listing cannot be read: " + why};
}

bool IsWord(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// As AWS encodes keys: a blank is '+', all else that is not plain is %XX.
std::optional<std::string> DecodeKey(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexValue(text[i + 2]);
    if (low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

/// Text of the one child of that name; nullopt when there is none, or more than one.
std::optional<std::string> Only(const pugi::xml_node& node, const char* name) {
  const pugi::xml_node child = node.child(name);
  if (!child || child.next_sibling(name)) return std::nullopt;
  return std::string(child.child_value());
}

std::optional<bool> ReadTruth(const std::optional<std::string>& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

Result<S3Object> ReadObject(const pugi::xml_node& node, bool encoded) {
  S3Object object;
  const auto key = Only(node, "Key");
  const auto decoded = key && encoded ? DecodeKey(*key) : key;
  if (!decoded || decoded->empty() || decoded->size() > kMaxKey) {
    return Unreadable("an object has no key that can be read");
  }
  object.key = *decoded;
  const std::string name = "the object \"" + OneLine(object.key, 200) + "\" ";
  const auto size = ParseNonNegative(Only(node, "Size").value_or(""));
  if (!size) return Unreadable(name + "has no size");
  object.size = *size;
  object.etag = Only(node, "ETag").value_or("");
  if (!IsETag(object.etag)) return Unreadable(name + "has no ETag");
  const auto written = ParseTime(Only(node, "LastModified").value_or(""));
  if (!written) return Unreadable(name + "has no time in LastModified");
  object.written = *written;
  return object;
}

}  // namespace

bool IsETag(std::string_view text) {
  return !text.empty() && text.size() <= kMaxETag &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<S3Page> ReadS3Page(std::string_view xml) {
  pugi::xml_document document;
  // Entities of a DOCTYPE are not known to it, so none expands.
  if (!document.load_buffer(xml.data(),
                            xml.size(),
                            pugi::parse_default | pugi::parse_ws_pcdata_single,
                            pugi::encoding_utf8)) {
    return Unreadable("it is no well-formed XML");
  }
  const pugi::xml_node root = document.document_element();
  if (std::string_view(root.name()) != "ListBucketResult") {
    return Unreadable("it is no answer of ListObjectsV2: check the endpoint");
  }
  const auto truncated = ReadTruth(Only(root, "IsTruncated"));
  if (!truncated) return Unreadable("it does not say whether it is whole (IsTruncated)");
  const bool encoded = Only(root, "EncodingType") == "url";
  S3Page page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    Result<S3Object> object = ReadObject(node, encoded);
    if (!object) return object.error();
    page.objects.push_back(std::move(*object));
  }
  if (*truncated) {
    page.next = Only(root, "NextContinuationToken");
    if (!page.next || page.next->empty() || page.next->size() > kMaxToken) {
      return Unreadable("more is there, and it does not say where (NextContinuationToken)");
    }
  }
  return page;
}

S3Refusal ReadS3Refusal(std::string_view xml) {
  S3Refusal refusal;
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8)) {
    return refusal;
  }
  const pugi::xml_node root = document.child("Error");
  const auto word = [&](const char* name) {
    const std::string text = Only(root, name).value_or("");
    return IsWord(text, kMaxCode) ? text : std::string();
  };
  refusal.code = word("Code");
  refusal.region = word("Region");
  return refusal;
}

std::optional<TimePoint> ParseHttpDate(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t kSize = 29;
  if (text.size() != kSize || text.substr(3, 2) != ", " || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end() || text[7] != ' ' || text[11] != ' ' || text[16] != ' ') {
    return std::nullopt;
  }
  std::string rfc3339(text.substr(12, 4));
  const auto number = static_cast<int>(month - kMonths.begin()) + 1;
  rfc3339 += (number < 10 ? "-0" : "-") + std::to_string(number) + "-";
  rfc3339 += std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
  return ParseTime(rfc3339);
}

}  // namespace failgate
