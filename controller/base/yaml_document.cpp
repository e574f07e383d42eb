#include "controller/base/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_set>

#include "controller/base/text.h"
#include "controller/base/yaml_spans.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 100'000;
constexpr std::size_t kMaxProblems = 100;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Ends the parse when the problem list already says why.
struct ParseStopped : std::exception {};

/// Lines and characters of byte offsets; quick when asked in rising order.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}

  void Set(std::size_t offset, int& line, int& column) {
    offset = std::min(offset, text_.size());
    if (offset < at_) {
      at_ = 0;
      line_ = 1;
      column_ = 1;
    }
    for (; at_ < offset; ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '\n') {
        ++line_;
        column_ = 1;
      } else if ((byte & 0xC0U) != 0x80U) {
        ++column_;
      }
    }
    line = line_;
    column = column_;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

/// Builds the tree. Goes on after a problem where it can, so that one look shows many.
class TreeBuilder final : public YAML::EventHandler {
 public:
  /// `text` is what yaml-cpp reads; `skipped` bytes stand before it in the file.
  TreeBuilder(std::string_view text, std::size_t skipped, const std::string& file)
      : text_(text), skipped_(skipped), file_(file), places_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      Add(Offset(mark),
          "a second document starts here: only one document a file is allowed (if none was meant, "
          "check the quotes and brackets above)");
      throw ParseStopped();
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    YamlNode node = Node(YamlNode::Kind::kNull, mark);
    if (IsNullWord(node.begin_offset)) {
      node.end_offset = node.begin_offset + (text_[node.begin_offset] == '~' ? 1 : 4);
    } else if (!CheckProperties(mark)) {
      PlaceUnwritten(node);
    }
    Put(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Add(Offset(mark), "aliases (*name) are not allowed: write the value out");
    YamlNode node = Node(YamlNode::Kind::kNull, mark);
    node.end_offset = node.begin_offset + 1;
    Put(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark,
                const std::string& /*tag*/,
                YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    YamlNode node = Node(YamlNode::Kind::kScalar, mark);
    node.scalar = value;
    CheckProperties(mark);
    const std::string_view rest = text_.substr(std::min(node.begin_offset, text_.size()));
    node.quoted = !rest.empty() && std::string_view("\"'|>").find(rest.front()) != rest.npos;
    node.end_offset = std::max(node.begin_offset, ScalarEnd(text_, node));
    if (node.quoted && node.end_offset == node.begin_offset) {
      Add(node.begin_offset, "the quote that opens here is never closed");  // yaml-cpp lets it pass
    }
    if (value.find('\0') != std::string::npos || !IsUtf8(value)) {
      Add(node.begin_offset, "a text must not contain \\0 or escapes that make no valid UTF-8");
    }
    Put(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    CheckProperties(mark);
    Open(Node(YamlNode::Kind::kSequence, mark));
  }
  void OnSequenceEnd() override { Close(']', '['); }
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    CheckProperties(mark);
    Open(Node(YamlNode::Kind::kMapping, mark));
  }
  void OnMapEnd() override { Close('}', '{'); }

  /// Offset in the text yaml-cpp reads. Ends the parsing when there are enough.
  void Add(std::size_t offset, std::string text) {
    Note(offset, std::move(text));
    if (problems_.size() >= kMaxProblems) {
      throw ParseStopped();
    }
  }
  /// For use after the parsing ended: throws nothing.
  void AddSyntaxProblem(const YAML::Exception& error) {
    const std::size_t offset = error.mark.is_null() ? text_.size() : Offset(error.mark);
    if (offset < text_.size() && text_[offset] == '*') {
      Note(offset,
           "aliases (*name) are not allowed: write the value out (a text that starts with * needs "
           "quotes)");
    } else {
      Note(offset, "not valid YAML: " + error.msg);
    }
  }
  [[nodiscard]] Problems& problems() { return problems_; }
  [[nodiscard]] YamlNode TakeRoot() {
    if (root_.line ==
        0) {  // an empty text has no node at all: what is missing is missing at its begin
      root_.line = root_.column = 1;
    }
    Shift(root_);
    return std::move(root_);
  }

 private:
  void Note(std::size_t offset, std::string text) {
    Problem problem{file_, 0, 0, std::move(text)};
    places_.Set(offset, problem.line, problem.column);
    problems_.push_back(std::move(problem));
  }

  /// A collection that is being read.
  struct Level {
    YamlNode node;
    std::optional<YamlNode> key;
    std::unordered_set<std::string> keys;
  };

  static std::size_t Offset(const YAML::Mark& mark) {
    return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
  }

  YamlNode Node(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) {
      Add(Offset(mark), fmt::format("the file has more than {} values", kMaxNodes));
      throw ParseStopped();
    }
    YamlNode node;
    node.kind = kind;
    node.begin_offset = std::min(Offset(mark), text_.size());
    node.end_offset = node.begin_offset;
    places_.Set(node.begin_offset, node.line, node.column);
    return node;
  }

  bool IsNullWord(std::size_t offset) const {
    const std::string_view rest = text_.substr(offset);
    return rest.substr(0, 1) == "~" || ToLower(rest.substr(0, 4)) == "null";
  }

  /// yaml-cpp's mark stands on the anchor or tag where there is one. True when there was one.
  bool CheckProperties(const YAML::Mark& mark) {
    const std::size_t offset = Offset(mark);
    if (offset >= text_.size() || (text_[offset] != '&' && text_[offset] != '!')) {
      return false;
    }
    Add(offset,
        text_[offset] == '&'
            ? "anchors (&name) are not allowed: write the value out where it is used"
            : "tags (!name) are not allowed: a text that starts with ! needs quotes");
    return true;
  }

  /// A value that is not written ("key:") has yaml-cpp's mark at whatever comes next.
  void PlaceUnwritten(YamlNode& node) {
    if (levels_.empty()) {
      return;
    }
    const Level& level = levels_.back();
    if (level.key) {
      node.begin_offset = AfterColon(text_, level.key->end_offset);
      node.line = level.key->line;
      node.column = level.key->column;
    }
    node.end_offset = node.begin_offset;
  }

  void Open(YamlNode node) {
    if (levels_.size() >= kMaxDepth) {
      Add(node.begin_offset, fmt::format("nested more than {} levels deep", kMaxDepth));
      throw ParseStopped();
    }
    levels_.push_back({std::move(node), std::nullopt, {}});
  }

  void Close(char bracket, char opening) {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    for (const YamlNode& item : node.items) {
      node.end_offset = std::max(node.end_offset, item.end_offset);
    }
    for (const YamlNode::Entry& entry : node.entries) {
      node.end_offset = std::max({node.end_offset, entry.key.end_offset, entry.value.end_offset});
    }
    if (node.begin_offset < text_.size() && text_[node.begin_offset] == opening) {
      const std::size_t from = std::max(node.end_offset, node.begin_offset + 1);
      node.end_offset = FlowEnd(text_, from, bracket);
    }
    Put(std::move(node));
  }

  void Put(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::kSequence) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      CheckKey(level, node);
      level.key = std::move(node);
    } else {
      level.node.entries.push_back({std::move(*level.key), std::move(node)});
      level.key.reset();
    }
  }

  void CheckKey(Level& level, const YamlNode& key) {
    if (key.kind != YamlNode::Kind::kScalar) {
      Add(key.begin_offset, "a key must be a plain word, not empty, a list or a mapping");
    } else if (key.scalar == "<<") {
      Add(key.begin_offset, "merge keys (<<) are not allowed: write the values out");
    } else if (!level.keys.insert(key.scalar).second) {
      Add(key.begin_offset,
          fmt::format("the key \"{}\" is written twice", OneLine(key.scalar, 80)));
    }
  }

  void Shift(YamlNode& node) const {
    node.begin_offset += skipped_;
    node.end_offset += skipped_;
    for (YamlNode& item : node.items) {
      Shift(item);
    }
    for (YamlNode::Entry& entry : node.entries) {
      Shift(entry.key);
      Shift(entry.value);
    }
  }

  std::string_view text_;
  std::size_t skipped_;
  const std::string& file_;
  Places places_;
  Problems problems_;
  std::vector<Level> levels_;
  YamlNode root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

/// What yaml-cpp would misread: its scanner takes byte 4 for the end of the file, guesses UTF-16
/// from zero bytes, and passes other control characters on.
std::optional<std::string> RefusedBytes(std::string_view text, std::size_t& offset) {
  for (offset = 0; offset < text.size(); ++offset) {
    const auto byte = static_cast<unsigned char>(text[offset]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return fmt::format("control character \\u{:04x}: write it as an escape in double quotes",
                         byte);
    }
    if (byte == '\r' && text.substr(offset + 1, 1) != "\n") {
      return "carriage return without line feed: end lines with LF";
    }
  }
  return std::nullopt;
}

/// Where a text that is not UTF-8 stops being it.
Problem FirstNotUtf8(std::string_view text, const std::string& file) {
  Problem problem{file, 1, 1, "not UTF-8 text"};
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
    if (!IsUtf8(text.substr(at, length))) {
      break;
    }
    problem.line += text[at] == '\n' ? 1 : 0;
    problem.column = text[at] == '\n' ? 1 : problem.column + 1;
    at += length;
  }
  return problem;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::find_if(
      entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key.scalar == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Parsed<YamlNode> ParseYaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return Problems{{file, 0, 0, fmt::format("larger than {} bytes", kMaxBytes)}};
  }
  if (!IsUtf8(text)) {
    return Problems{FirstNotUtf8(text, file)};
  }
  const std::size_t skipped =
      text.substr(0, kByteOrderMark.size()) == kByteOrderMark ? kByteOrderMark.size() : 0;
  const std::string body(text.substr(skipped));
  TreeBuilder builder(body, skipped, file);
  std::size_t offset = 0;
  if (const auto refused = RefusedBytes(body, offset)) {
    builder.Add(offset, *refused);
    return std::move(builder.problems());
  }
  try {
    std::istringstream stream(body);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const ParseStopped&) {
    return std::move(builder.problems());
  } catch (const YAML::Exception& error) {
    builder.AddSyntaxProblem(error);
  }
  if (!builder.problems().empty()) {
    return std::move(builder.problems());
  }
  return builder.TakeRoot();
}

}  // namespace failgate
