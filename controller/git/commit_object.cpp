#include "controller/git/commit_object.h"

#include <fmt/format.h>

#include <chrono>

#include "controller/base/error.h"

namespace failgate {
namespace {

/// What git's ident.c drops inside and strips from both ends of a name.
std::string CleanIdent(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (c != '<' && c != '>' && c != '\n' && c != '\0') {
      kept += c;
    }
  }
  const auto is_crud = [](char c) {
    return static_cast<unsigned char>(c) <= 32 ||
           std::string_view(".,:;<>\"\\'").find(c) != std::string_view::npos;
  };
  while (!kept.empty() && is_crud(kept.back())) {
    kept.pop_back();
  }
  std::size_t begin = 0;
  while (begin < kept.size() && is_crud(kept[begin])) {
    ++begin;
  }
  return kept.substr(begin);
}

std::string FormatIdent(std::string_view role, const Person& person, TimePoint time) {
  const std::string email = CleanIdent(person.email);
  std::string name = CleanIdent(person.name);
  if (name.empty()) {
    name = email.substr(0, email.find('@'));
  }
  if (name.empty()) {
    throw Error(Remedy::kNeedsChange, fmt::format("writing a commit: its {} has no name", role));
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  if (seconds < 0) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("writing a commit: its {} date is before 1970", role));
  }
  return fmt::format("{} {} <{}> {} +0000\n", role, name, email, seconds);
}

/// Header continuation: every line after the first starts with a blank.
std::string SignatureHeader(std::string_view armored) {
  std::string header = "gpgsig ";
  for (std::size_t i = 0; i < armored.size(); ++i) {
    header += armored[i];
    if (armored[i] == '\n' && i + 1 < armored.size()) {
      header += ' ';
    }
  }
  return header;
}

}  // namespace

std::string FormatCommit(const CommitDraft& draft,
                         const ObjectId& tree,
                         const std::optional<CommitId>& parent,
                         const SigningKey* key) {
  if (draft.message.find('\0') != std::string::npos) {
    throw Error(Remedy::kNeedsChange, "writing a commit: its message holds NUL");
  }
  std::string headers = "tree " + tree.text() + "\n";
  if (parent) {
    headers += "parent " + parent->text() + "\n";
  }
  headers += FormatIdent("author", draft.author, draft.author_time);
  headers += FormatIdent("committer", draft.committer, draft.committer_time);
  std::string body = "\n" + draft.message;
  if (body.back() != '\n') {
    body += '\n';
  }
  if (key != nullptr) {
    return headers + SignatureHeader(key->Sign(headers + body, kGitNamespace)) + body;
  }
  return headers + body;
}

}  // namespace failgate
