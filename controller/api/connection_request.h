// Reads one request out of bytes, without any socket: head, admission, body within limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "controller/api/body_budget.h"
#include "controller/api/http_head.h"
#include "controller/api/http_message.h"

namespace failgate {

/// One object a request: ReadHead until kHead, AcceptBody, ReadBody until kDone, TakeRequest. Once
/// a step says kRefused only refusal_status() is meaningful. Not thread-safe.
class RequestReader {
 public:
  struct Limits {
    std::size_t max_head_bytes = 0;
    std::size_t max_chunk_extension_bytes = 0;
    /// Called when a small body finds no room in the budget: true = something was given back, try
    /// again. May be empty.
    std::function<bool()> make_room;
  };
  enum class Step { kNeedMore, kHead, kDone, kRefused };
  struct Progress {
    Step step = Step::kNeedMore;
    std::size_t consumed = 0;  ///< bytes of the argument that need not be shown again
  };

  RequestReader(Limits limits, BodyBudget& budget);
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// Consumes nothing before kHead, then the head alone.
  [[nodiscard]] Progress ReadHead(std::string_view bytes);
  /// Reserves the declared length of a large body, the beginning of a small one (BodyBudget).
  /// kDone: no body to read. Refusals: 413, 503.
  [[nodiscard]] Step AcceptBody(std::uint64_t max_body_bytes);
  /// Refusals: 400, 413 (body or chunk line too long), 503 (budget).
  [[nodiscard]] Progress ReadBody(std::string_view bytes);

  [[nodiscard]] int refusal_status() const;
  [[nodiscard]] ParsedHead& head();
  /// A body follows the head: after a refusal the connection cannot be used again.
  [[nodiscard]] bool has_body() const;
  /// Of kDone. The reservation stays with the reader.
  [[nodiscard]] HttpRequest TakeRequest();

 private:
  struct State;
  [[nodiscard]] bool Reserve(std::size_t bytes);
  [[nodiscard]] bool GrowBy(std::size_t more);
  [[nodiscard]] Progress Refuse(int status);
  std::unique_ptr<State> state_;
};

}  // namespace failgate
