#include "scheduler/commands/data_folder.h"
#include "scheduler/commands/settings.h"
#include "scheduler/imports/presets.h"
#include "scheduler/planner/layout.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <algorithm>
#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::commands;
using namespace loa::imports;

namespace {

QString sourceFile(const char* path)
{
    return qEnvironmentVariable("LOA_SOURCE_DIR") + u'/' + QLatin1String(path);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

Result<Settings> readText(const QByteArray& text)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("scheduler.toml"));
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    return readSettings(path);
}

} // namespace

TEST_CASE("The example configuration is right, and what it shows as defaults are the defaults", "[settings]")
{
    const QByteArray example = contentOf(sourceFile("config/scheduler.toml"));
    const auto asIs = readText(example);
    if (!asIs)
        FAIL(describe(asIs.error()).toStdString());

    QString text = QString::fromUtf8(example);
    text.replace(QRegularExpression(QStringLiteral("^# ([a-z_]+ = )"), QRegularExpression::MultilineOption),
                 QStringLiteral("\\1"));
    REQUIRE(text != QString::fromUtf8(example));
    const auto all = readText(text.toUtf8());
    if (!all)
        FAIL(describe(all.error()).toStdString());

    CHECK(all->log == asIs->log);
    CHECK(all->planEvery == asIs->planEvery);
    CHECK(all->freezeAhead == asIs->freezeAhead);
    CHECK(asIs->freezeAhead == std::chrono::hours(2));
    CHECK(all->server.address == asIs->server.address);
    CHECK(all->server.port == 8420);
    CHECK(all->server.limits.headBytes == asIs->server.limits.headBytes);
    CHECK(all->server.limits.bodyBytes == asIs->server.limits.bodyBytes);
    CHECK(all->server.limits.bufferedBytes == asIs->server.limits.bufferedBytes);
    CHECK(all->server.limits.idle == asIs->server.limits.idle);
    CHECK(all->server.limits.connections == asIs->server.limits.connections);
    CHECK(all->server.limits.connectionsPerAddress == asIs->server.limits.connectionsPerAddress);
    CHECK(all->server.limits.trustedProxies.size() == 1);
    CHECK(all->server.api.uploadBytes == asIs->server.api.uploadBytes);
    CHECK(all->server.api.uploadsPerUser == asIs->server.api.uploadsPerUser);
    CHECK(all->server.api.uploadLife == asIs->server.api.uploadLife);
    CHECK(all->server.api.secureCookies == asIs->server.api.secureCookies);
    CHECK(all->ingest.parallel == asIs->ingest.parallel);
    CHECK(all->ingest.wallTime == asIs->ingest.wallTime);
    CHECK(all->ingest.arguments == asIs->ingest.arguments);
}

TEST_CASE("A misspelt key of the configuration is refused with its line", "[settings]")
{
    const auto settings = readText("data = \"d\"\n[listen]\nprot = 80\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().where.endsWith(QStringLiteral("scheduler.toml:3")));
    CHECK(settings.error().message.en.contains(QStringLiteral("\"port\"")));
}

TEST_CASE("Settings that contradict each other or mean nothing are refused", "[settings]")
{
    for (const char* text :
         {"", "data = \"d\"\n[listen]\naddress = \"localhost\"\n", "data = \"d\"\n[listen]\nport = 65536\n",
          "data = \"d\"\n[limits]\nbody = \"2 MiB\"\nbuffered = \"1 MiB\"\n", "data = \"d\"\nlog = \"chatty\"\n",
          "data = \"d\"\n[listen]\ntrusted_proxies = [\"nginx\"]\n", "data = \"d\"\n[media]\ntarget_lufs = 3\n"}) {
        INFO(text);
        const auto settings = readText(text);
        REQUIRE_FALSE(settings);
        CHECK(settings.error().category == ErrorCategory::InvalidInput);
    }
}

TEST_CASE("The presets are whole: topics, hours and the plan's twelve duties", "[presets]")
{
    const auto presets = loadPresets(sourceFile("config"));
    if (!presets)
        FAIL(describe(presets.error()).toStdString());
    CHECK_FALSE(presets->topics.empty());
    CHECK_FALSE(presets->policies.empty());
    int ofThePlan = 0;
    for (const model::Obligation& obligation : presets->obligations) {
        ofThePlan += obligation.row > 0 ? 1 : 0;
        if (obligation.row == 3) {
            CHECK(obligation.required == 2);
            CHECK(obligation.period == model::ObligationPeriod::Month);
            CHECK(obligation.evidence == model::ObligationEvidence::Airings);
        }
    }
    CHECK(ofThePlan == 12);
}

TEST_CASE("Special days of the presets fall where Viet Nam's calendar has them", "[presets]")
{
    const auto presets = loadPresets(sourceFile("config"));
    REQUIRE(presets);
    const auto named = [&](const char* preset, const QString& name) {
        const auto found = std::ranges::find(presets->specialDays, QLatin1String(preset), &SpecialDaysPreset::id);
        REQUIRE(found != presets->specialDays.end());
        std::vector<QDate> dates;
        for (const model::SpecialDay& day : found->days) {
            if (day.name == name)
                dates.push_back(day.date);
        }
        return dates;
    };
    // First days of the lunar years, from published calendars; 2030 is a day before China's.
    const std::vector<QDate> newYears{{2025, 1, 29}, {2026, 2, 17}, {2027, 2, 6},  {2028, 1, 26},
                                      {2029, 2, 13}, {2030, 2, 2},  {2031, 1, 23}, {2032, 2, 11},
                                      {2033, 1, 31}, {2034, 2, 19}, {2035, 2, 8}};
    CHECK(named("le-lon-mot-buoi", QStringLiteral("Mùng một Tết Nguyên đán")) == newYears);
    const auto off = named("nghi-le-tet", QStringLiteral("Tết Nguyên đán"));
    CHECK(off.size() == 5 * newYears.size());
    for (const QDate first : newYears) {
        for (const int day : {-1, 0, 1, 2})
            CHECK(std::ranges::find(off, first.addDays(day)) != off.end());
    }
    // The tenth of the third month is 68 or 69 days after the first of the first, a month more when a leap month lies
    // between.
    const auto ancestors = named("nghi-le-tet", QStringLiteral("Giỗ Tổ Hùng Vương"));
    REQUIRE(ancestors.size() == newYears.size());
    for (std::size_t i = 0; i < newYears.size(); ++i) {
        const auto days = newYears[i].daysTo(ancestors[i]);
        CHECK((days == 67 || days == 68 || days == 69 || days == 97 || days == 98));
    }
    CHECK(ancestors[1] == QDate(2026, 4, 26));
    const auto national = named("nghi-le-tet", QStringLiteral("Quốc khánh"));
    CHECK(national.size() == 22);
    CHECK(named("nghi-le-tet", QStringLiteral("Ngày Văn hóa Việt Nam")).front() == QDate(2026, 11, 24));
    for (int year = 2025; year <= 2035; ++year) {
        CHECK(std::ranges::find(national, QDate(year, 9, 2)) != national.end());
        for (const SpecialDaysPreset& preset : presets->specialDays)
            CHECK(checkCalendar(calendarOf(preset, year)));
    }
}

TEST_CASE("Templates of the presets fit the session that they were made for, with a tune of half a minute", "[presets]")
{
    const auto presets = loadPresets(sourceFile("config"));
    REQUIRE(presets);
    CHECK(presets->templates.size() >= 5);
    for (const TemplatePreset& preset : presets->templates) {
        INFO(preset.id.toStdString());
        model::SessionTemplate made{{}, {}, preset.name, preset.parts};
        for (model::TemplatePart& part : made.parts) {
            if (part.kind == model::PartKind::Signature || part.kind == model::PartKind::Closing)
                part.tune = ItemId{QStringLiteral("tune")};
        }
        model::Session session;
        session.localDate = QDate(2026, 12, 1);
        session.frames = toFrames(preset.session);
        const auto laidOut = planner::layOut(made, session, [](const ItemId&, QDate) {
            return std::optional(planner::TuneRecording{1, {}, toFrames(std::chrono::seconds(30))});
        });
        REQUIRE(laidOut);
        CHECK(laidOut->cuts.empty());
        CHECK(laidOut->tunes.size() == 2);
        CHECK(std::ranges::any_of(laidOut->parts, [](const model::SessionPart& part) {
            return part.kind == model::PartKind::ReformColumn && part.accepts.size() == 6;
        }));
    }
}

TEST_CASE("A preset with a mistake is refused with its place", "[presets]")
{
    const QByteArray good = contentOf(sourceFile("config/obligations/cchc-monthly.json"));
    REQUIRE(obligationsFromJson(good));
    const std::pair<const char*, const char*> mistakes[] = {
        {"\"required\"", "\"requierd\""},
        {"\"month\"", "\"fortnight\""},
        {"\"airings\"", "\"hearsay\""},
        {"\"valid_from\": \"2025-01-01\"", "\"valid_from\": \"2025-01-32\""},
    };
    for (const auto& [from, to] : mistakes) {
        INFO(to);
        QByteArray bad = good;
        bad.replace(from, to);
        REQUIRE(bad != good);
        const auto obligations = obligationsFromJson(bad);
        REQUIRE_FALSE(obligations);
        CHECK(obligations.error().where.startsWith(QStringLiteral("/obligations/0")));
    }
    CHECK_FALSE(obligationsFromJson("[]"));
    const auto placeOf = [](const char* file, auto read, const char* from, const char* to) {
        QByteArray bad = contentOf(sourceFile(file));
        REQUIRE(read(bad));
        bad.replace(from, to);
        const auto preset = read(bad);
        REQUIRE_FALSE(preset);
        return preset.error().where;
    };
    const char* days = "config/special_days/nghi-le-tet.json";
    CHECK(placeOf(days, specialDaysFromJson, "\"2027-02-06\"", "\"2027-02-30\"") ==
          QStringLiteral("/occasions/1/dates"));
    CHECK(placeOf(days, specialDaysFromJson, "\"2027-02-06\"", "\"2037-02-06\"") ==
          QStringLiteral("/occasions/1/dates"));
    CHECK(placeOf(days, specialDaysFromJson, "\"04-30\"", "\"30/04\"") == QStringLiteral("/occasions/3/every_year"));
    CHECK(placeOf(days, specialDaysFromJson, "\"04-30\"", "\"05-01\"") == QStringLiteral("2025: /days/8/date"));
    CHECK(placeOf(days, specialDaysFromJson, "every_year", "each_year").startsWith(QStringLiteral("/occasions/0")));
    const char* parts = "config/templates/buoi-sang.json";
    CHECK(placeOf(parts, templateFromJson, "\"relay\"", "\"relai\"").startsWith(QStringLiteral("/parts/1")));
    CHECK(placeOf(parts, templateFromJson, "\"source\": \"VOV1\", ", "") == QStringLiteral("/parts/1/source"));
    CHECK(loadPresets(QStringLiteral("/nowhere")).error().category == ErrorCategory::NotFound);
}

TEST_CASE("A command plans with the freeze of the configuration that it is given", "[settings]")
{
    static constexpr OptionSpec options[] = {dataOption, configOption};
    static constexpr CommandSpec command{"plan", "", "Plans.", "Xếp lịch.", options, nullptr};
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("scheduler.toml"));
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("data = \"/tmp\"\n[planning]\nfreeze_ahead = \"45 min\"\n");
    file.close();
    const auto configured = parseArguments(command, {QStringLiteral("--config"), path});
    REQUIRE(configured);
    CHECK(freezeAheadFrom(*configured) == std::chrono::minutes(45));
    const auto bare = parseArguments(command, {QStringLiteral("--data"), folder.path()});
    REQUIRE(bare);
    CHECK(freezeAheadFrom(*bare) == fleet::Planning::standardFreezeAhead);
}
