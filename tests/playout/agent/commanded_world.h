// A station with a session ahead, and a scheduler that gives it commands of the moment.
#pragma once

#include "tests/playout/agent/agent_world.h"

#include <catch2/catch.hpp>

namespace loa::playout::test {

// 8:00 at the station is an hour of its policy (5:00 to 21:00); 8:15 is the session, three items of a minute.
struct Commanded : World {
    UtcTime startsAt = clock.now() + 15min;
    std::int64_t sequence = 0;

    explicit Commanded(Duration into = Duration(0))
        : World(UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 11 / 23) + 1h) + into)
    {
        Bundle bundle = blank(1);
        addSession(bundle, 1, startsAt, {{1}, {2}, {3}});
        publish(bundle);
        offer({1, 2, 3, 9});
    }

    Command command(CommandOrder order)
    {
        ++sequence;
        return {{u"command-%1"_s.arg(sequence)},
                station,
                sequence,
                clock.now() + scheduler.clockOffset,
                clock.now() + scheduler.clockOffset + 10min,
                {u"user-2"_s},
                u"Trần Văn Trực"_s,
                std::move(order)};
    }
    static PlayOrder play(int item, std::int64_t seconds, Priority priority)
    {
        const QByteArray audio = audioOf(item);
        BundleMedia media;
        media.sha256 = sha256(audio);
        media.bytes = audio.size();
        media.frames = {seconds * sampleRate};
        media.item = {u"item-%1"_s.arg(item)};
        media.itemVersion = 1;
        media.title = u"Báo động"_s;
        media.approval = {
            {u"user-1"_s}, u"Lê Thị Duyệt"_s, UtcTime(std::chrono::sys_days(std::chrono::year{2026} / 11 / 1))};
        return {media, priority};
    }
    QByteArray sealed(const Command& given) const
    {
        const auto bytes = sealCommand(given, schedulerKey);
        REQUIRE(bytes);
        return *bytes;
    }
    // Over the WebSocket, and on the sheet until somebody takes it off.
    Command push(CommandOrder order)
    {
        const Command given = command(std::move(order));
        scheduler.waiting[station].push_back(sealed(given));
        scheduler.push(station, sealed(given));
        return given;
    }
    // The last answer; fails the test when there is none.
    Acknowledgement answerTo(const Command& given) const
    {
        Acknowledgement last;
        for (const Acknowledgement& answer : scheduler.answers) {
            if (answer.command == given.id)
                last = answer;
        }
        if (last.command.isEmpty())
            FAIL("no answer to " + given.id.value.toStdString());
        return last;
    }
    LogEntry entryOf(const Command& given) const
    {
        const auto all = airings();
        const auto found = all.find({airingOf(given).value, u"loa"_s});
        if (found == all.end())
            FAIL("no entry for " + given.id.value.toStdString());
        return found->second;
    }
};

constexpr FrameCount seconds(std::int64_t count)
{
    return {count * sampleRate};
}

} // namespace loa::playout::test
