#include "controller/git/allowed_signers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "controller/base/digest.h"
#include "controller/base/text.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::array<std::string_view, 7> kKeyTypes = {"ssh-ed25519",
                                                       "ssh-rsa",
                                                       "ecdsa-sha2-nistp256",
                                                       "ecdsa-sha2-nistp384",
                                                       "ecdsa-sha2-nistp521",
                                                       "sk-ssh-ed25519@openssh.com",
                                                       "sk-ecdsa-sha2-nistp256@openssh.com"};

bool IsKeyType(std::string_view word) {
  return std::find(kKeyTypes.begin(), kKeyTypes.end(), word) != kKeyTypes.end();
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

/// The next word; blanks inside double quotes belong to it, and '\"' is a quote inside quotes.
std::optional<std::string> TakeWord(std::string_view& rest) {
  while (!rest.empty() && IsBlank(rest.front())) {
    rest.remove_prefix(1);
  }
  std::string word;
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (quoted || !IsBlank(rest[i])); ++i) {
    if (quoted && rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') {
      word += rest[i++];
    } else if (rest[i] == '"') {
      quoted = !quoted;
    }
    word += rest[i];
  }
  if (quoted || word.empty()) {
    return std::nullopt;
  }
  rest.remove_prefix(i);
  return word;
}

/// "name=\"value\"" without its quotes; nullopt when they are wrong.
std::optional<std::string> Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return std::nullopt;
  }
  std::string value;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      return std::nullopt;
    }
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') {
      ++i;
    }
    value += text[i];
  }
  return value;
}

/// Commas inside quotes do not separate.
std::vector<std::string> SplitOptions(std::string_view text) {
  std::vector<std::string> options(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') {
      options.back() += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      options.emplace_back();
      continue;
    }
    options.back() += text[i];
  }
  return options;
}

/// YYYYMMDD or YYYYMMDDHHMM[SS], with or without Z.
std::optional<TimePoint> ParseSshTime(std::string_view text) {
  if (!text.empty() && (text.back() == 'Z' || text.back() == 'z')) {
    text.remove_suffix(1);
  }
  if (text.size() != 8 && text.size() != 12 && text.size() != 14) {
    return std::nullopt;
  }
  const auto field = [text](std::size_t begin, std::size_t size) {
    return begin < text.size() ? text.substr(begin, size) : std::string_view("00");
  };
  if (text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return ParseTime(fmt::format("{}-{}-{}T{}:{}:{}Z",
                               field(0, 4),
                               field(4, 2),
                               field(6, 2),
                               field(8, 2),
                               field(10, 2),
                               field(12, 2)));
}

/// What is wrong with the option; nullopt when it was taken.
std::optional<std::string> TakeOption(const std::string& option, AllowedSigner& signer) {
  const std::size_t equals = option.find('=');
  const std::string name = ToLower(option.substr(0, equals));
  if (name == "cert-authority") {
    return "cert-authority is not supported: list each person's own key";
  }
  if (name != "namespaces" && name != "valid-after" && name != "valid-before") {
    return fmt::format("unknown option \"{}\": namespaces, valid-after and valid-before are known",
                       OneLine(name, 60));
  }
  const std::optional<std::string> value =
      equals == std::string::npos ? std::nullopt : Unquote(option.substr(equals + 1));
  if (!value || value->empty()) {
    return fmt::format("{} needs a value in double quotes", name);
  }
  if (name == "namespaces") {
    if (signer.namespaces) {
      return "namespaces is given twice";
    }
    signer.namespaces = *value;
    return std::nullopt;
  }
  std::optional<TimePoint>& bound =
      name == "valid-after" ? signer.valid_after : signer.valid_before;
  if (bound) {
    return fmt::format("{} is given twice", name);
  }
  bound = ParseSshTime(*value);
  if (!bound) {
    return fmt::format("{} must be YYYYMMDD or YYYYMMDDHHMM[SS], with a final Z for UTC", name);
  }
  return std::nullopt;
}

std::optional<std::string> TakeKey(const std::string& type,
                                   std::string_view& rest,
                                   AllowedSigner& signer) {
  const std::optional<std::string> base64 = TakeWord(rest);
  const std::optional<std::string> blob = base64 ? Base64Decode(*base64) : std::nullopt;
  if (!blob || SshReader(*blob).Text() != std::string_view(type)) {
    return "the key is damaged: copy the line of the .pub file again";
  }
  signer.key_type = type;
  signer.public_blob = *blob;
  if (type != "ssh-ed25519") {
    return std::nullopt;
  }
  SshReader reader(*blob);
  const auto ignored_type = reader.Text();
  const auto key = reader.Text();
  if (!ignored_type || !key || key->size() != 32 || !reader.AtEnd()) {
    return "the key is damaged: copy the line of the .pub file again";
  }
  return std::nullopt;
}

std::optional<std::string> TakeLine(std::string_view line, AllowedSigner& signer) {
  const std::optional<std::string> principals = TakeWord(line);
  if (!principals) {
    return "the principals cannot be read: is a quote missing?";
  }
  std::string list = *principals;
  if (list.front() == '"') {
    list = Unquote(list).value_or("");
  }
  signer.principals = Split(list, ',');
  if (std::any_of(signer.principals.begin(), signer.principals.end(), [](const std::string& p) {
        return p.empty();
      })) {
    return "a principal is empty";
  }
  std::optional<std::string> word = TakeWord(line);
  if (word && !IsKeyType(*word)) {
    const std::string_view after = Trim(line);
    if (after.empty() || word->find("-cert-") != std::string::npos) {
      return fmt::format("\"{}\" is no key type that is known", OneLine(*word, 60));
    }
    for (const std::string& option : SplitOptions(*word)) {
      if (auto problem = TakeOption(option, signer)) {
        return problem;
      }
    }
    word = TakeWord(line);
  }
  if (!word || !IsKeyType(*word)) {
    return "a line is: principals [options] key-type key [comment]";
  }
  return TakeKey(*word, line, signer);
}

/// '*' and '?' only; linear in text times pattern.
bool MatchesPattern(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool MatchesPatternList(std::string_view text, std::string_view patterns) {
  bool matched = false;
  for (const std::string& pattern : Split(patterns, ',')) {
    const bool negated = !pattern.empty() && pattern.front() == '!';
    if (MatchesPattern(text, std::string_view(pattern).substr(negated ? 1 : 0))) {
      if (negated) {
        return false;
      }
      matched = true;
    }
  }
  return matched;
}

Parsed<AllowedSigners> AllowedSigners::Parse(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) {
    return Problems{{file, 0, 0, "the file is larger than 1 MiB"}};
  }
  AllowedSigners allowed;
  Problems problems;
  int number = 0;
  for (const std::string& raw : Split(text, '\n')) {
    ++number;
    const std::string_view line = Trim(raw);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    AllowedSigner signer;
    if (const auto problem = TakeLine(line, signer)) {
      const auto column = static_cast<int>(line.data() - raw.data()) + 1;
      problems.push_back({file, number, column, *problem});
    } else {
      signer.line = number;
      allowed.signers_.push_back(std::move(signer));
    }
  }
  if (!problems.empty()) {
    return problems;
  }
  return allowed;
}

std::vector<const AllowedSigner*> AllowedSigners::Find(std::string_view public_blob) const {
  std::vector<const AllowedSigner*> found;
  for (const AllowedSigner& signer : signers_) {
    if (signer.public_blob == public_blob) {
      found.push_back(&signer);
    }
  }
  return found;
}

}  // namespace failgate
