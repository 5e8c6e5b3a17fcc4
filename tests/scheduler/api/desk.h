// Where a plan is changed by hand: station A on air, and the edits that a person makes.
#pragma once

#include "tests/scheduler/api/on_air.h"

namespace loa::test {

struct Desk : OnAir {
    QJsonObject schedule(const char* from = "2026-12-01", const char* to = "2026-12-07")
    {
        return json(get("officer-a", QByteArray("/stations/station-a/schedule?from=") + from + "&to=" + to));
    }
    QJsonObject day(const char* date) { return schedule(date, date).value(QLatin1String("sessions"))[0].toObject(); }
    int revision() { return schedule().value(QLatin1String("revision")).toInt(); }

    static QJsonObject edit(const QJsonObject& session, const QString& item, const char* kind)
    {
        return {
            {text("session_id"), session[QLatin1String("id")]}, {text("item_id"), item}, {text("kind"), text(kind)}};
    }
    api::Response make(const QByteArray& person, const QJsonArray& edits, int seen)
    {
        return send(person, "POST", "/stations/station-a/edits",
                    {{text("edits"), edits}, {text("note"), text("vì lũ")}},
                    "If-Match: \"" + QByteArray::number(seen) + "\"\r\n");
    }
    QJsonObject check(const QJsonArray& edits)
    {
        const api::Response response = post("officer-a", "/stations/station-a/edits/check", {{text("edits"), edits}});
        REQUIRE(response.status == 200);
        return json(response);
    }
    static QStringList itemsOf(const QJsonObject& session)
    {
        QStringList ids;
        for (const QJsonValue& item : session[QLatin1String("items")].toArray())
            ids.append(item[QLatin1String("item_id")].toString());
        return ids;
    }
};

} // namespace loa::test
