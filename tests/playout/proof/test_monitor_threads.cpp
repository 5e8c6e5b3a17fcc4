// In real time, since it is about real threads.
#include "playout/proof/monitor.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace loa::playout {

using namespace std::chrono_literals;

namespace {

// Gives a second of silence at once, then hangs until it is cancelled.
class HangingInput final : public MonitorInput {
public:
    explicit HangingInput(std::function<bool()> isCancelled) : m_isCancelled(std::move(isCancelled)) {}
    Result<std::span<const float>> read() override
    {
        if (m_given++ < 50)
            return std::span<const float>(m_block);
        while (!m_isCancelled())
            std::this_thread::sleep_for(1ms);
        return fail(ErrorCategory::Unavailable, {QStringLiteral("thôi"), QStringLiteral("cancelled")});
    }

private:
    std::function<bool()> m_isCancelled;
    std::vector<float> m_block = std::vector<float>(960);
    int m_given = 0;
};

} // namespace

TEST_CASE("A monitor says once that its input is gone or there, tries again, and ends though it hangs", "[proof]")
{
    const SystemClock clock;
    MixTrace trace;
    std::atomic<int> opens = 0;
    std::atomic<int> wakes = 0;
    MonitorConfig config;
    config.url = QStringLiteral("http://127.0.0.1/none");
    config.output = QStringLiteral("main");
    std::vector<MonitorNews> news;
    {
        Monitor monitor(
            config,
            [&](const MonitorConfig& wanted,
                std::function<bool()> isCancelled) -> Result<std::unique_ptr<MonitorInput>> {
                if (++opens == 1)
                    return fail(ErrorCategory::Unavailable, {QStringLiteral("chưa có"), QStringLiteral("not yet")},
                                wanted.url);
                return std::make_unique<HangingInput>(std::move(isCancelled));
            },
            trace, clock, [&] { ++wakes; });
        monitor.ask({});
        for (int tries = 0; tries < 4'000 && news.size() < 2; ++tries) {
            for (MonitorNews& one : monitor.take())
                news.push_back(std::move(one));
            std::this_thread::sleep_for(2ms);
        }
    }
    // What was asked for long ago may be answered in between: nothing arrived.
    std::vector<MonitorState> states;
    for (const MonitorNews& one : news) {
        if (const auto* state = std::get_if<MonitorState>(&one))
            states.push_back(*state);
        else
            CHECK(std::get<HeardProof>(one).result == Heard::Unknown);
    }
    REQUIRE_FALSE(states.empty());
    CHECK_FALSE(states[0].isOpen);
    CHECK(states[0].error->message.en == QStringLiteral("not yet"));
    CHECK(opens >= 1);
    CHECK(wakes >= 2);
}

TEST_CASE("An input that gives minutes at once is no live sound, and says so", "[proof]")
{
    class Flood final : public MonitorInput {
    public:
        Result<std::span<const float>> read() override { return std::span<const float>(m_second); }

    private:
        std::vector<float> m_second = std::vector<float>(sampleRate);
    };
    const SystemClock clock;
    MixTrace trace;
    Monitor monitor({}, [](const MonitorConfig&, std::function<bool()>) { return std::make_unique<Flood>(); }, trace,
                    clock, {});
    std::optional<Error> error;
    for (int tries = 0; tries < 4'000 && !error; ++tries) {
        for (const MonitorNews& one : monitor.take()) {
            if (const auto* state = std::get_if<MonitorState>(&one); state && !state->isOpen)
                error = state->error;
        }
        std::this_thread::sleep_for(2ms);
    }
    REQUIRE(error);
    CHECK(error->category == ErrorCategory::InvalidInput);
}

} // namespace loa::playout
