// What the program failgate_scale measures: many projects in many environments, and a long log.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

namespace failgate::scale {

/// FOLDER holds operations.git with a project file for each pair, signing_key and srv/. Releases
/// one thing in every project and deploys it everywhere, so that nothing is left to do.
void PreparePairs(const std::filesystem::path& folder, long pairs);
/// Measures a controller that starts on what PreparePairs left, and passes that change nothing.
void MeasurePairs(const std::filesystem::path& folder);

/// FOLDER holds operations.git and signing_key: writes `facts` facts of releases of `projects`
/// projects and measures the writer, a start without data directory, and reading.
void MeasureFacts(const std::filesystem::path& folder, long facts, long projects);

/// One line "NAME VALUE" of the program's output.
void Tell(const char* name, double value);
/// Milliseconds that `work` takes.
[[nodiscard]] double Time(const std::function<void()>& work);
/// The median of `rounds` calls of Time.
[[nodiscard]] double MedianTime(int rounds, const std::function<void()>& work);
/// Milliseconds of processor that this process, without its children, has used so far: a busy
/// machine does not make them more.
[[nodiscard]] double ProcessorTime();
/// The same of its children that have ended, and of theirs.
[[nodiscard]] double ChildrenProcessorTime();
/// Of this process, MiB: now, and at most so far.
[[nodiscard]] double ResidentMiB();
[[nodiscard]] double PeakResidentMiB();
/// Bytes of all files below, MiB.
[[nodiscard]] double FolderMiB(const std::filesystem::path& folder);

}  // namespace failgate::scale
