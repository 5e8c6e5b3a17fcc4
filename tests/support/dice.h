// Small random numbers for made-up questions: the same seed throws the same on every machine, which the standard
// library's distributions do not promise.
#pragma once

#include <random>

namespace loa::test {

class Dice {
public:
    explicit Dice(unsigned seed) : m_engine(seed) {}
    int upTo(int most) { return static_cast<int>(m_engine() % static_cast<unsigned>(most + 1)); } // from 0
    int between(int least, int most) { return least + upTo(most - least); }
    bool oneIn(int sides) { return upTo(sides - 1) == 0; }

private:
    std::mt19937 m_engine;
};

} // namespace loa::test
