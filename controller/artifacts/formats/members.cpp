#include "controller/artifacts/formats/members.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "controller/artifacts/file_format.h"
#include "controller/artifacts/formats/unpacked.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr int kMaxDepth = 2;
constexpr std::size_t kShownName = 80;

bool IsSafeName(std::string name) {
  while (!name.empty() && name.back() == '/') name.pop_back();
  if (name.rfind("./", 0) == 0) name.erase(0, 2);
  return name.empty() || name == "." ||
         (name.find('\\') == std::string::npos && IsSafeRelativePath(name));
}

}  // namespace

void MemberSafety::Note(LoadSafety safety, std::string why) {
  if (safety == LoadSafety::kData || safety_ == LoadSafety::kCode ||
      (safety_ == LoadSafety::kUnknown && safety == LoadSafety::kUnknown)) {
    return;
  }
  safety_ = safety;
  why_ = std::move(why);
}

bool MemberSafety::AddUnknown(const std::string& name, const std::string& why) {
  ++members_;
  Note(LoadSafety::kUnknown, fmt::format("{} in it {}", OneLine(name, kShownName), why));
  return members_ < kMaxMembers;
}

bool MemberSafety::Add(const std::string& name, const std::string& bytes) {
  bytes_ += static_cast<long long>(bytes.size());
  if (members_ >= kMaxMembers || bytes_ > kMaxBytes) {
    Note(LoadSafety::kUnknown, "it holds more than is looked at");
    return false;
  }
  if (depth_ >= kMaxDepth) return AddUnknown(name, "lies too deep");
  ++members_;
  const RecognisedFormat found = RecogniseFormat(MemoryBytes(bytes), depth_ + 1);
  Note(found.safety,
       fmt::format("{} in it is {}{}",
                   OneLine(name, kShownName),
                   found.format,
                   found.why.empty() ? "" : ", " + found.why));
  return safety_ != LoadSafety::kCode;
}

RecognisedFormat MemberSafety::Result(const std::string& format) const {
  // An empty archive says nothing of what it is for.
  if (members_ == 0) return {format, LoadSafety::kUnknown, "it holds no file"};
  return {format, safety_, OneLine(why_, 200)};
}

RecognisedFormat RecogniseTar(const ByteSource& source, int depth) {
  MemberSafety members(depth);
  std::set<std::string> names;
  std::string fault;
  long long unpacked = 0;
  std::string damage = WalkTar(source, MemberSafety::kMaxMember, [&](const TarMember& member) {
    if (!IsSafeName(member.name)) {
      fault = "a name in it leaves the folder";
    } else if (!member.folder && !names.insert(member.name).second) {
      fault = "a name is in it twice";
    }
    if (!fault.empty()) return false;
    unpacked += member.size;
    if (member.folder) return true;
    if (!member.file) return members.AddUnknown(member.name, "is a link or a device");
    if (member.size > MemberSafety::kMaxMember) {
      return members.AddUnknown(member.name, "is larger than is looked at");
    }
    return members.Add(member.name, member.bytes);
  });
  if (!fault.empty()) damage = std::move(fault);
  if (!damage.empty()) return {"damaged", LoadSafety::kUnknown, "tar: " + damage};
  RecognisedFormat found = members.Result("tar");
  found.unpacked = unpacked;
  return found;
}

}  // namespace failgate
