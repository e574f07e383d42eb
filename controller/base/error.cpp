#include "controller/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include "controller/base/result.h"

namespace failgate {

void RethrowWithContext(std::string_view while_doing) {
  try {
    throw;
  } catch (const Error& error) {
    throw Error(error.remedy(), fmt::format("{}: {}", while_doing, error.what()));
  } catch (const std::system_error& error) {
    throw Error(Remedy::kRetry, fmt::format("{}: {}", while_doing, error.what()));
  } catch (const std::bad_alloc&) {
    throw Error(Remedy::kRetry, fmt::format("{}: out of memory", while_doing));
  } catch (const std::exception& error) {
    throw Error(Remedy::kNeedsChange, fmt::format("{}: {}", while_doing, error.what()));
  }
}

Error ErrnoError(std::string_view action, std::string_view object, int error_number) {
  const bool passing = error_number == ENOSPC || error_number == EINTR || error_number == EAGAIN ||
                       error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM ||
                       error_number == EIO || error_number == EBUSY || error_number == EDQUOT;
  return Error(passing ? Remedy::kRetry : Remedy::kNeedsChange,
               fmt::format("{} {}: {}", action, object, std::strerror(error_number)));
}

void Check(bool holds, std::string_view invariant) {
  if (!holds) {
    throw Error(Remedy::kNeedsChange, fmt::format("internal check failed: {}", invariant));
  }
}

std::string Describe(const Problem& problem) {
  if (problem.line <= 0) {
    return fmt::format("{}: {}", problem.file, problem.text);
  }
  return fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.text);
}

std::string Describe(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "\n") + Describe(problem);
  }
  return text;
}

}  // namespace failgate
