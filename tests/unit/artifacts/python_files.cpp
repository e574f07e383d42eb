#include "tests/unit/artifacts/python_files.h"

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/process/process.h"

namespace failgate {

std::string PythonBytes(const std::string& script) {
  ProcessRunner runner;
  ProcessSpec spec;
  spec.argv = {"/usr/bin/python3", "-I", "-c", "import sys\nout = sys.stdout.buffer\n" + script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout = std::chrono::minutes(1);
  const ProcessResult result = runner.Run(spec);
  if (!result.Succeeded()) throw Error(Remedy::kNeedsChange, result.stderr_text);
  return result.stdout_text;
}

std::string KeptBytes(const std::string& name) {
  return ReadFile(std::string(FAILGATE_ARTIFACT_FILES) + "/" + name);
}

RecognisedFormat FormatOf(const std::string& bytes) {
  return RecogniseFormat(MemoryBytes(bytes));
}

}  // namespace failgate
