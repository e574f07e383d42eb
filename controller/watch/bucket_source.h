// Objects of a watch that lie in a bucket.
#pragma once

#include <map>

#include "controller/s3/s3_client.h"
#include "controller/watch/object_source.h"

namespace failgate {

/// An object is there whole or not at all, so that its ETag says which bytes it has; what is read
/// is asked for by the ETag that was listed.
class BucketSource final : public ObjectSource {
 public:
  /// `data` must outlive it.
  BucketSource(const WatchSettings& settings, WatchedBytes& data, S3Client client);

  void Begin(const std::stop_token& stop) override { stop_ = stop; }
  /// Throws also for objects that cannot lie in one folder: "a" and "a/b".
  void List(const Wanted& wanted, const Use& use) override;
  [[nodiscard]] std::optional<std::vector<std::string>> NamesIn(const std::string& folder) override;
  [[nodiscard]] std::optional<ObjectStatus> Look(const std::string& path) override;
  [[nodiscard]] std::optional<ObjectStatus> LookAtMarker(const std::string& path) override;
  [[nodiscard]] std::optional<std::string> Read(const std::string& path, std::size_t most) override;
  [[nodiscard]] Result<WatchedBytes::Taken> Take(const std::string& path,
                                                 const ObjectStatus& expected,
                                                 const std::stop_token& stop,
                                                 const WatchedBytes::Progress& progress) override;
  [[nodiscard]] bool IsRemote() const override { return true; }

 private:
  using Objects = std::map<std::string, ObjectStatus>;
  /// What is wanted, and the markers; answers the number of pages.
  int ListOnce(const Wanted& wanted, Objects& objects, Objects& markers) const;

  const WatchSettings settings_;
  const std::string prefix_;
  WatchedBytes& data_;
  const S3Client client_;
  std::stop_token stop_;
  Objects markers_;
};

/// "SIZE:SECONDS:ETAG": listing and header tell the time in different precision.
[[nodiscard]] std::string StateOfObject(const S3Object& object);
/// Empty for what StateOfObject never made.
[[nodiscard]] std::string ETagOfState(const std::string& state);

}  // namespace failgate
