// A value or the reason why there is none: for failures that are part of normal life.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/base/error.h"

namespace failgate {

/// Why something was refused: `code` for programs (snake_case), `text` one sentence that says what
/// to do.
struct Refusal {
  std::string code;
  std::string text;
  bool operator==(const Refusal&) const = default;
};

/// One fault of a file a person wrote. line and column count from 1; 0 = the file as a whole.
struct Problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text;
  bool operator==(const Problem&) const = default;
};
using Problems = std::vector<Problem>;

/// "file:line:column: text", or "file: text" for the file as a whole.
[[nodiscard]] std::string Describe(const Problem& problem);
/// All of them, one a line.
[[nodiscard]] std::string Describe(const Problems& problems);

/// std::expected's member names over a variant; asking for the absent side throws Error (our bug).
template <typename T, typename E = Refusal>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(E error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const T& value() const& { return Get(); }
  [[nodiscard]] T& value() & { return Get(); }
  [[nodiscard]] T&& value() && { return std::move(Get()); }
  [[nodiscard]] const T& operator*() const& { return Get(); }
  [[nodiscard]] T& operator*() & { return Get(); }
  [[nodiscard]] T&& operator*() && { return std::move(Get()); }
  [[nodiscard]] const T* operator->() const { return &Get(); }
  [[nodiscard]] T* operator->() { return &Get(); }
  [[nodiscard]] const E& error() const {
    Check(!has_value(), "error() of a Result that has a value");
    return *std::get_if<1>(&state_);
  }

 private:
  [[nodiscard]] const T& Get() const {
    Check(has_value(), "value() of a Result that has none");
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T& Get() {
    Check(has_value(), "value() of a Result that has none");
    return *std::get_if<0>(&state_);
  }
  std::variant<T, E> state_;
};

/// A parsed file or all its problems.
template <typename T>
using Parsed = Result<T, Problems>;

}  // namespace failgate
