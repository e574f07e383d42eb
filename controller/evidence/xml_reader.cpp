#include "controller/evidence/xml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n";

bool IsNameStart(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         byte == ':' || byte >= 0x80;
}

bool IsNameRest(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

void AppendUtf8(std::string& text, unsigned code) {
  const auto continuation = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    text += continuation(code);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0U | (code >> 12U));
    text += continuation(code >> 6U);
    text += continuation(code);
  } else {
    text += static_cast<char>(0xF0U | (code >> 18U));
    text += continuation(code >> 12U);
    text += continuation(code >> 6U);
    text += continuation(code);
  }
}

/// `inside` stands between '&' and ';'.
bool AppendReference(std::string& text, std::string_view inside) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [name, character] : kEntities) {
    if (inside == name) {
      text += character;
      return true;
    }
  }
  if (inside.size() < 2 || inside[0] != '#') {
    return false;
  }
  const bool is_hex = inside[1] == 'x';
  inside.remove_prefix(is_hex ? 2 : 1);
  unsigned code = 0;
  const char* end = inside.data() + inside.size();
  const auto [at, error] = std::from_chars(inside.data(), end, code, is_hex ? 16 : 10);
  if (error != std::errc() || at != end || code == 0 || code > 0x10FFFF ||
      (code >= 0xD800 && code <= 0xDFFF)) {
    return false;
  }
  AppendUtf8(text, code);
  return true;
}

/// nullopt for a reference that is none of the allowed ones.
std::optional<std::string> DecodeText(std::string_view raw) {
  std::string text;
  while (true) {
    const std::size_t amp = raw.find('&');
    text += raw.substr(0, amp);
    if (amp == std::string_view::npos) {
      return text;
    }
    raw.remove_prefix(amp + 1);
    const std::size_t semicolon = raw.substr(0, 12).find(';');
    if (semicolon == std::string_view::npos || !AppendReference(text, raw.substr(0, semicolon))) {
      return std::nullopt;
    }
    raw.remove_prefix(semicolon + 1);
  }
}

class Reader {
 public:
  Reader(std::string_view bytes, XmlHandler& handler) : bytes_(bytes), handler_(handler) {}

  std::optional<Refusal> Read() {
    if (StartsWith(kByteOrderMark)) {
      at_ += kByteOrderMark.size();
    }
    std::optional<Refusal> refusal;
    while (!refusal && at_ < bytes_.size()) {
      refusal = bytes_[at_] == '<' ? ReadMarkup() : ReadText();
    }
    if (refusal) {
      return refusal;
    }
    if (!open_.empty()) {
      return Bad(fmt::format("<{}> is never closed", OneLine(open_.back(), 60)));
    }
    return seen_root_ ? std::nullopt : std::optional(Bad("there is no element"));
  }

 private:
  [[nodiscard]] bool StartsWith(std::string_view text) const {
    return bytes_.substr(at_, text.size()) == text;
  }

  [[nodiscard]] Refusal Bad(std::string_view what) const {
    const auto line =
        1 + std::count(bytes_.begin(),
                       bytes_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, bytes_.size())),
                       '\n');
    return Refusal{"report_malformed", fmt::format("XML line {}: {}", line, what)};
  }

  /// Goes behind `end`; false when it never comes.
  bool SkipBehind(std::string_view end) {
    const std::size_t found = bytes_.find(end, at_);
    if (found == std::string_view::npos) {
      return false;
    }
    at_ = found + end.size();
    return true;
  }

  void SkipBlanks() { at_ = std::min(bytes_.find_first_not_of(kBlanks, at_), bytes_.size()); }

  std::optional<Refusal> ReadText() {
    const std::size_t end = std::min(bytes_.find('<', at_), bytes_.size());
    const std::string_view raw = bytes_.substr(at_, end - at_);
    if (open_.empty()) {
      if (raw.find_first_not_of(kBlanks) != std::string_view::npos) {
        return Bad("text outside of the root element");
      }
    } else if (raw.find('&') != std::string_view::npos || handler_.WantsText()) {
      const auto text = DecodeText(raw);
      if (!text) {
        return Bad("a reference that is not allowed");
      }
      if (handler_.WantsText()) {
        handler_.Text(*text);
      }
    }
    at_ = end;
    return std::nullopt;
  }

  std::optional<Refusal> ReadMarkup() {
    if (StartsWith("<!--")) {
      at_ += 4;
      return SkipBehind("-->") ? std::nullopt : std::optional(Bad("a comment is never closed"));
    }
    if (StartsWith("<?")) {
      return SkipBehind("?>") ? std::nullopt : std::optional(Bad("an instruction is never closed"));
    }
    if (StartsWith("<![CDATA[")) {
      return ReadCharacterData();
    }
    if (StartsWith("<!")) {
      return ReadDocumentType();
    }
    return StartsWith("</") ? ReadEndTag() : ReadStartTag();
  }

  std::optional<Refusal> ReadCharacterData() {
    if (open_.empty()) {
      return Bad("text outside of the root element");
    }
    at_ += 9;
    const std::size_t begin = at_;
    if (!SkipBehind("]]>")) {
      return Bad("a CDATA section is never closed");
    }
    if (handler_.WantsText()) {
      handler_.Text(std::string(bytes_.substr(begin, at_ - begin - 3)));
    }
    return std::nullopt;
  }

  std::optional<Refusal> ReadDocumentType() {
    if (!StartsWith("<!DOCTYPE") || seen_root_ || seen_doctype_) {
      return Bad("a declaration that is not allowed here");
    }
    seen_doctype_ = true;
    char quote = '\0';
    for (; at_ < bytes_.size(); ++at_) {
      const char c = bytes_[at_];
      if (quote != '\0') {
        quote = c == quote ? '\0' : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[') {
        return Bad("a DOCTYPE with declarations of its own is not allowed");
      } else if (c == '>') {
        ++at_;
        return std::nullopt;
      }
    }
    return Bad("the DOCTYPE is never closed");
  }

  /// Empty when no name stands here.
  std::string_view ReadName() {
    const std::size_t begin = at_;
    if (at_ < bytes_.size() && IsNameStart(bytes_[at_])) {
      while (at_ < bytes_.size() && IsNameRest(bytes_[at_])) {
        ++at_;
      }
    }
    return bytes_.substr(begin, at_ - begin);
  }

  std::optional<Refusal> ReadEndTag() {
    at_ += 2;
    const std::string_view name = ReadName();
    SkipBlanks();
    if (open_.empty() || name != open_.back() || !StartsWith(">")) {
      return Bad(fmt::format("</{}> does not close what is open", OneLine(name, 60)));
    }
    ++at_;
    open_.pop_back();
    return handler_.End(name);
  }

  std::optional<Refusal> ReadAttribute(XmlElement& element) {
    XmlElement::Attribute attribute;
    attribute.name = ReadName();
    SkipBlanks();
    if (attribute.name.empty() || !StartsWith("=")) {
      return Bad("a tag that cannot be read");
    }
    ++at_;
    SkipBlanks();
    if (!StartsWith("\"") && !StartsWith("'")) {
      return Bad("an attribute without quotes");
    }
    const char quote = bytes_[at_];
    const std::size_t begin = at_ + 1;
    const std::size_t end = bytes_.find(quote, begin);
    if (end == std::string_view::npos) {
      return Bad("an attribute is never closed");
    }
    attribute.raw_value = bytes_.substr(begin, end - begin);
    if (attribute.raw_value.find('<') != std::string_view::npos ||
        (attribute.raw_value.find('&') != std::string_view::npos &&
         !DecodeText(attribute.raw_value))) {
      return Bad("an attribute with a reference or character that is not allowed");
    }
    at_ = end + 1;
    element.attributes.push_back(attribute);
    if (element.attributes.size() > kMaxXmlAttributes) {
      return Bad("an element with too many attributes");
    }
    return std::nullopt;
  }

  [[nodiscard]] static bool HasDuplicate(const XmlElement& element) {
    std::vector<std::string_view> names;
    names.reserve(element.attributes.size());
    for (const XmlElement::Attribute& attribute : element.attributes) {
      names.push_back(attribute.name);
    }
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  }

  std::optional<Refusal> ReadStartTag() {
    ++at_;
    XmlElement element;
    element.name = ReadName();
    if (element.name.empty()) {
      return Bad("'<' without a name");
    }
    if (open_.empty() && seen_root_) {
      return Bad("there is more than one root element");
    }
    while (true) {
      const std::size_t before = at_;
      SkipBlanks();
      if (StartsWith(">") || StartsWith("/>")) {
        break;
      }
      if (at_ == before) {
        return Bad("a tag that cannot be read");
      }
      if (auto refusal = ReadAttribute(element)) {
        return refusal;
      }
    }
    if (HasDuplicate(element)) {
      return Bad(fmt::format("<{}> has an attribute twice", OneLine(element.name, 60)));
    }
    return OpenElement(element);
  }

  std::optional<Refusal> OpenElement(const XmlElement& element) {
    seen_root_ = true;
    if (open_.size() >= kMaxXmlDepth) {
      return Bad(fmt::format("elements are nested deeper than {}", kMaxXmlDepth));
    }
    const bool is_empty = StartsWith("/>");
    at_ += is_empty ? 2 : 1;
    if (auto refusal = handler_.Start(element)) {
      return refusal;
    }
    if (is_empty) {
      return handler_.End(element.name);
    }
    open_.push_back(element.name);
    return std::nullopt;
  }

  std::string_view bytes_;
  XmlHandler& handler_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;
  bool seen_root_ = false;
  bool seen_doctype_ = false;
};

/// Ends the reading at the first element.
class RootFinder final : public XmlHandler {
 public:
  std::optional<Refusal> Start(const XmlElement& element) override {
    root = element.name;
    return Refusal{"found", ""};
  }
  std::optional<Refusal> End(std::string_view /*name*/) override { return std::nullopt; }

  std::string_view root;
};

}  // namespace

std::optional<std::string> XmlElement::Find(std::string_view attribute) const {
  for (const Attribute& candidate : attributes) {
    if (candidate.name == attribute) {
      return DecodeText(candidate.raw_value);
    }
  }
  return std::nullopt;
}

std::optional<Refusal> ReadXml(std::string_view bytes, XmlHandler& handler) {
  if (bytes.find('\0') != std::string_view::npos || !IsUtf8(bytes)) {
    return Refusal{"report_malformed", "XML must be UTF-8 text"};
  }
  return Reader(bytes, handler).Read();
}

std::string_view XmlRootName(std::string_view bytes) {
  RootFinder finder;
  static_cast<void>(Reader(bytes, finder).Read());
  return finder.root;
}

}  // namespace failgate
