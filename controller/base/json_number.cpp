#include "controller/base/json_number.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/error.h"

namespace failgate {

long long WholeNumber(const nlohmann::json& object, const char* key, long long max) {
  const auto found = object.find(key);
  // What was not negative is read as unsigned.
  if (found == object.end() || !found->is_number_unsigned() ||
      found->get<unsigned long long>() > static_cast<unsigned long long>(max)) {
    throw Error(Remedy::kNeedsChange, fmt::format("{} is not a whole number of 0 to {}", key, max));
  }
  return found->get<long long>();
}

}  // namespace failgate
