#include "controller/git/receive_pack.h"

#include <fmt/format.h>

#include <charconv>

#include "controller/git/push_report.h"

namespace failgate {
namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMaxPacketBytes = 65520;
constexpr std::size_t kIdBytes = 40;
/// No "atomic": one ref needs none, and the remote would no longer say that a lock was lost.
constexpr std::string_view kCapabilities = "report-status quiet agent=failgate";

/// Packets ("pkt-lines") of one side, in order.
class PacketReader {
 public:
  explicit PacketReader(std::string_view bytes) : bytes_(bytes) {}

  /// The content without a final newline; nullopt at a flush, at the end, and for what is no
  /// packet.
  std::optional<std::string_view> Next() {
    std::size_t size = 0;
    const char* begin = bytes_.data();
    if (bytes_.size() < kLengthBytes) {
      return Broken();
    }
    const auto [end, error] = std::from_chars(begin, begin + kLengthBytes, size, 16);
    if (error != std::errc() || end != begin + kLengthBytes) {
      return Broken();
    }
    if (size == 0) {
      bytes_.remove_prefix(kLengthBytes);
      return std::nullopt;
    }
    if (size < kLengthBytes || size > kMaxPacketBytes || size > bytes_.size()) {
      return Broken();
    }
    std::string_view content = bytes_.substr(kLengthBytes, size - kLengthBytes);
    bytes_.remove_prefix(size);
    if (!content.empty() && content.back() == '\n') {
      content.remove_suffix(1);
    }
    return content;
  }
  /// A flush ended what was read last.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  std::optional<std::string_view> Broken() {
    whole_ = false;
    bytes_ = {};
    return std::nullopt;
  }

  std::string_view bytes_;
  bool whole_ = true;
};

struct Advertised {
  bool whole = false;
  std::optional<std::string_view> id;  ///< of the ref; absent when it does not exist
};

Advertised ReadAdvertisement(PacketReader& packets, const std::string& ref) {
  Advertised advertised;
  bool first = true;
  while (const auto packet = packets.Next()) {
    const std::string_view line = first ? packet->substr(0, packet->find('\0')) : *packet;
    constexpr std::string_view kShallow = "shallow ";
    if (line.substr(0, kShallow.size()) == kShallow) {
      continue;
    }
    first = false;
    const bool is_ref =
        line.size() > kIdBytes && line[kIdBytes] == ' ' && IsObjectId(line.substr(0, kIdBytes));
    if (!is_ref) {
      return {};  // "ERR …", a version we did not ask for, longer ids
    }
    if (line.substr(kIdBytes + 1) == ref) {
      advertised.id = line.substr(0, kIdBytes);
    }
  }
  advertised.whole = packets.whole() && !first;
  return advertised;
}

struct Report {
  std::string_view unpack;  ///< "ok" or why not
  bool accepted = false;
  std::optional<std::string_view> refused;  ///< the remote's reason
};

Report ReadReport(PacketReader& packets, const std::string& ref) {
  const std::string accepted = "ok " + ref;
  const std::string refused = "ng " + ref + " ";
  constexpr std::string_view kUnpack = "unpack ";
  Report report;
  while (const auto packet = packets.Next()) {
    if (packet->substr(0, kUnpack.size()) == kUnpack) {
      report.unpack = packet->substr(kUnpack.size());
    } else if (*packet == accepted) {
      report.accepted = true;
    } else if (packet->substr(0, refused.size()) == refused) {
      report.refused = packet->substr(refused.size());
    }
  }
  if (!packets.whole()) {
    return {};
  }
  return report;
}

bool IsAboutThePack(const Report& report) {
  return report.unpack != "ok" || report.refused == "missing necessary objects" ||
         report.refused == "bad pack" || report.refused == "bad ref";
}

}  // namespace

std::string ReceivePackRequest(const RefPush& update) {
  const std::string command =
      fmt::format("{} {} {}",
                  update.expected_old ? update.expected_old->text() : std::string(kIdBytes, '0'),
                  update.commit.text(),
                  update.ref) +
      '\0' + std::string(kCapabilities);
  return fmt::format("{:04x}", command.size() + kLengthBytes) + command + "0000";
}

ReceivePackVerdict JudgeReceivePack(std::string_view answer,
                                    const RefPush& update,
                                    const std::string& complaint) {
  PacketReader packets(answer);
  const Advertised advertised = ReadAdvertisement(packets, update.ref);
  if (!advertised.whole) {
    return {};
  }
  const Report report = ReadReport(packets, update.ref);
  if (report.accepted && report.unpack == "ok") {
    return {PushResult{PushOutcome::kPushed, ""}, false};
  }
  if (advertised.id == update.commit.text()) {
    return {PushResult{PushOutcome::kPushed, ""}, false};  // the answer to an earlier push was lost
  }
  const auto expected = update.expected_old
                            ? std::optional<std::string_view>(update.expected_old->text())
                            : std::nullopt;
  if (advertised.id != expected) {
    return {JudgeRef("[rejected] (stale info)", complaint), false};
  }
  if (!report.refused) {
    return {};
  }
  return {JudgeRef(fmt::format("[remote rejected] ({})", *report.refused), complaint),
          IsAboutThePack(report)};
}

}  // namespace failgate
