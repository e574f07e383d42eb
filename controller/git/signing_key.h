// The controller's own ed25519 key, kept in OpenSSH's file format, and the SSH signatures it makes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace failgate {

/// What git signs commits under.
inline constexpr std::string_view kGitNamespace = "git";

/// Movable; const functions are thread-safe. The key never leaves the object but by Generate's
/// file.
class SigningKey {
 public:
  /// Throws Error(kNeedsChange) in one sentence that says what to do: absent, readable by group or
  /// others, encrypted, another type than ed25519, damaged.
  [[nodiscard]] static SigningKey Load(const std::filesystem::path& path);
  /// Makes a key and its file (0600, never over an existing one, durable).
  [[nodiscard]] static SigningKey Generate(const std::filesystem::path& path,
                                           std::string_view comment);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;

  /// "ssh-ed25519 AAAA… comment", without newline.
  [[nodiscard]] std::string PublicLine() const;
  /// "SHA256:…" as ssh-keygen -l prints it.
  [[nodiscard]] std::string Fingerprint() const;
  /// Armored SSHSIG with sha512, ending in a newline, byte for byte what ssh-keygen -Y sign makes.
  [[nodiscard]] std::string Sign(std::string_view payload, std::string_view name_space) const;

 private:
  struct State;
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace failgate
