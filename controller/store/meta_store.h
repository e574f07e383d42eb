// Small durable values by key.
#pragma once

#include <optional>
#include <string>

#include "controller/store/database.h"

namespace failgate {

/// Thread-safe.
class MetaStore {
 public:
  explicit MetaStore(Database& database) : database_(database) {}
  [[nodiscard]] std::optional<std::string> Get(const std::string& key) const;
  void Set(const std::string& key, const std::string& value);
  void Delete(const std::string& key);

 private:
  Database& database_;
};

}  // namespace failgate
