// Reading rows of the table `deliveries`; for the sources of the inbox only.
#pragma once

#include <string>
#include <string_view>

#include "controller/store/database.h"
#include "controller/store/delivery_record.h"

namespace failgate {

/// SELECT of all columns DeliveryOf reads, then `rest`.
[[nodiscard]] std::string SelectDeliveries(std::string_view rest);
[[nodiscard]] DeliveryRecord DeliveryOf(const Rows& rows);

}  // namespace failgate
