// A small district in a database of its own, for tests of store and fleet. Times are those of Asia/Ho_Chi_Minh, UTC+7.
#pragma once

#include "scheduler/model/item_workflow.h"
#include "scheduler/store/store.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace loa::test {

inline QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

template <typename T>
T taken(Result<T> result)
{
    if (!result)
        FAIL(describe(result.error()).toStdString());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

template <typename T>
ErrorCategory categoryOf(const Result<T>& result)
{
    if (result)
        FAIL("no error where one was expected");
    return result.error().category;
}

inline UtcTime utc(const char* form)
{
    return taken(utcTimeFromString(text(form)));
}

inline QDate day(int dayOfMonth, int month = 12, int year = 2026)
{
    return {year, month, dayOfMonth};
}

inline const UtcTime morning = utc("2026-11-30T22:00:00.000000Z"); // 1 December, 5:00 at the stations

inline Sha256 hashOf(const std::string& seed)
{
    return sha256(QByteArray::fromStdString(seed));
}

inline SigningKey keyOf(std::uint8_t seed)
{
    std::array<std::uint8_t, 32> bytes{};
    bytes.fill(seed);
    return SigningKey::fromSeed(bytes);
}

struct District {
    std::unique_ptr<store::Database> database;
    store::Store store;

    UnitId city{text("city")};
    UnitId district{text("district")};
    std::vector<UnitId> communes{{text("commune-1")}, {text("commune-2")}, {text("commune-3")}};
    std::vector<StationId> stations{{text("station-1")}, {text("station-2")}, {text("station-3")}};
    model::User administrator;
    model::User editor;
    model::User approver;

    explicit District(const QString& path = QStringLiteral(":memory:"))
        : database(taken(store::Database::open(path))), store(*database)
    {
    }

    model::Unit unit(const UnitId& id, const std::optional<UnitId>& parent, const char* kind)
    {
        return {id, parent, id.value.toUpper(), id.value, text(kind), day(1, 1, 2020), {}};
    }

    model::User person(const char* name, model::Role role, const UnitId& unit)
    {
        const model::User user{{text(name)}, text(name), text(name), {{role, unit}}, true, morning};
        taken(store.users.add(user, text("no hash")));
        return user;
    }

    District& settle()
    {
        taken(store.units.add(unit(city, {}, "city")));
        taken(store.units.add(unit(district, city, "district")));
        for (std::size_t i = 0; i < communes.size(); ++i) {
            taken(store.units.add(unit(communes[i], district, "commune")));
            model::Station station;
            station.id = stations[i];
            station.unit = communes[i];
            station.code = stations[i].value.toUpper();
            station.name = stations[i].value;
            station.clusters = {{ClusterId{stations[i].value + text("-a")}, text("Cụm A"), text("speakers"), 4}};
            taken(store.stations.add(station, morning));
        }
        administrator = person("admin", model::Role::Administrator, city);
        editor = person("editor", model::Role::Editor, district);
        approver = person("approver", model::Role::Approver, district);
        for (const char* group : {"cchc-a", "cchc-b", "other"})
            taken(store.topics.put({TopicId{text(group)}, text(group), text(group), text(group)}));
        return *this;
    }

    model::Item draft(const char* id, const char* topic = "cchc-a", std::optional<UnitId> scope = {})
    {
        model::Item item;
        item.id = ItemId{text(id)};
        item.title = text(id);
        item.unit = district;
        item.scope = scope.value_or(district);
        item.topics = {TopicId{text(topic)}};
        item.validFrom = day(1, 1);
        item.createdBy = editor.id;
        item.createdAt = morning;
        return taken(model::newItem(item));
    }

    static model::IngestedAudio audio(const std::string& seed, int seconds = 60)
    {
        return {hashOf("source " + seed), hashOf(seed), 8000 * seconds, {seconds * sampleRate}, -16.0, -1.6,
                "{\"peaks\":[1,2]}"};
    }

    // Stored with a recording, submitted.
    model::Item submitted(const char* id, const char* topic = "cchc-a", std::optional<UnitId> scope = {},
                          int seconds = 60)
    {
        model::Item item = draft(id, topic, scope);
        taken(store.items.add(item));
        item = taken(model::attachVersion(item, UploadId{text("upload")}, text("tin.mp3"), morning));
        item = taken(model::ingestFinished(item, item.versions.back().number, audio(id, seconds)));
        return taken(store.items.save(taken(model::submit(item))));
    }

    model::Item approved(const char* id, const char* topic = "cchc-a", std::optional<UnitId> scope = {},
                         int seconds = 60)
    {
        const model::Item item = submitted(id, topic, scope, seconds);
        return taken(store.items.save(
            taken(model::approve(item, *item.versions.back().sha256, approver.id, approver.fullName, morning))));
    }
};

} // namespace loa::test
