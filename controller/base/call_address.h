// Addresses that a program listens at and nobody can call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failgate {

/// What is wrong with an address somebody is to be called at, or nothing: 0.0.0.0 and [::] mean
/// "every address of this machine" to a server, and no machine at all to its callers. Takes a URL,
/// host:port or a host; never repeats it.
[[nodiscard]] std::optional<std::string> FaultOfCallAddress(std::string_view address);

}  // namespace failgate
