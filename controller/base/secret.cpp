#include "controller/base/secret.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/guarded.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kShortestSecret = 6;
constexpr std::size_t kShortestLine = 16;
constexpr std::string_view kMask = "***";

/// Longest first, so that no part of a longer one stays behind.
using Forms = std::vector<std::string>;

/// Never destroyed: threads may log while the program ends.
Guarded<Forms>& RememberedForms() {
  static auto* const forms = new Guarded<Forms>();
  return *forms;
}

std::string PercentEncode(std::string_view text, std::string_view digits) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char character : text) {
    if (kUnreserved.find(character) != std::string_view::npos) {
      encoded += character;
    } else {
      const auto byte = static_cast<unsigned char>(character);
      encoded += '%';
      encoded += digits[byte >> 4U];
      encoded += digits[byte & 15U];
    }
  }
  return encoded;
}

/// What base64 shows of `secret` when it stands `shift` bytes after a group of three starts, as the
/// token in "Authorization: Basic base64(user:token)" does.
template <typename Encode>
std::string Base64Inside(std::string_view secret, std::size_t shift, Encode encode) {
  std::string encoded = encode(std::string(shift, '\0').append(secret));
  const std::size_t whole = (shift + secret.size()) * 8 / 6;
  const std::size_t first = (shift * 8 + 5) / 6;
  return encoded.substr(first, whole - first);
}

void AddForms(std::string_view secret, Forms& forms) {
  forms.emplace_back(secret);
  forms.push_back(PercentEncode(secret, "0123456789ABCDEF"));
  forms.push_back(PercentEncode(secret, "0123456789abcdef"));
  forms.push_back(Base64Encode(secret));
  forms.push_back(Base64UrlEncode(secret));
  for (std::size_t shift = 0; shift < 3; ++shift) {
    forms.push_back(Base64Inside(secret, shift, Base64Encode));
    forms.push_back(Base64Inside(secret, shift, Base64UrlEncode));
  }
}

void ReplaceAll(std::string& text, const std::string& what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), kMask);
    at += kMask.size();
  }
}

bool SchemeIsSsh(std::string_view text_before) {
  constexpr std::string_view kSsh = "ssh";
  return text_before.size() >= kSsh.size() &&
         ToLower(text_before.substr(text_before.size() - kSsh.size())) == kSsh;
}

/// "scheme://user:password@" and "scheme://token@". The user of ssh:// without a password is no
/// secret.
std::string MaskUrlCredentials(std::string_view text) {
  constexpr std::string_view kMark = "://";
  std::string masked;
  std::size_t done = 0;
  for (std::size_t mark = text.find(kMark); mark != std::string_view::npos;
       mark = text.find(kMark, mark + kMark.size())) {
    const std::size_t begin = mark + kMark.size();
    const std::size_t end = std::min(text.find_first_of("/?#\"'<>` \t\r\n", begin), text.size());
    const std::string_view authority = text.substr(begin, end - begin);
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos || at == 0) {
      continue;
    }
    const bool password = authority.substr(0, at).find(':') != std::string_view::npos;
    if (password || !SchemeIsSsh(text.substr(0, mark))) {
      masked.append(text.substr(done, begin - done)).append(kMask);
      done = begin + at;
    }
  }
  return masked.append(text.substr(done));
}

}  // namespace

void RegisterSecret(const Secret& secret) {
  Forms added;
  const std::string_view value = Trim(secret.Reveal());
  if (value.size() >= kShortestSecret) {
    AddForms(secret.Reveal(), added);
    AddForms(value, added);
    // Tools print keys line by line; the "-----BEGIN" lines say nothing.
    for (const std::string& line : Split(value, '\n')) {
      if (line.size() >= kShortestLine && line.rfind("-----", 0) != 0) {
        added.emplace_back(Trim(line));
      }
    }
  }
  auto forms = RememberedForms().Lock();
  for (std::string& form : added) {
    if (form.size() >= kShortestSecret &&
        std::find(forms->begin(), forms->end(), form) == forms->end()) {
      forms->push_back(std::move(form));
    }
  }
  std::stable_sort(forms->begin(), forms->end(), [](const std::string& a, const std::string& b) {
    return a.size() > b.size();
  });
}

std::string Redact(std::string_view text) {
  std::string redacted(text);
  {
    auto forms = RememberedForms().Lock();
    for (const std::string& form : *forms) {
      ReplaceAll(redacted, form);
    }
  }
  return MaskUrlCredentials(redacted);
}

}  // namespace failgate
