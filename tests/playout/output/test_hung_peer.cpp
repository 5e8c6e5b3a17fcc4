// Peers that hang: TCP servers that accept and never answer, or answer and never read.
#include "tests/playout/output/live.h"

#include <poll.h>

#include <atomic>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;

namespace {

class FakeIcecast {
public:
    enum class Manner { NeverAnswers, NeverReads, ReadsAll, Refuses };

    explicit FakeIcecast(Manner manner) : m_manner(manner)
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM, 0);
        const int small = 4096; // so that a stream that nobody reads fills up within a second
        if (manner != Manner::ReadsAll)
            setsockopt(m_listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        m_port = bindToFreePort(m_listener);
        REQUIRE(listen(m_listener, 8) == 0);
        m_thread = std::thread([this] { run(); });
    }
    ~FakeIcecast()
    {
        m_quit = true;
        m_thread.join();
        ::close(m_listener);
    }

    OutputConfig output(const char* name) const
    {
        OutputConfig config;
        config.name = QString::fromLatin1(name);
        config.device = QStringLiteral("icecast");
        config.url = QStringLiteral("http://127.0.0.1:%1/commune").arg(m_port);
        config.password = QStringLiteral("secret");
        config.bitRate = 320000;
        config.timeout = 500ms;
        return config;
    }
    int connections() const { return m_connections; }
    std::int64_t bytes() const { return m_bytes; }

private:
    void run()
    {
        std::vector<int> peers;
        char buffer[4096];
        while (!m_quit) {
            std::vector<pollfd> descriptors{{m_listener, POLLIN, 0}};
            for (const int peer : peers)
                descriptors.push_back({peer, static_cast<short>(m_manner == Manner::ReadsAll ? POLLIN : 0), 0});
            if (poll(descriptors.data(), descriptors.size(), 20) <= 0)
                continue;
            for (std::size_t index = 1; index < descriptors.size(); ++index) {
                if ((descriptors[index].revents & POLLIN) != 0) {
                    const ssize_t size = recv(descriptors[index].fd, buffer, sizeof buffer, MSG_DONTWAIT);
                    m_bytes += std::max<ssize_t>(size, 0);
                }
            }
            if ((descriptors[0].revents & POLLIN) == 0)
                continue;
            const int peer = accept(m_listener, nullptr, nullptr);
            ++m_connections;
            peers.push_back(peer);
            if (m_manner == Manner::NeverAnswers)
                continue;
            static_cast<void>(recv(peer, buffer, sizeof buffer, 0));
            const std::string_view answer = m_manner == Manner::Refuses ? "HTTP/1.0 401 Authentication Required\r\n\r\n"
                                                                        : "HTTP/1.1 100 Continue\r\n\r\n";
            static_cast<void>(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL));
        }
        for (const int peer : peers)
            ::close(peer);
    }

    const Manner m_manner;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    std::atomic<bool> m_quit = false;
    std::atomic<int> m_connections = 0;
    std::atomic<std::int64_t> m_bytes = 0;
    std::thread m_thread;
};

OutputConfig nullNamed(const char* name)
{
    OutputConfig config;
    config.name = QString::fromLatin1(name);
    config.device = QStringLiteral("null");
    return config;
}

const QString airing = QStringLiteral("airing-0");

} // namespace

TEST_CASE("Promise 7: an Icecast server that hangs delays no other output", "[promise-7]")
{
    FakeIcecast silent(FakeIcecast::Manner::NeverAnswers);
    FakeIcecast deaf(FakeIcecast::Manner::NeverReads);
    FakeIcecast sound(FakeIcecast::Manner::ReadsAll);
    LivePlayer live({silent.output("silent"), deaf.output("deaf"), sound.output("sound"), nullNamed("main")},
                    {4 * sampleRate});
    const UtcTime start = live.playIn(1500ms);
    REQUIRE(live.recorder.awaitSessions(1, 20s));

    for (const char* output : {"main", "sound"}) {
        const AiringRecord record = live.recorder.record(airing, QString::fromLatin1(output));
        INFO(output);
        CHECK(record.outcome == Outcome::Complete);
        CHECK(record.gaps == 0);
        CHECK(std::chrono::abs(*record.firstFrameAt - start) < 250ms);
        CHECK(*record.lastFrameAt < start + 4s + 250ms);
    }
    const AiringRecord unanswered = live.recorder.record(airing, QStringLiteral("silent"));
    CHECK(unanswered.outcome == Outcome::Missed);
    CHECK(silent.connections() >= 2); // it was tried again
    // What a deaf peer's host took before its window closed has left, as far as TCP can tell; the rest has not.
    const AiringRecord unread = live.recorder.record(airing, QStringLiteral("deaf"));
    CHECK(unread.outcome != Outcome::Complete);
    CHECK(unread.frames < FrameCount{2 * sampleRate});
    CHECK(deaf.connections() >= 2);
    CHECK(sound.connections() == 1);
    CHECK(sound.bytes() >= 4 * 40'000);
}

TEST_CASE("Promise 3: a record claims no frame whose bytes the peer's host did not confirm", "[promise-3]")
{
    FakeIcecast deaf(FakeIcecast::Manner::NeverReads);
    OutputConfig config = deaf.output("deaf");
    config.between = BetweenSessions::Closed;
    config.leadIn = 0ms;
    LivePlayer live({config}, {4 * sampleRate});
    live.playIn(800ms);
    REQUIRE(live.recorder.awaitSessions(1, 20s));
    const AiringRecord record = live.recorder.record(airing, QStringLiteral("deaf"));
    // 40 KB a second, and each connection's receive buffer holds a few KB.
    const double kilobytes = static_cast<double>(record.frames.value) / sampleRate * 40;
    CHECK(kilobytes <= 10.0 * deaf.connections());
    CHECK(record.outcome != Outcome::Complete);
}

TEST_CASE("Stopping does not wait for a peer that hangs")
{
    FakeIcecast silent(FakeIcecast::Manner::NeverAnswers);
    OutputConfig patient = silent.output("silent");
    patient.timeout = 30s;
    LivePlayer live({patient, nullNamed("main")}, {4 * sampleRate});
    live.playIn(300ms);
    while (live.recorder.beganCount() == 0)
        std::this_thread::sleep_for(10ms);
    const auto begin = live.clock.monotonic();
    live.player->stop();
    CHECK(live.clock.monotonic() - begin < 3s);
    CHECK(live.recorder.ended.size() == 2);
}

TEST_CASE("A refused password is told as such")
{
    FakeIcecast refusing(FakeIcecast::Manner::Refuses);
    LivePlayer live({refusing.output("main")}, {sampleRate / 4});
    live.playIn(600ms);
    REQUIRE(live.recorder.awaitSessions(1, 10s));
    const auto health = live.player->health();
    REQUIRE(health[0].lastError);
    CHECK(health[0].lastError->category == ErrorCategory::Unauthorized);
    CHECK_FALSE(health[0].open);
    live.player.reset();
    CHECK(live.recorder.record(airing, QStringLiteral("main")).outcome == Outcome::Missed);
    CHECK(live.recorder.events.size() == 1); // told once, however often it was tried
}

} // namespace loa::playout
