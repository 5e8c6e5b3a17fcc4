#include "scheduler/commands/data_folder.h"
#include "scheduler/commands/presets.h"
#include "scheduler/commands/settings.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::commands;

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
