// The one exception of the program: what went wrong in the environment, and what may cure it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace failgate {

/// The only question a catcher asks: may the same call succeed later by itself?
enum class Remedy {
  kRetry,        ///< network, lock, full disk: the same call may succeed later
  kNeedsChange,  ///< configuration, credentials, our bug: somebody must change something first
};

/// Thrown for failures that end the operation. Expected outcomes (a gate says no, a lost push race)
/// are values, see result.h. The text names action and object, never a secret or URL credentials.
class Error : public std::runtime_error {
 public:
  Error(Remedy remedy, const std::string& text) : std::runtime_error(text), remedy_(remedy) {}
  [[nodiscard]] Remedy remedy() const noexcept { return remedy_; }

 private:
  Remedy remedy_;
};

/// Use inside a catch block: rethrows the current exception as an Error whose text reads
/// "while_doing: cause". The remedy of an Error is kept; other exceptions become kNeedsChange,
/// std::bad_alloc and std::system_error become kRetry.
[[noreturn]] void RethrowWithContext(std::string_view while_doing);

/// An Error for errno: "action object: strerror". ENOSPC, EINTR, EAGAIN, EMFILE and the like are
/// kRetry.
[[nodiscard]] Error ErrnoError(std::string_view action, std::string_view object, int error_number);

/// Always-on check of our own invariants; never for input. Throws Error(kNeedsChange).
void Check(bool holds, std::string_view invariant);

}  // namespace failgate
