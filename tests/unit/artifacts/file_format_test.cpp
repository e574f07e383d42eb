// Real files of each format, and what is left of them when they are cut off.
#include "controller/artifacts/file_format.h"

#include <gtest/gtest.h>

#include "tests/unit/artifacts/python_files.h"

namespace failgate {
namespace {

RecognisedFormat Known(const std::string& format, LoadSafety safety) {
  return {format, safety};
}

void ExpectIs(const std::string& bytes, const std::string& format, LoadSafety safety) {
  const RecognisedFormat found = FormatOf(bytes);
  EXPECT_EQ(found.format, Known(format, safety).format) << found.why;
  EXPECT_EQ(found.safety, safety) << found.why;
}

TEST(FileFormat, KnowsPicklesOfEveryProtocol) {
  for (const char* value : {"{'a': [1, 2.5, 'x', None, True], 'b': (1, 2, 3, 4)}",
                            "collections.OrderedDict(a=datetime.date(2026, 1, 1))",
                            "[2**70, -5, b'bytes' * 200, bytearray(b'x'), {1, 2}, frozenset([3])]",
                            "'text' * 100000"}) {
    for (int protocol = 0; protocol <= 5; ++protocol) {
      const std::string bytes =
          PythonBytes("import pickle, collections, datetime\nout.write(pickle.dumps(" +
                      std::string(value) + ", " + std::to_string(protocol) + "))");
      ExpectIs(bytes, "pickle", LoadSafety::kCode);
      const std::string cut = bytes.substr(0, bytes.size() - 1);
      if (protocol >= 2) ExpectIs(cut, "damaged", LoadSafety::kCode);
      EXPECT_NE(FormatOf(cut).format, "pickle") << protocol << value;
    }
  }
}

TEST(FileFormat, KnowsJoblib) {
  for (const char* name : {"array.joblib", "array_zlib.joblib", "array_gzip.joblib"}) {
    ExpectIs(KeptBytes(name), "joblib", LoadSafety::kCode);
  }
  // Without arrays it is a pickle and nothing else; compressed only joblib writes it.
  ExpectIs(KeptBytes("plain.joblib"), "pickle", LoadSafety::kCode);
  ExpectIs(KeptBytes("array_bz2.joblib"), "bzip2", LoadSafety::kUnknown);
  ExpectIs(KeptBytes("array_xz.joblib"), "xz", LoadSafety::kUnknown);
}

TEST(FileFormat, KnowsArraysOfNumpy) {
  ExpectIs(KeptBytes("floats.npy"), "npy", LoadSafety::kData);
  ExpectIs(KeptBytes("record.npy"), "npy", LoadSafety::kData);
  ExpectIs(KeptBytes("objects.npy"), "npy", LoadSafety::kCode);
  ExpectIs(KeptBytes("record_objects.npy"), "npy", LoadSafety::kCode);
  ExpectIs(KeptBytes("floats.npz"), "npz", LoadSafety::kData);
  ExpectIs(KeptBytes("floats_packed.npz"), "npz", LoadSafety::kData);
  ExpectIs(KeptBytes("objects.npz"), "npz", LoadSafety::kCode);
  ExpectIs(KeptBytes("floats.npy").substr(0, 40), "damaged", LoadSafety::kUnknown);
}

TEST(FileFormat, KnowsTensorFiles) {
  const std::string tensors = KeptBytes("two.safetensors");
  ExpectIs(tensors, "safetensors", LoadSafety::kData);
  ExpectIs(tensors.substr(0, tensors.size() - 1), "damaged", LoadSafety::kUnknown);
  ExpectIs(tensors + "x", "damaged", LoadSafety::kUnknown);
  const std::string onnx = KeptBytes("add.onnx");
  ExpectIs(onnx, "onnx", LoadSafety::kData);
  ExpectIs(KeptBytes("external.onnx"), "onnx", LoadSafety::kData);
  EXPECT_NE(FormatOf(onnx.substr(0, onnx.size() - 1)).format, "onnx");
  using namespace std::string_literals;
  ExpectIs("GGUF\x03\0\0\0"s + std::string(16, '\0'), "gguf", LoadSafety::kData);
  ExpectIs("GGUF\x09\0\0\0"s + std::string(16, '\0'), "damaged", LoadSafety::kUnknown);
  ExpectIs("PAR1" + std::string(20, '\0') + "PAR1", "parquet", LoadSafety::kData);
  ExpectIs("PAR1" + std::string(20, '\0'), "damaged", LoadSafety::kUnknown);
  ExpectIs("\x89HDF\r\n\x1a\n and more", "hdf5", LoadSafety::kUnknown);
}

TEST(FileFormat, KnowsArchives) {
  const std::string zip =
      "import zipfile, io\nb = io.BytesIO()\nz = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED)\n"
      "for n in NAMES: z.writestr(n, 'x' * 1000)\nz.close()\nout.write(b.getvalue())";
  const auto with = [&](const std::string& names) {
    return PythonBytes("NAMES = " + names + "\n" + zip);
  };
  ExpectIs(with("['a.txt', 'b/c.txt']"), "zip", LoadSafety::kUnknown);
  EXPECT_EQ(FormatOf(with("['a.txt', 'b/c.txt']")).unpacked, 2000);
  ExpectIs(with("[]"), "zip", LoadSafety::kUnknown);
  ExpectIs(with("['m/data.pkl', 'm/version', 'm/data/0']"), "torch", LoadSafety::kCode);
  ExpectIs(with("['a/__init__.py', 'a-1.dist-info/WHEEL']"), "wheel", LoadSafety::kCode);
  const std::string cut = with("['a.txt']");
  ExpectIs(cut.substr(0, cut.size() - 1), "damaged", LoadSafety::kUnknown);
  ExpectIs(PythonBytes("import tarfile, io\nt = tarfile.open(fileobj=out, mode='w|')\n"
                       "t.addfile(tarfile.TarInfo('a'))\nt.close()"),
           "tar",
           LoadSafety::kUnknown);
  ExpectIs(
      PythonBytes("import gzip\nout.write(gzip.compress(b'hello'))"), "gzip", LoadSafety::kUnknown);
  ExpectIs(
      PythonBytes("import zlib\nout.write(zlib.compress(b'hello'))"), "zlib", LoadSafety::kUnknown);
}

TEST(FileFormat, KnowsTextProgramsAndNothing) {
  ExpectIs("name,age\nZo\xC3\xAB,41\n", "text", LoadSafety::kData);
  ExpectIs("customer,churn\n1,0\n", "text", LoadSafety::kData);
  ExpectIs("{\"a\": 1}\n", "text", LoadSafety::kData);
  ExpectIs("#!/bin/sh\nexit 0\n", "script", LoadSafety::kCode);
  ExpectIs(PythonBytes("out.write(open('/bin/true', 'rb').read())"), "elf", LoadSafety::kCode);
  ExpectIs("", "empty", LoadSafety::kData);
  ExpectIs("abc\xff\xfe def", "unknown", LoadSafety::kUnknown);
  ExpectIs(std::string("abc\0def", 7), "unknown", LoadSafety::kUnknown);
  // A character on the border of two blocks.
  std::string long_text((256U << 10U) - 1, 'x');
  ExpectIs(long_text + "\xC3\xAB!", "text", LoadSafety::kData);
  ExpectIs(long_text + "\xC3", "unknown", LoadSafety::kUnknown);
}

}  // namespace
}  // namespace failgate
