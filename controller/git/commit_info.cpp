#include "controller/git/commit_info.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "controller/base/text.h"

namespace failgate {
namespace {

Refusal Malformed(const CommitId& id, std::string_view why) {
  return Refusal{"malformed_commit", fmt::format("commit {} is malformed: {}", id.text(), why)};
}

/// "Name <email> 1700000000 +0100"; what cannot be read stays empty.
void ReadIdent(std::string_view line, Person& person, TimePoint& time) {
  const std::size_t close = line.rfind('>');
  const std::size_t open = close == std::string_view::npos ? close : line.rfind('<', close);
  if (open == std::string_view::npos) {
    person.name = std::string(Trim(line));
    return;
  }
  person.name = std::string(Trim(line.substr(0, open)));
  person.email = std::string(Trim(line.substr(open + 1, close - open - 1)));
  const std::string_view rest = Trim(line.substr(close + 1));
  long long seconds = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
  // 10,000 years: more would overflow when milliseconds are made of it.
  constexpr long long kMaxSeconds = 253'402'300'799;
  if (code == std::errc() && end != rest.data() && seconds >= -kMaxSeconds &&
      seconds <= kMaxSeconds) {
    time = TimePoint(std::chrono::seconds(seconds));
  }
}

/// The header lines of a commit, one a call; false at the empty line that ends them.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool Next() {
    if (rest_.empty()) {
      return false;
    }
    const std::size_t end = rest_.find('\n');
    const std::size_t taken = end == std::string_view::npos ? rest_.size() : end + 1;
    whole_ = rest_.substr(0, taken);
    line_ = end == std::string_view::npos ? whole_ : whole_.substr(0, end);
    if (line_.empty()) {
      return false;
    }
    rest_.remove_prefix(taken);
    return true;
  }
  /// With its newline.
  [[nodiscard]] std::string_view whole() const { return whole_; }
  [[nodiscard]] std::string_view line() const { return line_; }
  /// From the empty line on, once Next() was false.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::string_view whole_;
  std::string_view line_;
};

bool TakePrefix(std::string_view& line, std::string_view prefix) {
  if (line.substr(0, prefix.size()) != prefix) {
    return false;
  }
  line.remove_prefix(prefix.size());
  return true;
}

/// Mirrors git's parse_signed_commit: gpgsig becomes the signature, every other header that starts
/// with "gpgsig" is left out of the payload too.
struct SignatureSplitter {
  enum class In { kOther, kSignature, kForeign };
  In in = In::kOther;
  std::string signature;
  bool found = false;

  /// False when the line belongs to the payload.
  bool Take(std::string_view whole) {
    std::string_view content = whole;
    if (in == In::kSignature && TakePrefix(content, " ")) {
      signature += content;
      return true;
    }
    if (TakePrefix(content, "gpgsig ")) {
      in = In::kSignature;
      found = true;
      signature += content;
      return true;
    }
    if (whole.substr(0, 6) == "gpgsig" || (in == In::kForeign && whole.substr(0, 1) == " ")) {
      in = In::kForeign;
      return true;
    }
    in = In::kOther;
    return false;
  }
};

}  // namespace

Result<CommitInfo> ParseCommit(const CommitId& id, std::string_view bytes) {
  CommitInfo commit;
  commit.id = id;
  HeaderReader headers(bytes);
  SignatureSplitter splitter;
  bool author_seen = false;
  bool committer_seen = false;
  while (headers.Next()) {
    if (splitter.Take(headers.whole())) {
      continue;
    }
    commit.signed_payload += headers.whole();
    std::string_view line = headers.line();
    if (TakePrefix(line, "tree ")) {
      if (!commit.tree.empty() || !IsObjectId(line)) {
        return Malformed(id, "its tree line is wrong");
      }
      commit.tree = ObjectId(std::string(line));
    } else if (TakePrefix(line, "parent ")) {
      if (!IsObjectId(line)) {
        return Malformed(id, "a parent line is wrong");
      }
      commit.parents.emplace_back(std::string(line));
    } else if (!author_seen && TakePrefix(line, "author ")) {
      author_seen = true;
      ReadIdent(line, commit.author, commit.author_time);
    } else if (!committer_seen && TakePrefix(line, "committer ")) {
      committer_seen = true;
      ReadIdent(line, commit.committer, commit.committer_time);
    }
  }
  if (commit.tree.empty()) {
    return Malformed(id, "it has no tree");
  }
  commit.signed_payload += headers.rest();
  std::string_view message = headers.rest();
  TakePrefix(message, "\n");
  commit.message = std::string(message);
  commit.subject = std::string(Trim(message.substr(0, message.find('\n'))));
  if (splitter.found) {
    commit.signature = std::move(splitter.signature);
  }
  return commit;
}

}  // namespace failgate
