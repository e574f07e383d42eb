// `failgate deliveries`: what forges sent, and sending it through once more.
#pragma once

#include <string>

#include "controller/cli/command_context.h"

namespace failgate {

struct DeliveryListOptions {
  std::string source;  ///< empty = all
  std::string status;  ///< empty = all
  std::size_t limit = 20;
  bool json = false;
};
int RunDeliveryList(const DeliveryListOptions& options, CommandContext& context);

struct DeliveryShowOptions {
  std::string delivery;
  bool json = false;
};
int RunDeliveryShow(const DeliveryShowOptions& options, CommandContext& context);

struct DeliveryReplayOptions {
  std::string delivery;
};
int RunDeliveryReplay(const DeliveryReplayOptions& options, CommandContext& context);

}  // namespace failgate
