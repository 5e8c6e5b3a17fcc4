// An office whose station A has a session every morning at 5:30, two approved items, and an agent.
#pragma once

#include "scheduler/contract/airing.h"
#include "tests/scheduler/api/office.h"

namespace loa::test {

inline QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

struct OnAir : Office {
    OnAir()
    {
        const QJsonObject rule{{text("title"), text("Buổi sáng")},       {text("rrule"), text("FREQ=DAILY")},
                               {text("start_date"), text("2026-11-01")}, {text("start_time"), text("05:30")},
                               {text("duration_seconds"), 1800},         {text("valid_from"), text("2026-11-01")}};
        REQUIRE(post("officer-a", "/stations/station-a/session-rules", rule).status == 201);
        approvedItem(text("Tin một"), text("district"), "one");
        approvedItem(text("Tin hai"), text("district"), "two");
        agent = std::make_unique<Caller>(enrolAgent(text("station-a")));
        plan();
    }

    QJsonArray sessions(const char* from, const char* to)
    {
        return json(get("officer-a", QByteArray("/stations/station-a/schedule?from=") + from + "&to=" + to))
            .value(QLatin1String("sessions"))
            .toArray();
    }

    // The agent plays what is planned in the session, and says so.
    void air(const QJsonValue& session, Outcome outcome = Outcome::Complete)
    {
        std::vector<LogEntry> entries;
        for (const QJsonValue& planned : session[QLatin1String("items")].toArray()) {
            LogEntry entry;
            entry.airing = AiringId{planned[QLatin1String("airing_id")].toString()};
            entry.session = SessionId{session[QLatin1String("id")].toString()};
            entry.item = ItemId{planned[QLatin1String("item_id")].toString()};
            entry.sha256 = *must(store->items.find(entry.item)).versions.back().sha256;
            entry.plannedStart = must(utcTimeFromString(planned[QLatin1String("starts_at")].toString()));
            entry.plannedFrames = {planned[QLatin1String("frames")].toInteger()};
            entry.frames = outcome == Outcome::Complete ? entry.plannedFrames : FrameCount{0};
            if (outcome == Outcome::Complete) {
                entry.firstFrameAt = entry.plannedStart;
                entry.lastFrameAt = entry.plannedStart + toDuration(entry.frames);
            }
            entry.outcome = outcome;
            entries.push_back(entry);
        }
        log(std::move(entries));
    }

    // Lines of the agent's log, signed and sent.
    void log(std::vector<LogEntry> entries)
    {
        QJsonArray lines;
        for (LogEntry& entry : entries) {
            entry.agent = agent->id;
            entry.sequence = ++sequence;
            entry.previous = previous.value_or(chainStart(agent->key.verifyKey()));
            entry.station = StationId{text("station-a")};
            entry.clock = ClockState::Synchronised;
            entry.output = text("main");
            entry.bundleVersion = 1;
            entry.recordedAt = entry.plannedStart + std::chrono::minutes(30);
            const SignedLogEntry line = must(signEntry(entry, agent->key));
            previous = line.hash;
            lines.append(toJson(line));
        }
        const api::Response taken =
            ask(*agent, "POST", "/agent/airings", QJsonDocument(QJsonObject{{text("entries"), lines}}).toJson());
        REQUIRE(taken.status == 200);
        REQUIRE(json(taken).value(QLatin1String("accepted")).toInt() == lines.size());
    }

    QJsonObject row(const char* month)
    {
        const QJsonArray rows =
            json(get("inspector", QByteArray("/compliance?month=") + month)).value(QLatin1String("rows")).toArray();
        for (const QJsonValue& one : rows) {
            if (one[QLatin1String("station_id")] == text("station-a"))
                return one.toObject();
        }
        return {};
    }

    std::unique_ptr<Caller> agent;
    std::int64_t sequence = 0;
    std::optional<Sha256> previous;
};

} // namespace loa::test
