#include "controller/trust/owners_file.h"

#include "controller/base/durable_file.h"
#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxOwnersBytes = std::size_t{1} << 20U;

}  // namespace

Parsed<AllowedSigners> LoadOwners(const std::filesystem::path& file) {
  std::string text;
  try {
    text = ReadFile(file, kMaxOwnersBytes);
  } catch (const Error& error) {
    return Problems{Problem{file.string(), 0, 0, error.what()}};
  }
  Parsed<AllowedSigners> owners = AllowedSigners::Parse(text, file.string());
  if (owners && owners->empty()) {
    return Problems{Problem{file.string(),
                            0,
                            0,
                            "names no owner: write a line PERSON namespaces=\"failgate-policy\" "
                            "KEY for each"}};
  }
  return owners;
}

}  // namespace failgate
