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
  ExpectIs(KeptBytes("array_bz2.joblib"), "joblib", LoadSafety::kCode);
  ExpectIs(KeptBytes("array_xz.joblib"), "joblib", LoadSafety::kCode);
  const std::string pickled = "import pickle, lzma\np = pickle.dumps(list(range(1000)), 4)\n";
  ExpectIs(PythonBytes(pickled + "out.write(lzma.compress(p, lzma.FORMAT_ALONE))"),
           "joblib",
           LoadSafety::kCode);
  // A frame of lz4 with one block that is not packed.
  ExpectIs(
      PythonBytes(pickled + "out.write(bytes.fromhex('04224d18604082'))\n"
                            "out.write((len(p) | 1 << 31).to_bytes(4, 'little') + p + bytes(4))"),
      "joblib",
      LoadSafety::kCode);
  for (const char* word : {"bz2", "lzma"}) {
    const std::string name(word);
    ExpectIs(PythonBytes("import " + name + "\nout.write(" + name + ".compress(b'hello'))"),
             name == "bz2" ? "bzip2" : "xz",
             LoadSafety::kUnknown);
  }
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
  ExpectIs("PAR1" + std::string(16, '\0') + "\x10\0\0\0PAR1"s, "parquet", LoadSafety::kData);
  ExpectIs("PAR1" + std::string(16, '\0') + "\x11\0\0\0PAR1"s, "damaged", LoadSafety::kUnknown);
  ExpectIs("PAR1" + std::string(20, '\0'), "damaged", LoadSafety::kUnknown);
  // Superblocks of versions 0 and 3, which say where the file ends.
  const std::string old = "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08"s + std::string(25, '\0') + "\x60";
  ExpectIs(old + std::string(55, '\0'), "hdf5", LoadSafety::kUnknown);
  ExpectIs(old + std::string(54, '\0'), "damaged", LoadSafety::kUnknown);
  const std::string recent = "\x89HDF\r\n\x1a\n\x03\x08\x08\0"s + std::string(16, '\0') + "\x60";
  ExpectIs(recent + std::string(67, '\0'), "hdf5", LoadSafety::kUnknown);
  ExpectIs(recent + std::string(66, '\0'), "damaged", LoadSafety::kUnknown);
}

TEST(FileFormat, KnowsArchives) {
  const std::string zip =
      "import zipfile, io\nb = io.BytesIO()\nz = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED)\n"
      "for n in NAMES: z.writestr(n, 'x' * 1000)\nz.close()\nout.write(b.getvalue())";
  const auto with = [&](const std::string& names) {
    return PythonBytes("NAMES = " + names + "\n" + zip);
  };
  ExpectIs(with("['a.txt', 'b/c.txt']"), "zip", LoadSafety::kData);
  EXPECT_EQ(FormatOf(with("['a.txt', 'b/c.txt']")).unpacked, 2000);
  ExpectIs(with("[]"), "zip", LoadSafety::kUnknown);
  ExpectIs(with("['m/data.pkl', 'm/version', 'm/data/0']"), "torch", LoadSafety::kCode);
  ExpectIs(with("['a/__init__.py', 'a-1.dist-info/WHEEL']"), "wheel", LoadSafety::kCode);
  const std::string cut = with("['a.txt']");
  ExpectIs(cut.substr(0, cut.size() - 1), "damaged", LoadSafety::kUnknown);
  ExpectIs(PythonBytes("import tarfile, io\nt = tarfile.open(fileobj=out, mode='w|')\n"
                       "t.addfile(tarfile.TarInfo('a'))\nt.close()"),
           "tar",
           LoadSafety::kData);
  ExpectIs(
      PythonBytes("import gzip\nout.write(gzip.compress(b'hello'))"), "gzip", LoadSafety::kUnknown);
  ExpectIs(
      PythonBytes("import zlib\nout.write(zlib.compress(b'hello'))"), "zlib", LoadSafety::kUnknown);
}

/// A zip (or tar) archive of `members`, a Python list of (name, bytes).
std::string Archive(const std::string& kind, const std::string& members) {
  return PythonBytes(
      "import zipfile, tarfile, io, pickle\n"
      "def zipped(members):\n"
      "  b = io.BytesIO()\n"
      "  with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:\n"
      "    for n, d in members: z.writestr(n, d)\n"
      "  return b.getvalue()\n"
      "def tarred(members):\n"
      "  b = io.BytesIO()\n"
      "  with tarfile.open(fileobj=b, mode='w') as t:\n"
      "    for n, d in members:\n"
      "      i = tarfile.TarInfo(n); i.size = len(d)\n"
      "      if d == b'LINK': i.type, i.linkname, i.size, d = tarfile.SYMTYPE, '/etc/passwd', 0, "
      "b''\n"
      "      t.addfile(i, io.BytesIO(d))\n"
      "  return b.getvalue()\n"
      "bad = pickle.dumps([1])\n"
      "out.write(" +
      kind + "(" + members + "))");
}

TEST(FileFormat, OfAnArchiveIsAsSafeAsWhatIsInIt) {
  for (const std::string kind : {"zipped", "tarred"}) {
    const std::string word = kind == "zipped" ? "zip" : "tar";
    const auto of = [&](const std::string& members) { return FormatOf(Archive(kind, members)); };
    EXPECT_EQ(of("[('a', b'text'), ('b/c', b'more')]").safety, LoadSafety::kData);
    const RecognisedFormat pickled = of("[('a', b'text'), ('b/m.txt', bad)]");
    EXPECT_EQ(pickled.format, word);
    EXPECT_EQ(pickled.safety, LoadSafety::kCode);
    EXPECT_EQ(pickled.why, "b/m.txt in it is pickle");
    EXPECT_EQ(of("[('a', bytes([0, 255]) * 9)]").safety, LoadSafety::kUnknown);
    EXPECT_EQ(of("[('a', b'#!/bin/sh\\n')]").safety, LoadSafety::kCode);
    for (const char* inner : {"zipped", "tarred"}) {
      const std::string around = std::string("[('in', ") + inner + "([('m', bad)]))]";
      EXPECT_EQ(of(around).safety, LoadSafety::kCode) << inner;
      const std::string deeper = "[('out', " + std::string(inner) + "(" + around + "))]";
      EXPECT_EQ(of(deeper).safety, LoadSafety::kUnknown) << inner;
    }
    EXPECT_EQ(of("[(str(i), b'text') for i in range(1000)]").safety, LoadSafety::kData);
    EXPECT_EQ(of("[(str(i), b'text') for i in range(1001)]").safety, LoadSafety::kUnknown);
    EXPECT_EQ(of("[('large', b'x' * (16 * 2**20 + 1))]").safety, LoadSafety::kUnknown);
  }
  EXPECT_EQ(FormatOf(Archive("tarred", "[('a', b'LINK')]")).safety, LoadSafety::kUnknown);
  EXPECT_EQ(FormatOf(Archive("tarred", "[('../a', b'text')]")).format, "damaged");
  EXPECT_EQ(FormatOf(Archive("tarred", "[('a', b'text'), ('a', b'more')]")).format, "damaged");
}

TEST(FileFormat, OfAZipThatHidesBytesBehindItsSizesIsNotKnown) {
  // Its directory says that only the first bytes are there.
  const std::string lying = PythonBytes(
      "import zipfile, io, struct\nb = io.BytesIO()\n"
      "with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a', b'text' * 9)\n"
      "d = bytearray(b.getvalue())\nat = d.rfind(b'PK\\x01\\x02')\n"
      "d[at + 24:at + 28] = struct.pack('<I', 4)\nout.write(d)");
  const RecognisedFormat found = FormatOf(lying);
  EXPECT_EQ(found.format, "zip");
  EXPECT_EQ(found.safety, LoadSafety::kUnknown);
  EXPECT_EQ(found.why, "a in it cannot be unpacked");
}

TEST(FileFormat, OfOnnxLooksIntoGraphsOfNodes) {
  const std::string model =
      "def field(n, b): return bytes([n << 3 & 127 | 2 | (128 if n > 15 else 0)]) + "
      "(bytes([n >> 4]) if n > 15 else b'') + bytes([len(b)]) + b\n"
      "def tensor(where): return field(13, field(1, b'location') + field(2, where))\n"
      "def model(graph): return bytes([8, 7]) + field(7, graph) + field(8, bytes([16, 17]))\n";
  const auto of = [&](const std::string& graph) {
    return FormatOf(PythonBytes(model + "out.write(model(" + graph + "))"));
  };
  const std::string bad = "tensor(b'../../etc/passwd')";
  EXPECT_EQ(of("field(5, tensor(b'weights.bin'))").format, "onnx");
  EXPECT_EQ(of("field(5, " + bad + ")").format, "damaged");
  EXPECT_EQ(of("field(1, field(5, field(6, field(5, tensor(b'w.bin')))))").format, "onnx");
  EXPECT_EQ(of("field(1, field(5, field(6, field(5, " + bad + "))))").why,
            "onnx: external_data \"../../etc/passwd\" leaves the folder");
  EXPECT_EQ(of("field(1, field(5, field(5, " + bad + ")))").format, "damaged");
  EXPECT_EQ(of("field(15, field(1, " + bad + "))").format, "damaged");
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
