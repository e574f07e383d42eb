// Files of numbers whose headers say more, or something else, than their bytes hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/artifacts/python_files.h"

namespace failgate {
namespace {

using namespace std::string_literals;

void ExpectIs(const std::string& bytes, const std::string& format, LoadSafety safety) {
  const RecognisedFormat found = FormatOf(bytes);
  EXPECT_EQ(found.format, format) << found.why;
  EXPECT_EQ(found.safety, safety) << found.why;
}

std::string Npy(const std::string& header, std::size_t data) {
  return "\x93NUMPY\x01\0"s + static_cast<char>(header.size()) + "\0"s + header +
         std::string(data, '\1');
}

std::string Described(const std::string& descr, const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }\n";
}

TEST(Layout, OfAnArrayHoldsItsItems) {
  ExpectIs(Npy(Described("'<f8'", "(2, 3)"), 48), "npy", LoadSafety::kData);
  ExpectIs(Npy(Described("'<f8'", "()"), 8), "npy", LoadSafety::kData);
  ExpectIs(Npy(Described("'<U3'", "(2,)"), 24), "npy", LoadSafety::kData);
  ExpectIs(Npy(Described("'<M8[ns]'", "(2,)"), 16), "npy", LoadSafety::kData);
  ExpectIs(Npy(Described("[('a', '<f4', (2,)), ('b', [('c', '|b1')])]", "(2,)"), 18),
           "npy",
           LoadSafety::kData);
  ExpectIs(Npy(Described("'<f8'", "(2, 3)"), 47), "damaged", LoadSafety::kUnknown);
  ExpectIs(Npy(Described("'<f8'", "(2, 3)"), 0), "damaged", LoadSafety::kUnknown);
  ExpectIs(Npy(Described("'<f8'", "(99999999999999, 99999999999999)"), 8),
           "damaged",
           LoadSafety::kUnknown);
  // numpy.load may be called again for what follows.
  ExpectIs(Npy(Described("'<f8'", "(2, 3)"), 49), "npy", LoadSafety::kUnknown);
}

TEST(Layout, OfAnArrayHidesNoObjects) {
  for (const char* descr :
       {"'|O'", "\"|O\"", "\"O\"", "[(\"a\", \"|O\")]", "[('a', [('b', 'O8')])]"}) {
    ExpectIs(Npy(Described(descr, "(1,)"), 9), "npy", LoadSafety::kCode);
  }
  for (const char* descr : {"'object'", "'i4,O'", "'obj' 'ect'", "'\\x4f'", "'f'", "u'|O'"}) {
    EXPECT_NE(FormatOf(Npy(Described(descr, "(1,)"), 9)).safety, LoadSafety::kData) << descr;
  }
  // Of two values Python takes the last.
  ExpectIs(Npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'descr': '|O'}", 8),
           "damaged",
           LoadSafety::kUnknown);
}

std::string Number(unsigned long long value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return text;
}

std::string Text(const std::string& text) {
  return Number(text.size(), 8) + text;
}

/// One tensor of 4 floats behind three values.
std::string Gguf(unsigned long long offset, unsigned type) {
  std::string bytes = "GGUF" + Number(3, 4) + Number(1, 8) + Number(3, 8);
  bytes += Text("general.alignment") + Number(4, 4) + Number(64, 4);
  bytes += Text("name") + Number(8, 4) + Text("a model");
  bytes += Text("tokens") + Number(9, 4) + Number(8, 4) + Number(2, 8) + Text("a") + Text("b");
  bytes += Text("w") + Number(1, 4) + Number(4, 8) + Number(type, 4) + Number(offset, 8);
  return bytes + std::string(64 - bytes.size() % 64, '\0');
}

TEST(Layout, OfGgufHoldsItsTensors) {
  ExpectIs(Gguf(0, 0) + std::string(16, '\1'), "gguf", LoadSafety::kData);
  ExpectIs(Gguf(0, 0) + std::string(15, '\1'), "damaged", LoadSafety::kUnknown);
  ExpectIs(Gguf(64, 0) + std::string(16, '\1'), "damaged", LoadSafety::kUnknown);
  ExpectIs(Gguf(~0ULL, 0) + std::string(16, '\1'), "damaged", LoadSafety::kUnknown);
  ExpectIs(Gguf(0, 2) + std::string(18, '\1'), "gguf", LoadSafety::kData);
  ExpectIs(Gguf(0, 2) + std::string(17, '\1'), "damaged", LoadSafety::kUnknown);
  ExpectIs(Gguf(0, 99) + std::string(16, '\1'), "gguf", LoadSafety::kUnknown);
  const std::string whole = Gguf(0, 0) + std::string(16, '\1');
  for (std::size_t size = 4; size < whole.size(); size += 7) {
    ExpectIs(whole.substr(0, size), "damaged", LoadSafety::kUnknown);
  }
  ExpectIs("GGUF\3\0\0\0"s + std::string(8, '\xff') + std::string(8, '\0'),
           "damaged",
           LoadSafety::kUnknown);
}

TEST(Layout, OfJoblibEndsWhereItsPickleDoes) {
  for (const char* name : {"array.joblib",
                           "array_zlib.joblib",
                           "array_gzip.joblib",
                           "array_bz2.joblib",
                           "array_xz.joblib"}) {
    const std::string whole = KeptBytes(name);
    EXPECT_EQ(FormatOf(whole).format, "joblib") << name;
    for (const std::size_t size : {whole.size() - 1, whole.size() / 2}) {
      const RecognisedFormat cut = FormatOf(whole.substr(0, size));
      EXPECT_EQ(cut.format, "damaged") << name << " " << cut.why;
      EXPECT_NE(cut.safety, LoadSafety::kData) << name;
    }
  }
  ExpectIs(
      PythonBytes("import gzip, pickle\nout.write(gzip.compress(pickle.dumps([1] * 99)[:-9]))"),
      "damaged",
      LoadSafety::kCode);
}

TEST(Layout, OfPackedBytesTellsWhatTheyHold) {
  const std::string zeros = "import gzip, zlib, bz2, lzma\nb = b'\\0' * (9 << 20)\n";
  for (const char* way : {"gzip.compress(b)",
                          "gzip.compress(b[:5]) + gzip.compress(b[5:])",
                          "zlib.compress(b)",
                          "bz2.compress(b)",
                          "lzma.compress(b)"}) {
    EXPECT_EQ(FormatOf(PythonBytes(zeros + "out.write(" + way + ")")).unpacked, 9 << 20) << way;
    ExpectIs(PythonBytes(zeros + "p = " + way + "\nout.write(p[:len(p) - 2])"),
             "damaged",
             LoadSafety::kUnknown);
  }
}

}  // namespace
}  // namespace failgate
