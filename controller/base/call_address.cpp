#include "controller/base/call_address.h"

#include <algorithm>

namespace failgate {
namespace {

/// Without scheme, user, port and path.
std::string_view HostOf(std::string_view address) {
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos) {
    address.remove_prefix(scheme + 3);
  }
  address = address.substr(0, address.find_first_of("/?#"));
  if (const std::size_t user = address.rfind('@'); user != std::string_view::npos) {
    address.remove_prefix(user + 1);
  }
  if (!address.empty() && address.front() == '[') {
    const std::size_t end = address.find(']');
    return end == std::string_view::npos ? address.substr(1) : address.substr(1, end - 1);
  }
  // More than one colon without brackets is an IPv6 address alone.
  const std::size_t colon = address.find(':');
  return colon == address.rfind(':') ? address.substr(0, colon) : address;
}

/// "::", "0:0:0:0:0:0:0:0", "::0.0.0.0", "0.0.0.0", "0", "000.0.0.0".
bool IsUnspecified(std::string_view host) {
  return !host.empty() && host.find_first_of("0:") != std::string_view::npos &&
         std::all_of(
             host.begin(), host.end(), [](char c) { return c == '0' || c == '.' || c == ':'; });
}

}  // namespace

std::optional<std::string> FaultOfCallAddress(std::string_view address) {
  if (!IsUnspecified(HostOf(address))) return std::nullopt;
  return "0.0.0.0 and [::] are where a server listens, nobody can be called there: write 127.0.0.1 "
         "for a server on this machine, else its name";
}

}  // namespace failgate
