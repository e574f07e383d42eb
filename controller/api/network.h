// Who is counted as one client.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "controller/base/guarded.h"

namespace failgate {

/// What bounds count by: the address, of IPv6 its first four groups (a site has 2^64 of the rest).
/// Text that is no address counts as itself.
[[nodiscard]] std::string NetworkOf(const std::string& address);

/// Open connections by network. Thread-safe.
class NetworkConnections {
 public:
  [[nodiscard]] std::size_t Count(const std::string& network) const;
  void Add(const std::string& network);
  void Remove(const std::string& network);

 private:
  Guarded<std::unordered_map<std::string, std::size_t>> counts_;
};

}  // namespace failgate
