// Probabilities of a quota being kept, against every way in which plays can fail.
#include "scheduler/planner/chance.h"
#include "tests/support/dice.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace loa;
using namespace loa::planner;
using loa::test::Dice;

namespace {

// Over all outcomes of `plays` plays that fail by themselves: the weight of those that `holds`.
template <typename Holds>
double enumerated(int plays, double failure, Holds&& holds)
{
    double sum = 0.0;
    for (unsigned outcome = 0; outcome < (1U << static_cast<unsigned>(plays)); ++outcome) {
        double weight = 1.0;
        for (int play = 0; play < plays; ++play)
            weight *= (outcome >> static_cast<unsigned>(play) & 1U) != 0 ? 1.0 - failure : failure;
        if (holds(outcome))
            sum += weight;
    }
    return sum;
}

} // namespace

TEST_CASE("Distinct items: the chance is the sum over every outcome of their plays", "[chance]")
{
    Dice dice(1);
    for (int round = 0; round < 400; ++round) {
        std::vector<ExpectedPlays> items(static_cast<std::size_t>(dice.between(0, 5)));
        int plays = 0;
        for (ExpectedPlays& item : items) {
            item.planned = dice.upTo(2);
            item.sounded = dice.oneIn(5);
            plays += item.planned;
        }
        const double failure = dice.upTo(10) / 10.0;
        const int required = dice.upTo(6);
        const double expected = enumerated(plays, failure, [&](unsigned outcome) {
            int sounded = 0;
            int play = 0;
            for (const ExpectedPlays& item : items) {
                bool heard = item.sounded;
                for (int of = 0; of < item.planned; ++of, ++play)
                    heard = heard || (outcome >> static_cast<unsigned>(play) & 1U) != 0;
                sounded += heard ? 1 : 0;
            }
            return sounded >= required;
        });
        INFO("round " << round);
        CHECK(distinctChance(items, required, failure) == Approx(expected).margin(1e-12));
    }
}

TEST_CASE("Airings and minutes: the chance is the sum over every outcome of the plays", "[chance]")
{
    Dice dice(2);
    for (int round = 0; round < 400; ++round) {
        std::vector<std::int64_t> weights(static_cast<std::size_t>(dice.between(0, 10)));
        for (std::int64_t& weight : weights)
            weight = dice.oneIn(2) ? 1 : dice.upTo(400);
        const double failure = dice.upTo(10) / 10.0;
        const std::int64_t missing = dice.between(-1, dice.oneIn(2) ? 8 : 1'500);
        const double expected = enumerated(static_cast<int>(weights.size()), failure, [&](unsigned outcome) {
            std::int64_t sum = 0;
            for (std::size_t play = 0; play < weights.size(); ++play)
                sum += (outcome >> play & 1U) != 0 ? weights[play] : 0;
            return sum >= missing;
        });
        INFO("round " << round << ", missing " << missing);
        CHECK(sumChance(weights, missing, failure) == Approx(expected).margin(1e-12));
    }
}

TEST_CASE("Beyond an hour of sound the chance is that of the normal law, near the exact one", "[chance]")
{
    // 60 plays of three minutes; 3601 s and more are asked for.
    const std::vector<std::int64_t> weights(60, 180);
    for (const double failure : {0.02, 0.1, 0.3, 0.5}) {
        double before = 1.0;
        for (std::int64_t plays = 21; plays <= 60; ++plays) {
            const std::int64_t missing = plays * 180 - 90; // in the middle between two sums that can be
            // Binomial, exactly.
            double exact = 0.0;
            for (std::int64_t heard = plays; heard <= 60; ++heard)
                exact += std::exp(std::lgamma(61.0) - std::lgamma(static_cast<double>(heard) + 1.0) -
                                  std::lgamma(61.0 - static_cast<double>(heard)) +
                                  static_cast<double>(heard) * std::log(1.0 - failure) +
                                  static_cast<double>(60 - heard) * std::log(failure));
            const double told = sumChance(weights, missing, failure);
            INFO(failure << ", " << plays << " plays");
            CHECK(std::abs(told - exact) < 0.06); // a station that hardly fails is the least normal
            CHECK(told <= before);
            before = told;
        }
    }
    // Where nothing can fail there is no spread: it is enough or it is not.
    CHECK(sumChance(weights, 10'800, 0.0) == 1.0);
    CHECK(sumChance(weights, 10'801, 0.0) == 0.0);
    CHECK(sumChance(weights, 5'000, 1.0) == 0.0);
    CHECK(sumChance({}, 5'000, 0.1) == 0.0);
}

TEST_CASE("What is known at a glance to be sure enough is sure enough", "[chance]")
{
    Dice dice(3);
    int sure = 0;
    for (int round = 0; round < 20'000; ++round) {
        const double failure = dice.between(1, 60) / 100.0;
        const int plays = dice.between(1, 120);
        const int lost = dice.oneIn(2) ? 0 : dice.upTo(plays);
        Demand demand;
        demand.sounded = dice.upTo(3);
        demand.required = demand.sounded + dice.between(0, plays);
        double chance = 0.0;
        std::int64_t loss = lost;
        const auto left = static_cast<std::size_t>(plays - lost);
        if (dice.oneIn(2)) {
            demand.measure =
                dice.oneIn(2) ? model::ObligationMeasure::Airings : model::ObligationMeasure::DistinctItems;
            demand.counted = demand.sounded + plays;
            chance = sumChance(std::vector<std::int64_t>(left, 1), demand.required - demand.sounded, failure);
        } else {
            // Of many lengths; those that stay are the first of them.
            demand.measure = model::ObligationMeasure::Minutes;
            std::vector<std::int64_t> seconds;
            loss = 0;
            for (int play = 0; play < plays; ++play) {
                const std::int64_t frames = sampleRate * dice.between(5, 60) + dice.upTo(sampleRate - 1);
                demand.longest = std::max(demand.longest, frames);
                demand.expectedSeconds += frames / sampleRate;
                if (play < plays - lost)
                    seconds.push_back(frames / sampleRate);
                else
                    loss += frames;
            }
            demand.sounded *= sampleRate;
            demand.required = demand.sounded + sampleRate * dice.upTo(static_cast<int>(demand.expectedSeconds));
            demand.counted = demand.sounded + demand.expectedSeconds * sampleRate;
            chance = sumChance(seconds, (demand.required - demand.sounded + sampleRate - 1) / sampleRate, failure);
        }
        if (!isAmplySure(demand, loss, failure))
            continue;
        ++sure;
        INFO("round " << round << ": failure " << failure << ", plays " << plays << ", lost " << lost);
        CHECK(chance >= sureEnough);
    }
    CHECK(sure > 2'000);
}
