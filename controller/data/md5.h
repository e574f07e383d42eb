// MD5 as DVC uses it: the name of an object, never a proof against an attacker.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace failgate {

/// Incremental (RFC 1321). Not thread-safe.
class Md5 {
 public:
  Md5();
  ~Md5();
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;
  void Update(std::string_view bytes);
  /// 32 lower-case hex digits; the object is spent afterwards.
  [[nodiscard]] std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What DVC 2 hashed: a file whose first 512 bytes are text has "\r\n" as "\n", in blocks of 1 MiB.
class FormerDvcMd5 {
 public:
  void Update(std::string_view bytes);
  [[nodiscard]] std::string FinishHex();

 private:
  void HashBlock();

  Md5 md5_;
  std::string block_;
  bool first_ = true;
  bool is_text_ = false;
};

}  // namespace failgate
