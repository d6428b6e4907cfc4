// Writes the test vectors: cunji-vectors FOLDER (protocol/vectors). Run by hand after a change that
// a format needs; vectors_test says so as long as it was not.
#include <cstdio>
#include <fstream>

#include "tests/vectors/generators.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: cunji-vectors FOLDER\n");
    return 2;
  }
  for (const auto& [name, text] : cunji::vectors::all_files()) {
    const std::string path = std::string(argv[1]) + "/" + name;
    std::ofstream out(path, std::ios::binary);
    out << text;
    if (!out.flush()) {
      std::fprintf(stderr, "cunji-vectors: cannot write %s\n", path.c_str());
      return 1;
    }
    std::printf("%s: %zu bytes\n", path.c_str(), text.size());
  }
  return 0;
}
