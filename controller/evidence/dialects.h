// The readers behind ReadReport, one for each dialect. Inside controller/evidence only.
#pragma once

#include <string_view>

#include "controller/base/result.h"
#include "controller/evidence/report.h"

namespace failgate {

[[nodiscard]] Result<TestReport> ReadJunit(std::string_view bytes);
[[nodiscard]] Result<TestReport> ReadCucumber(std::string_view bytes);
[[nodiscard]] Result<CoverageReport> ReadCobertura(std::string_view bytes,
                                                   std::string_view workspace);
[[nodiscard]] Result<CoverageReport> ReadLcov(std::string_view bytes, std::string_view workspace);
[[nodiscard]] Result<CoverageReport> ReadJacoco(std::string_view bytes, std::string_view workspace);
[[nodiscard]] Result<CoverageReport> ReadGoCoverprofile(std::string_view bytes,
                                                        std::string_view workspace);
[[nodiscard]] Result<CoverageReport> ReadCoveragePy(std::string_view bytes,
                                                    std::string_view workspace);
[[nodiscard]] Result<MetricsReport> ReadMetrics(std::string_view bytes);
[[nodiscard]] Result<ConsistencyFigures> ReadConsistencyReport(std::string_view bytes);
[[nodiscard]] Result<DataTable> ReadDataReport(std::string_view bytes);

}  // namespace failgate
