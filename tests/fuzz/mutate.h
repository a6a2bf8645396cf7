#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::fuzz {

// Spoils inputs the way a fuzzer does, but with a seed, so that a plain build repeats a run: bytes flipped,
// pieces cut, doubled and moved between inputs, and words of the format put in.
class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, std::vector<std::string> words, std::uint32_t seed)
      : seeds_(std::move(seeds)), words_(std::move(words)), random_(seed) {}

  std::string next() {
    std::string input = pick(seeds_);
    for (auto steps = below(6); steps > 0; --steps) step(input);
    return input;
  }

 private:
  void step(std::string& input) {
    const auto at = below(input.size() + 1);
    switch (below(6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 2:
        input.erase(at, below(20));
        break;
      case 3:
        input.insert(at, pick(words_));
        break;
      case 4: {
        const auto& other = pick(seeds_);
        const auto from = below(other.size() + 1);
        input.insert(at, other.substr(from, below(100)));
        break;
      }
      default:
        input.resize(std::max<std::size_t>(at, 1));
    }
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  std::vector<std::string> seeds_, words_;
  std::mt19937 random_;
};

}  // namespace teamferry::fuzz
