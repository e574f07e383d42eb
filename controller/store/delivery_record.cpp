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

void DeliveryNumbers::Add(DeliveryStatus status, long long rows, long long bytes) {
  switch (status) {
    case DeliveryStatus::kQueued:
      queued += rows;
      queued_bytes += bytes;
      break;
    case DeliveryStatus::kProcessing:
      processing += rows;
      break;
    case DeliveryStatus::kDone:
      done += rows;
      break;
    case DeliveryStatus::kIgnored:
      ignored += rows;
      break;
  }
}

}  // namespace failgate
