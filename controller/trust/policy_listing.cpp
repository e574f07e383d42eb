#include "controller/trust/policy_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/git/tree_mode.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFiles = 100'000;
constexpr std::size_t kShownPath = 200;
constexpr std::string_view kFolder = "environments";
constexpr std::string_view kSignersFiles[] = {"people_signers", "allowed_signers"};

bool HoldsControls(std::string_view path) {
  return std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20U || c == '\x7f';
  });
}

std::map<std::string, std::pair<ObjectId, TreeEntryKind>> ByPath(const PolicyListing& listing) {
  std::map<std::string, std::pair<ObjectId, TreeEntryKind>> files;
  for (const TreeEntry& entry : listing.entries) {
    files[entry.name] = {entry.id, entry.kind};
  }
  return files;
}

}  // namespace

bool IsPolicyPath(std::string_view path) {
  const std::string_view top = path.substr(0, path.find('/'));
  return top == kFolder || std::find(std::begin(kSignersFiles), std::end(kSignersFiles), top) !=
                               std::end(kSignersFiles);
}

PolicyListing ListPolicy(std::vector<TreeEntry> entries) {
  PolicyListing listing;
  std::vector<std::pair<std::string, TreeEntry>> lines;
  for (TreeEntry& entry : entries) {
    if (!IsPolicyPath(entry.name)) {
      continue;
    }
    if (listing.problem.empty() && HoldsControls(entry.name)) {
      listing.problem = fmt::format("the name {} holds a control character: rename the file",
                                    OneLine(entry.name, kShownPath));
    }
    std::string line =
        fmt::format("{} {} {}\n", entry.id.text(), TreeModeOf(entry.kind), entry.name);
    lines.emplace_back(std::move(line), std::move(entry));
  }
  std::sort(
      lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  listing.text = std::string(kPolicyListingHead);
  for (auto& line : lines) {
    listing.text += line.first;
    listing.entries.push_back(std::move(line.second));
  }
  listing.digest = "sha256:" + Sha256Hex(listing.text);
  return listing;
}

PolicyListing ListPolicyAt(const Repository& repository, const CommitId& commit) {
  std::vector<TreeEntry> entries;
  for (TreeEntry& entry : repository.ListFolder(commit, "")) {
    if (!IsPolicyPath(entry.name)) {
      continue;
    }
    if (entry.kind != TreeEntryKind::kFolder) {
      entries.push_back(std::move(entry));
      continue;
    }
    for (TreeEntry& file : repository.FindFiles(commit, entry.name, kMaxFiles)) {
      entries.push_back(std::move(file));
    }
  }
  return ListPolicy(std::move(entries));
}

std::string PolicyContentKey(const Repository& repository, const CommitId& commit) {
  std::string key;
  for (const TreeEntry& entry : repository.ListFolder(commit, "")) {
    if (IsPolicyPath(entry.name) || entry.name == kPolicySignatureFile) {
      key += fmt::format("{} {} {}\n", entry.name, TreeModeOf(entry.kind), entry.id.text());
    }
  }
  return key;
}

std::vector<std::string> PolicyChanges(const PolicyListing& from, const PolicyListing& to) {
  const auto before = ByPath(from);
  const auto after = ByPath(to);
  std::map<std::string, std::string> changes;
  for (const auto& file : after) {
    const auto known = before.find(file.first);
    if (known == before.end()) {
      changes[file.first] = "added";
    } else if (known->second != file.second) {
      changes[file.first] = "changed";
    }
  }
  for (const auto& file : before) {
    if (after.count(file.first) == 0) {
      changes[file.first] = "removed";
    }
  }
  std::vector<std::string> lines;
  for (const auto& change : changes) {
    lines.push_back(change.second + " " + change.first);
  }
  return lines;
}

}  // namespace failgate
