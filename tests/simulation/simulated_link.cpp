#include "tests/simulation/simulated_link.h"

namespace loa::simulation {

namespace {

constexpr std::chrono::seconds patience{30};

template <typename T>
Result<T> noAnswer()
{
    return fail(ErrorCategory::Unavailable, {QStringLiteral("Không có trả lời."), QStringLiteral("No answer came.")});
}

} // namespace

SimulatedLink::SimulatedLink(Events& events, const Clock& clock, Office& office, AgentId agent, LinkFaults faults,
                             std::uint32_t seed)
    : m_events(events), m_clock(clock), m_office(office), m_agent(std::move(agent)), m_faults(faults), m_chance(seed)
{
}

UtcTime SimulatedLink::soon()
{
    return m_clock.now() + std::chrono::milliseconds(m_chance.between(1, m_faults.slowest.count()));
}

void SimulatedLink::forget()
{
    ++*m_life;
    m_replies.clear();
}

void SimulatedLink::deliver(UtcTime when, playout::LinkReply reply)
{
    m_events.at(when, [this, life = *m_life, reply = std::move(reply)] {
        if (life == *m_life)
            m_replies.push_back(reply);
    });
}

void SimulatedLink::request(Handle handle, playout::LinkReply silence)
{
    if (!online || m_chance.inThousand(m_faults.requestLost)) {
        deliver(m_clock.now() + patience, std::move(silence));
        return;
    }
    if (m_chance.inThousand(m_faults.requestRepeated)) {
        ++m_repeated;
        m_events.at(soon() + std::chrono::seconds(m_chance.upTo(std::chrono::seconds(m_faults.latest).count())),
                    [handle] { (void)handle(); });
    }
    const bool answerLost = m_chance.inThousand(m_faults.answerLost);
    const UtcTime givenUp = m_clock.now() + patience;
    m_events.at(soon(),
                [this, handle = std::move(handle), silence = std::move(silence), answerLost, givenUp, life = *m_life] {
                    playout::LinkReply reply = handle();
                    if (life != *m_life)
                        return;
                    if (answerLost || !online)
                        deliver(givenUp, silence);
                    else
                        deliver(soon(), std::move(reply));
                });
}

void SimulatedLink::announce(const StationId& station, std::int64_t version)
{
    if (online && !m_chance.inThousand(m_faults.announcementLost))
        deliver(soon(), playout::BundleAnnounced{station, version});
}

void SimulatedLink::fetchBundle(const StationId& station, std::int64_t knownVersion)
{
    request(
        [this, station, knownVersion] {
            return playout::BundleReply{station, m_office.bundleAfter(station, knownVersion)};
        },
        playout::BundleReply{station, noAnswer<QByteArray>()});
}

void SimulatedLink::fetchMedia(const Sha256& sha256, std::int64_t offset, std::int64_t length)
{
    request(
        [this, sha256, offset, length]() -> playout::LinkReply {
            auto bytes = m_office.media(sha256, offset, length);
            if (!bytes)
                return playout::MediaReply{sha256, passOn(bytes)};
            return playout::MediaReply{sha256, playout::MediaPart{offset, *std::move(bytes)}};
        },
        playout::MediaReply{sha256, noAnswer<playout::MediaPart>()});
}

void SimulatedLink::sendEntries(const std::vector<SignedLogEntry>& entries)
{
    request(
        [this, entries]() -> playout::LinkReply {
            const auto taken = m_office.takeEntries(m_agent, entries);
            if (!taken)
                return playout::EntriesReply{passOn(taken)};
            if (taken->second > 0)
                throw std::runtime_error("the office rejected an entry of an honest agent");
            return playout::EntriesReply{playout::EntriesReceipt{taken->first, {}}};
        },
        playout::EntriesReply{noAnswer<playout::EntriesReceipt>()});
}

void SimulatedLink::fetchSheet(const StationId& station)
{
    const QByteArray challenge = station.value.toLatin1() + '/' + QByteArray::number(++m_questions);
    const std::chrono::nanoseconds at = m_clock.monotonic();
    request(
        [this, station, challenge, at]() -> playout::LinkReply {
            return playout::SheetReply{station, challenge, at, m_office.sheet(station, challenge)};
        },
        playout::SheetReply{station, challenge, at, noAnswer<QByteArray>()});
}

void SimulatedLink::sendAnswers(const std::vector<Acknowledgement>& answers)
{
    request(
        [answers] {
            return playout::AnswersReply{answers, Result<void>()};
        },
        playout::AnswersReply{answers, noAnswer<void>()});
}

void SimulatedLink::sendStatus(const QJsonObject&)
{
    request([] { return playout::StatusReply{Result<void>()}; }, playout::StatusReply{noAnswer<void>()});
}

} // namespace loa::simulation
