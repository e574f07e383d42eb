// Any bytes as what DVC writes: a .dvc file, a dvc.lock, or the listing of a folder, as the first
// byte says.
#include <algorithm>
#include <set>
#include <string>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/data/dvc_file.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

bool IsMd5(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void RequireRefusal(const Refusal& refusal) {
  Require(refusal.code == "invalid_dvc" && !refusal.text.empty());
  Require(EscapeControls(refusal.text) == refusal.text);
}

/// No path leaves the source, and every output has a digest of its own.
void FuzzFile(std::string_view bytes, const std::string& path) {
  const Result<std::vector<DvcOut>> outs = ParseDvcFile(bytes, path);
  if (!outs) {
    return RequireRefusal(outs.error());
  }
  for (const DvcOut& out : *outs) {
    Require(IsSafeRelativePath(out.path) && IsMd5(out.md5));
    Require(out.from_stage == (path == "x/dvc.lock"));
    Require(!out.size || *out.size >= 0);
    Require(DigestText(out) == "md5:" + out.md5 + (out.is_folder ? ".dir" : ""));
  }
  const Result<std::vector<DvcOut>> again = ParseDvcFile(bytes, path);
  Require(again.has_value() && *again == *outs);
}

void FuzzListing(std::string_view bytes) {
  const Result<std::vector<DvcEntry>> entries = ParseDvcListing(bytes);
  if (!entries) {
    return RequireRefusal(entries.error());
  }
  std::set<std::string> seen;
  for (const DvcEntry& entry : *entries) {
    Require(IsSafeRelativePath(entry.path) && IsMd5(entry.md5));
    Require(seen.insert(entry.path).second);
  }
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes = failgate::TextOf(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      failgate::FuzzFile(bytes, "x/rows.csv.dvc");
      break;
    case 1:
      failgate::FuzzFile(bytes, "x/dvc.lock");
      break;
    default:
      failgate::FuzzListing(bytes);
  }
  return 0;
}
