#include "webhooks/delivery.h"

namespace failgate {

HookAnswer PongAnswer() {
  return {200, "ping", "the sender tries the connection"};
}

HookAnswer MalformedAnswer(std::string_view text) {
  return {400, "malformed", std::string(text)};
}

HookAnswer UnauthenticatedAnswer() {
  return {401, "unauthenticated", "the signature or token is missing or wrong"};
}

HookAnswer UnsupportedTypeAnswer(std::string_view text) {
  return {415, "unsupported_type", std::string(text)};
}

HookAnswer UnusableAnswer(std::string_view text) {
  return {422, "unusable", std::string(text)};
}

HookAnswer NoSecretAnswer() {
  return {503, "no_secret", "the secret of this webhook is not available"};
}

}  // namespace failgate
