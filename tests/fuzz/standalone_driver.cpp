// Runs a fuzz target without libFuzzer: every seed of a corpus as it is, then a number of mutations
// of them. The same seeds give the same inputs, so that a failure comes back. Before the target
// crashes, the input can be had: it is written to the file that FUZZ_LAST_INPUT names.
//
//   NAME_fuzz MUTATIONS CORPUS_FOLDER
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMaxInputBytes = 64 << 10;

std::vector<std::string> read_corpus(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string input = seed();
    for (size_t changes = 1 + below(4); changes > 0; --changes) change(input);
    input.resize(std::min(input.size(), kMaxInputBytes));
    return input;
  }

 private:
  const std::string& seed() { return seeds_[below(seeds_.size())]; }
  size_t below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void change(std::string& input) {
    const size_t at = below(input.size());
    switch (below(7)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (!input.empty()) input[at] = static_cast<char>(random_());
        break;
      case 2:
        input.resize(at);
        break;
      case 3:
        input.insert(at, below(9), static_cast<char>(random_()));
        break;
      case 4:
        input.erase(at, 1 + below(8));
        break;
      case 5:
        store_extreme(input, at);
        break;
      case 6:
        splice(input, at);
        break;
    }
  }

  // Lengths and counts break at their ends.
  void store_extreme(std::string& input, size_t at) {
    constexpr uint64_t kExtremes[] = {0,          1,          0x7f,         0x7fff,
                                      0x7fffffff, 0x80000000, ~uint64_t{0}, uint64_t{1} << 63};
    const uint64_t value = kExtremes[below(std::size(kExtremes))];
    const size_t width = size_t{1} << below(4);
    for (size_t i = 0; i < width && at + i < input.size(); ++i) {
      input[at + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
    }
  }

  void splice(std::string& input, size_t at) {
    const std::string& other = seed();
    const size_t from = below(other.size());
    input.replace(at, std::string::npos, other.substr(from));
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{20260101};
};

void run(const std::string& input) {
  if (const char* path = std::getenv("FUZZ_LAST_INPUT")) {
    std::ofstream(path, std::ios::binary) << input;
  }
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MUTATIONS CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> seeds = read_corpus(argv[2]);
  if (seeds.empty()) {
    std::fprintf(stderr, "%s: no seeds\n", argv[2]);
    return 1;
  }
  for (const auto& seed : seeds) run(seed);
  Mutator mutator(seeds);
  const long mutations = std::atol(argv[1]);
  for (long i = 0; i < mutations; ++i) run(mutator.next());
  std::printf("%zu seeds and %ld mutations\n", seeds.size(), mutations);
}
