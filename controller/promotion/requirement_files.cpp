#include "controller/promotion/requirement_files.h"

#include <fmt/format.h>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "policies/requirements_facts.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFiles = 20;
constexpr std::size_t kMaxProblems = 100;

/// Import → distribution, where they differ.
const std::map<std::string, std::string, std::less<>>& WellKnown() {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"Crypto", "pycryptodome"},
      {"MySQLdb", "mysqlclient"},
      {"OpenSSL", "pyopenssl"},
      {"PIL", "pillow"},
      {"attr", "attrs"},
      {"bs4", "beautifulsoup4"},
      {"cv2", "opencv-python"},
      {"dateutil", "python-dateutil"},
      {"docx", "python-docx"},
      {"dotenv", "python-dotenv"},
      {"fitz", "pymupdf"},
      {"git", "gitpython"},
      {"google.protobuf", "protobuf"},
      {"jose", "python-jose"},
      {"jwt", "pyjwt"},
      {"magic", "python-magic"},
      {"mpl_toolkits", "matplotlib"},
      {"multipart", "python-multipart"},
      {"osgeo", "gdal"},
      {"pkg_resources", "setuptools"},
      {"psycopg2", "psycopg2-binary"},
      {"serial", "pyserial"},
      {"skimage", "scikit-image"},
      {"sklearn", "scikit-learn"},
      {"slugify", "python-slugify"},
      {"umap", "umap-learn"},
      {"usb", "pyusb"},
      {"yaml", "pyyaml"},
      {"zmq", "pyzmq"}};
  return kNames;
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// The name at the front of a requirement; empty when there is none that ends as one may.
std::string NameOf(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() &&
         (IsAlphanumeric(line[end]) || line[end] == '-' || line[end] == '_' || line[end] == '.')) {
    ++end;
  }
  const std::string_view name = line.substr(0, end);
  const std::string_view rest = Trim(line.substr(end));
  const bool whole = !name.empty() && IsAlphanumeric(name.front()) && IsAlphanumeric(name.back());
  const bool ends = rest.empty() || rest.substr(0, 2) == "--" ||
                    std::string_view("[<>=!~;@(,").find(rest.front()) != std::string_view::npos;
  return whole && ends ? NormalisedDistribution(name) : std::string();
}

/// Without a comment; '#' inside a word (an address) is none.
std::string_view WithoutComment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return Trim(line.substr(0, at));
  }
  return Trim(line);
}

/// The argument of an option in any of its forms; nullopt: another option.
std::optional<std::string> Argument(std::string_view line,
                                    std::string_view short_form,
                                    std::string_view long_form) {
  for (const std::string_view form : {long_form, short_form}) {
    if (line.substr(0, form.size()) != form) continue;
    std::string_view rest = line.substr(form.size());
    const bool parted = rest.empty() || rest.front() == ' ' || rest.front() == '=' ||
                        rest.front() == '\t' || form == short_form;
    if (!parted) continue;
    if (!rest.empty() && rest.front() == '=') rest.remove_prefix(1);
    return std::string(Trim(rest));
  }
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(const std::function<std::optional<std::string>(const std::string&)>& read)
      : read_(read) {}

  Requirements Take(const std::string& file) {
    Read(file, file);
    return std::move(found_);
  }

 private:
  void Add(const std::string& where, const std::string& what) {
    if (found_.problems.size() < kMaxProblems) found_.problems.push_back({where, what});
  }

  void Read(const std::string& file, const std::string& where) {
    if (!seen_.insert(file).second) return;
    if (seen_.size() > kMaxFiles) return Add(where, "it includes too many files");
    const auto text = IsSafeRelativePath(file) ? read_(file) : std::nullopt;
    if (!text || !IsUtf8(*text))
      return Add(where, fmt::format("{} cannot be read", OneLine(file, 120)));
    std::string joined;
    int number = 0;
    for (std::string line : Split(*text, '\n')) {
      ++number;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const bool goes_on = !line.empty() && line.back() == '\\';
      if (goes_on) line.pop_back();
      joined += line;
      if (goes_on) continue;
      TakeLine(file, WithoutComment(joined), fmt::format("{}:{}", file, number));
      joined.clear();
    }
    if (!joined.empty()) TakeLine(file, WithoutComment(joined), fmt::format("{}:{}", file, number));
  }

  void TakeLine(const std::string& file, std::string_view line, const std::string& where) {
    if (line.empty()) return;
    if (line.front() == '-') return TakeOption(file, line, where);
    const std::string name = NameOf(line);
    if (name.empty()) {
      return Add(where, fmt::format("\"{}\" names no distribution", OneLine(line, 80)));
    }
    found_.distributions.insert(name);
  }

  void TakeOption(const std::string& file, std::string_view line, const std::string& where) {
    if (const auto included = Argument(line, "-r", "--requirement")) {
      const std::size_t slash = file.rfind('/');
      return Read(Resolved(slash == std::string::npos ? "" : file.substr(0, slash), *included),
                  where);
    }
    const auto editable = Argument(line, "-e", "--editable");
    if (!editable) return;  // -c, --hash, --index-url …: they offer nothing
    const std::size_t egg = editable->find("#egg=");
    const std::string name = egg == std::string::npos
                                 ? std::string()
                                 : NameOf(std::string_view(*editable).substr(egg + 5));
    if (name.empty()) return Add(where, "an editable without #egg=NAME names no distribution");
    found_.distributions.insert(name);
  }

  /// "a/b" and "../c.txt" → "a/c.txt"; what leaves the source stays as it is and is refused.
  static std::string Resolved(std::string folder, std::string path) {
    while (path.compare(0, 3, "../") == 0 && !folder.empty()) {
      const std::size_t slash = folder.rfind('/');
      folder = slash == std::string::npos ? "" : folder.substr(0, slash);
      path = path.substr(3);
    }
    while (path.compare(0, 2, "./") == 0) path = path.substr(2);
    return folder.empty() ? path : folder + "/" + path;
  }

  const std::function<std::optional<std::string>(const std::string&)>& read_;
  Requirements found_;
  std::set<std::string> seen_;
};

}  // namespace

Requirements ReadRequirements(
    const std::string& file,
    const std::function<std::optional<std::string>(const std::string&)>& read) {
  return Reader(read).Take(file);
}

bool Provides(const std::set<std::string>& distributions,
              const std::map<std::string, std::string>& names,
              const std::string& import) {
  for (std::size_t end = import.find('.'); true; end = import.find('.', end + 1)) {
    const std::string prefix = import.substr(0, end);
    if (const auto named = names.find(prefix); named != names.end()) {
      return distributions.count(NormalisedDistribution(named->second)) > 0;
    }
    const auto known = WellKnown().find(prefix);
    if ((known != WellKnown().end() && distributions.count(known->second) > 0) ||
        distributions.count(NormalisedDistribution(prefix)) > 0) {
      return true;
    }
    if (end == std::string::npos) return false;
  }
}

}  // namespace failgate
