#include "controller/store/delivery_record.h"

#include <array>

#include "controller/store/words.h"

namespace failgate {

std::string_view Word(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::kQueued:
      return "queued";
    case DeliveryStatus::kProcessing:
      return "processing";
    case DeliveryStatus::kDone:
      return "done";
    case DeliveryStatus::kIgnored:
      return "ignored";
  }
  return "";
}

std::optional<DeliveryStatus> ParseDeliveryStatus(std::string_view word) {
  constexpr std::array kAll = {DeliveryStatus::kQueued,
                               DeliveryStatus::kProcessing,
                               DeliveryStatus::kDone,
                               DeliveryStatus::kIgnored};
  return FindWord<DeliveryStatus>(kAll, word);
}

}  // namespace failgate
