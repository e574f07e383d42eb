#include "controller/store/image_store.h"

namespace failgate {

ImageStore::ImageStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::vector<ImageTag> ImageStore::All(const SourceName& source) const {
  std::vector<ImageTag> tags;
  Session session(database_);
  Rows rows = session->Query(
      "SELECT tag, digest, since FROM image_tags WHERE source = ? ORDER BY tag", {source});
  while (rows.Next()) tags.push_back(ImageTag{rows.Text(0), rows.Text(1), rows.Time(2)});
  return tags;
}

ImageDigests ImageStore::Digests(const SourceName& source) const {
  ImageDigests digests;
  for (ImageTag& tag : All(source)) digests[tag.tag] = std::move(tag.digest);
  return digests;
}

void ImageStore::Change(const SourceName& source,
                        const ImageDigests& set,
                        const std::vector<std::string>& removed) {
  const TimePoint now = clock_.Now();
  Transaction transaction(database_);
  for (const auto& [tag, digest] : set) {
    transaction->Run(
        "INSERT INTO image_tags (source, tag, digest, since) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (source, tag) DO UPDATE SET digest = excluded.digest, since = excluded.since "
        "WHERE digest <> excluded.digest",
        {source, tag, digest, now});
  }
  for (const std::string& tag : removed) {
    transaction->Run("DELETE FROM image_tags WHERE source = ? AND tag = ?", {source, tag});
  }
  transaction.Commit();
}

}  // namespace failgate
