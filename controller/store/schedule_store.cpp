#include "controller/store/schedule_store.h"

namespace failgate {

ScheduleStore::ScheduleStore(Database& database) : database_(database) {}

std::optional<TimePoint> ScheduleStore::SeenUntil(const ProjectName& project,
                                                  const ScheduleKey& key) const {
  Session session(database_);
  Rows rows =
      session->Query("SELECT seen FROM schedules WHERE project = ? AND cron = ? AND timezone = ?",
                     {project, key.cron, key.timezone});
  if (!rows.Next()) return std::nullopt;
  return rows.Time(0);
}

void ScheduleStore::SetSeen(const ProjectName& project,
                            const std::vector<ScheduleKey>& keys,
                            TimePoint until) {
  Transaction transaction(database_);
  transaction->Run("DELETE FROM schedules WHERE project = ?", {project});
  for (const ScheduleKey& key : keys) {
    transaction->Run(
        "INSERT INTO schedules (project, cron, timezone, seen) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {project, key.cron, key.timezone, until});
  }
  transaction.Commit();
}

}  // namespace failgate
