#include "webhooks/providers/standard.h"

#include "webhooks/providers/plain_push.h"

namespace failgate {

std::size_t StandardProvider::MaxBodyBytes() const {
  return kSmallBodyBytes;
}

Result<ParsedDelivery, HookAnswer> StandardProvider::Parse(const VerifiedDelivery& delivery) const {
  const auto id = ReadDeliveryId(delivery.headers(), kStandardIdHeader);
  if (!id) {
    return id.error();
  }
  return ReadPlainPush(delivery.body(), *id);
}

}  // namespace failgate
