#include "controller/promotion/python_imports.h"

#include <fmt/format.h>

#include <optional>

#include "controller/base/text.h"

namespace failgate {
namespace {

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsNamePart(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9');
}

/// A word, or one other character; strings are one token '"' each.
struct Token {
  std::string text;
  int line = 0;
  bool operator==(std::string_view other) const { return text == other; }
};

/// One statement after the other, joined and split as Python does.
class Statements {
 public:
  explicit Statements(std::string_view text) : text_(text) {}

  /// False at the end, or where a fault is found.
  bool Next(std::vector<Token>& statement) {
    statement.clear();
    while (at_ < text_.size() && fault_.empty()) {
      const char c = text_[at_];
      if (c == '#') {
        SkipComment();
      } else if (c == '\n') {
        ++line_;
        ++at_;
        if (depth_ == 0 && !statement.empty()) return true;
      } else if (c == '\\' && IsLineEnd(at_ + 1)) {
        ++at_;
        if (text_[at_] == '\r') ++at_;
        ++line_;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
        ++at_;
      } else if ((c == ';' || c == ':') && depth_ == 0) {
        ++at_;
        if (!statement.empty()) return true;
      } else if (c == '"' || c == '\'') {
        statement.push_back({"\"", line_});
        DropPrefix(statement);
        SkipString();
      } else if (IsNameStart(c)) {
        TakeWord(statement);
      } else {
        Bracket(c);
        statement.push_back({std::string(1, c), line_});
        ++at_;
      }
    }
    if (fault_.empty() && depth_ != 0) Fault("brackets do not match");
    return fault_.empty() && !statement.empty();
  }

  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  void Fault(const std::string& what) { fault_ = fmt::format("line {}: {}", line_, what); }

  [[nodiscard]] bool IsLineEnd(std::size_t at) const {
    return text_.substr(at, 1) == "\n" || text_.substr(at, 2) == "\r\n";
  }

  void SkipComment() {
    const std::size_t end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }

  void TakeWord(std::vector<Token>& statement) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && IsNamePart(text_[at_])) ++at_;
    statement.push_back({std::string(text_.substr(begin, at_ - begin)), line_});
    last_word_end_ = at_;
  }

  void Bracket(char c) {
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if (c == ')' || c == ']' || c == '}') {
      --depth_;
      if (depth_ < 0) Fault("brackets do not match");
    }
  }

  /// The prefix of a string (r, b, f, u …) is no word.
  void DropPrefix(std::vector<Token>& statement) const {
    if (statement.size() >= 2 && last_word_end_ == at_) statement.erase(statement.end() - 2);
  }

  void SkipString() {
    const char quote = text_[at_];
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_, 3) == three;
    at_ += is_long ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        if (text_.substr(at_ + 1, 1) == "\n") ++line_;
        at_ += 2;
      } else if (is_long && text_.substr(at_, 3) == three) {
        at_ += 3;
        return;
      } else if (!is_long && c == quote) {
        ++at_;
        return;
      } else if (!is_long && c == '\n') {
        break;
      } else {
        if (c == '\n') ++line_;
        ++at_;
      }
    }
    Fault("a string does not end");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t last_word_end_ = std::string_view::npos;
  int line_ = 1;
  int depth_ = 0;
  std::string fault_;
};

bool IsWord(const Token& token) {
  return !token.text.empty() && IsNameStart(token.text[0]);
}

/// "a.b.c" from `at` on; empty when there is none.
std::string DottedName(const std::vector<Token>& statement, std::size_t& at) {
  std::string name;
  while (at < statement.size() && IsWord(statement[at])) {
    name += statement[at++].text;
    if (at + 1 >= statement.size() || !(statement[at] == ".") || !IsWord(statement[at + 1])) break;
    name += '.';
    ++at;
  }
  return name;
}

/// `as NAME`, where it stands.
bool SkipAlias(const std::vector<Token>& statement, std::size_t& at) {
  if (at >= statement.size() || !(statement[at] == "as")) return true;
  at += 2;
  return at <= statement.size() && IsWord(statement[at - 1]);
}

bool TakeImport(const std::vector<Token>& statement, std::vector<PythonImport>& imports) {
  for (std::size_t at = 1; true; ++at) {
    const int line = at < statement.size() ? statement[at].line : 0;
    const std::string name = DottedName(statement, at);
    if (name.empty() || !SkipAlias(statement, at)) return false;
    imports.push_back({name, line});
    if (at == statement.size()) return true;
    if (!(statement[at] == ",")) return false;
  }
}

bool TakeFrom(const std::vector<Token>& statement, std::vector<PythonImport>& imports) {
  std::size_t at = 1;
  const bool relative = at < statement.size() && statement[at] == ".";
  while (at < statement.size() && statement[at] == ".") ++at;
  std::string module;
  if (!(relative && at < statement.size() && statement[at] == "import")) {
    module = DottedName(statement, at);
    if (module.empty()) return false;
  }
  if (at >= statement.size() || !(statement[at] == "import")) return false;
  ++at;
  if (relative) return at < statement.size();
  const bool bracket = at < statement.size() && statement[at] == "(";
  if (bracket) ++at;
  if (at < statement.size() && statement[at] == "*") {
    imports.push_back({module, statement[at].line});
    return at + 1 == statement.size();
  }
  bool any = false;
  while (at < statement.size() && IsWord(statement[at])) {
    imports.push_back({module + "." + statement[at].text, statement[at].line});
    any = true;
    ++at;
    if (!SkipAlias(statement, at)) return false;
    if (at >= statement.size() || !(statement[at] == ",")) break;
    ++at;
  }
  if (bracket) return any && at + 1 == statement.size() && statement[at] == ")";
  return any && at == statement.size();
}

}  // namespace

Result<std::vector<PythonImport>> ScanPythonImports(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (!IsUtf8(text)) return Refusal{"python", "it is not UTF-8"};
  std::vector<PythonImport> imports;
  Statements statements(text);
  std::vector<Token> statement;
  while (statements.Next(statement)) {
    const bool is_import = statement.front() == "import";
    if (!is_import && !(statement.front() == "from")) continue;
    const bool taken = is_import ? TakeImport(statement, imports) : TakeFrom(statement, imports);
    if (!taken) {
      return Refusal{
          "python",
          fmt::format("line {}: an import that is not understood", statement.front().line)};
    }
  }
  if (!statements.fault().empty()) return Refusal{"python", statements.fault()};
  return imports;
}

}  // namespace failgate
