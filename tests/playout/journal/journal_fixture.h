// Journals in a temporary folder, and airings to write in them.
#pragma once

#include "playout/journal/journal.h"

#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::playout::test {

inline SigningKey agentKey()
{
    return SigningKey::fromSeed({7});
}

inline UtcTime at(std::int64_t seconds)
{
    return UtcTime(std::chrono::seconds(1'796'000'000 + seconds)); // in November 2026
}

inline Stamp stampAt(std::int64_t seconds)
{
    return {at(seconds), ClockState::Synchronised};
}

inline PlannedAiring planned(int number, std::int64_t startSeconds, const QString& output = QStringLiteral("icecast"),
                             std::int64_t frames = 480'000)
{
    return {{{QStringLiteral("airing-%1").arg(number)}, output},
            {QStringLiteral("station-1")},
            {QStringLiteral("session-1")},
            {QStringLiteral("item-%1").arg(number)},
            sha256(QByteArray::number(number)),
            3,
            at(startSeconds),
            {frames}};
}

inline AiringEnd complete(const PlannedAiring& airing)
{
    return {Outcome::Complete,
            airing.plannedFrames,
            0,
            airing.plannedStart,
            airing.plannedStart + toDuration(airing.plannedFrames),
            {},
            {}};
}

struct JournalFolder {
    QTemporaryDir folder;
    SigningKey key = agentKey();
    JournalSettings settings;

    explicit JournalFolder(bool durable = false)
    {
        settings.path = folder.filePath(QStringLiteral("journal.db"));
        settings.agent = {QStringLiteral("agent-1")};
        settings.durable = durable;
    }
    [[nodiscard]] std::unique_ptr<Journal> open() const
    {
        auto journal = Journal::open(settings, key);
        if (!journal)
            FAIL(describe(journal.error()).toStdString());
        return *std::move(journal);
    }
};

// Every entry, after checking each against the one before.
inline std::vector<SignedLogEntry> verifiedEntries(const Journal& journal)
{
    const auto entries = journal.entries(1, 1'000'000);
    REQUIRE(entries);
    const VerifyKey key = agentKey().verifyKey();
    const SignedLogEntry* last = nullptr;
    for (const SignedLogEntry& entry : *entries) {
        const auto link = verifyLink(last, entry, key);
        if (!link)
            FAIL(describe(link.error()).toStdString());
        last = &entry;
    }
    return *entries;
}

} // namespace loa::playout::test
