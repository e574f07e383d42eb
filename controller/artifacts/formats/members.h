// What lies in an archive, judged by its own bytes: an archive is as safe as what is in it.
#pragma once

#include <string>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// The safety of an archive as its members come in: kData while all of them are data, then what the
/// worst is. Members in members are looked at to a depth of two.
class MemberSafety {
 public:
  /// At most so many members, and bytes of them together, are looked at.
  static constexpr std::size_t kMaxMembers = 1000;
  static constexpr long long kMaxBytes = 64LL << 20U;
  /// Of one member.
  static constexpr long long kMaxMember = 16LL << 20U;

  /// `depth`: how often bytes were taken out of an archive already.
  explicit MemberSafety(int depth) : depth_(depth) {}
  /// Judges one member. False: enough was seen.
  bool Add(const std::string& name, const std::string& bytes);
  /// One that cannot be looked at.
  bool AddUnknown(const std::string& name, const std::string& why);
  [[nodiscard]] bool empty() const { return members_ == 0; }
  /// `format` with the safety of its members, and why.
  [[nodiscard]] RecognisedFormat Result(const std::string& format) const;

 private:
  void Note(LoadSafety safety, std::string why);
  int depth_;
  std::size_t members_ = 0;
  long long bytes_ = 0;
  LoadSafety safety_ = LoadSafety::kData;
  std::string why_;
};

/// For bytes that begin as a tar archive.
[[nodiscard]] RecognisedFormat RecogniseTar(const ByteSource& source, int depth);

}  // namespace failgate
