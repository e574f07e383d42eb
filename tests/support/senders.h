// One row a provider: how its requests are proven, and where its payload keeps what decides.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hook_requests.h"

namespace failgate {

struct TestSender {
  std::string word;
  std::string secret;  ///< in the form this provider wants, as are the next ones
  std::string other_secret;
  std::string url;   ///< of the repository in the fixtures, as a source is configured
  std::string push;  ///< the ordinary push: refs/heads/main from a… to b…
  std::string proof_header;
  /// A push with this body, proven with `secret`.
  RawDelivery (*request)(const std::string& secret, std::string body);
  /// JSON pointers into the fixture; empty where the provider has no such thing.
  std::string ref;
  bool ref_is_full = true;
  std::string before;
  std::string after;
  std::string repository_url;
  std::string repository;  ///< the object around that URL
  std::string name;        ///< of the repository
  std::string commits;
};

[[nodiscard]] const std::vector<TestSender>& TestSenders();
[[nodiscard]] const TestSender& TestSenderOf(std::string_view word);

[[nodiscard]] std::string PushOf(const TestSender& sender);
/// A fixture with the value at a JSON pointer replaced; `json_value` is JSON text.
[[nodiscard]] std::string Changed(const std::string& fixture,
                                  const std::string& pointer,
                                  const std::string& json_value);
/// The ordinary push, or `body`, proven with the sender's secret.
[[nodiscard]] RawDelivery Proven(const TestSender& sender, std::string body);
[[nodiscard]] RawDelivery Proven(const TestSender& sender);
/// Proven with the sender's secret, for another event than a push.
[[nodiscard]] RawDelivery ProvenEvent(const TestSender& sender,
                                      std::string_view event_header,
                                      std::string event,
                                      std::string body);
[[nodiscard]] std::unique_ptr<const Provider> MakeProvider(const TestSender& sender);
/// Through a provider made for it, configured for its repository.
[[nodiscard]] HookOutcome Receive(const TestSender& sender, const RawDelivery& request);

/// One request and its answer; `name` starts with the number in the list of bad inputs.
struct HookRow {
  std::string name;
  RawDelivery request;
  int status = 0;
  std::string word;
};
void ExpectRows(const TestSender& sender, const std::vector<HookRow>& rows);

/// "v1," and the base64 of the signature that `secret` makes.
[[nodiscard]] std::string StandardSignatureOf(const std::string& secret,
                                              std::string_view id,
                                              std::string_view time,
                                              std::string_view body);
/// When the requests of senders that sign the time come in, in seconds.
inline constexpr long long kReceivedSeconds = 1614265330;

}  // namespace failgate
