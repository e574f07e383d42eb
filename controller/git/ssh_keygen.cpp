#include "controller/git/ssh_keygen.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/git/ssh_wire.h"

namespace failgate {
namespace {

constexpr Milliseconds kTimeout{20'000};
constexpr std::size_t kMaxRemembered = 10'000;
constexpr int kSignersInChild = 3;
constexpr int kSignatureInChild = 4;
/// The one principal of the list that ssh-keygen is given.
constexpr const char* kSigner = "signer";

/// A file without a name: the child reads it through its own descriptor.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("failgate", MFD_CLOEXEC)) {
    if (descriptor_ < 0) {
      throw ErrnoError("making", "a file in memory", errno);
    }
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) {
        const int error = errno;
        close(descriptor_);
        throw ErrnoError("writing", "a file in memory", error);
      }
      bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

bool SshKeygen::Ask(const std::string& armored,
                    std::string_view payload,
                    const std::string& name_space,
                    const std::string& public_blob) {
  // Whose key it is, for what and when it is valid is judged by our own reader of the list: here
  // there is one key, for anything, at any time.
  const std::string type(SshReader(public_blob).Text().value_or(""));
  const MemoryFile signers(fmt::format("{} {} {}\n", kSigner, type, Base64Encode(public_blob)));
  const MemoryFile signature(armored);
  ProcessSpec spec;
  spec.argv = {"ssh-keygen",
               "-Y",
               "verify",
               "-f",
               fmt::format("/proc/self/fd/{}", kSignersInChild),
               "-I",
               kSigner,
               "-n",
               name_space,
               "-s",
               fmt::format("/proc/self/fd/{}", kSignatureInChild)};
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LC_ALL", "C"}};
  spec.stdin_text = std::string(payload);
  spec.pass_fds = {{signers.descriptor(), kSignersInChild},
                   {signature.descriptor(), kSignatureInChild}};
  spec.timeout = kTimeout;
  ++started_;
  const ProcessResult result = runner_.Run(spec);
  if (result.timed_out || result.cancelled || result.signal != 0) {
    throw Error(
        Remedy::kRetry,
        fmt::format("checking a signature with ssh-keygen: {}", DescribeEnd(result, kTimeout)));
  }
  if (result.stderr_text.find("No user exists for uid") != std::string::npos) {
    throw Error(Remedy::kNeedsChange,
                "checking a signature with ssh-keygen: the controller's user has no entry in the "
                "user database, add one to /etc/passwd");
  }
  return result.Succeeded();
}

bool SshKeygen::Proves(const std::string& armored,
                       std::string_view payload,
                       const std::string& name_space,
                       const std::string& public_blob) {
  const std::string question =
      Sha256Raw(SshText(armored) + SshText(payload) + SshText(name_space) + SshText(public_blob));
  const auto known = known_.find(question);
  if (known != known_.end()) {
    return known->second;
  }
  const bool answer = Ask(armored, payload, name_space, public_blob);
  if (known_.size() >= kMaxRemembered) {
    known_.clear();
  }
  known_.emplace(question, answer);
  return answer;
}

}  // namespace failgate
