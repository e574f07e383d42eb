// Untrusted JSON, read field by field. simdjson is seen by payload.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include "controller/base/result.h"
#include "webhooks/delivery.h"

namespace failgate {

/// A parsed payload. Strings it hands out live as long as it does. Not thread-safe.
///
/// Readers take the way to a field from the top. A field that is absent or null, or whose parent
/// is, is nullopt; one of another type, or over its cap, is nullopt too and makes usable() false
/// for good, so that a caller reads all it needs and asks once.
class Payload {
 public:
  using Path = std::initializer_list<std::string_view>;

  /// 400: no UTF-8, a byte order mark, no JSON, deeper than 64, or a key twice at the top or in one
  /// of the objects `unique` names, "a.b" for one inside another. 422: the top is no object, or a
  /// number is beyond every machine type. Nothing is thrown but for lack of memory.
  [[nodiscard]] static Result<Payload, HookAnswer> Read(std::string_view body, Path unique);
  ~Payload();
  Payload(Payload&&) noexcept;
  Payload& operator=(Payload&&) noexcept;

  /// A string of at most max_bytes.
  [[nodiscard]] std::optional<std::string_view> Text(Path path, std::size_t max_bytes);
  [[nodiscard]] std::optional<bool> Flag(Path path);
  /// An integer from 0 to 2^53: beyond, senders round.
  [[nodiscard]] std::optional<std::int64_t> Number(Path path);
  /// True when an object is there.
  [[nodiscard]] bool HasObject(Path path);
  /// An array of at most max_items objects, whose arrays named `inner` hold max_inner items
  /// together, per object; only shape and size are looked at.
  void CheckObjects(Path path, std::size_t max_items, Path inner, std::size_t max_inner);
  /// Calls `read` for each object of an array of at most max_items. During the call, ways start at
  /// that object. An item that is no object, or has a key twice, is a fault and ends it.
  void EachObject(Path path, std::size_t max_items, const std::function<void(Payload& item)>& read);

  [[nodiscard]] bool usable() const;

 private:
  struct State;
  explicit Payload(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace failgate
