#include "controller/api/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "controller/base/digest.h"

namespace failgate {

std::string NetworkOf(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
    return "v4 " + HexEncode(std::string(bytes.begin(), bytes.begin() + 4));
  }
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
    return address;
  }
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  const std::string raw(bytes.begin(), bytes.end());
  return mapped ? "v4 " + HexEncode(raw.substr(12)) : "v6 " + HexEncode(raw.substr(0, 8));
}

std::size_t NetworkConnections::Count(const std::string& network) const {
  auto counts = counts_.Lock();
  const auto found = counts->find(network);
  return found == counts->end() ? 0 : found->second;
}

void NetworkConnections::Add(const std::string& network) {
  ++(*counts_.Lock())[network];
}

void NetworkConnections::Remove(const std::string& network) {
  auto counts = counts_.Lock();
  const auto found = counts->find(network);
  if (found != counts->end() && --found->second == 0) {
    counts->erase(found);
  }
}

}  // namespace failgate
