#include "tests/scheduler/commands/scheduler_program.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <catch2/catch.hpp>

using namespace loa::test;

namespace {

QStringList words(const char* text)
{
    return QString::fromUtf8(text).split(u' ', Qt::SkipEmptyParts);
}

QString csvFile(const QTemporaryDir& folder, const QByteArray& text)
{
    const QString path = folder.filePath(QStringLiteral("in.csv"));
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(text);
    return path;
}

} // namespace

TEST_CASE("Every command tells its use; wrong use exits 64", "[program]")
{
    for (const char* command : {"init", "serve", "plan", "user add", "user list", "user password", "user deactivate",
                                "station add", "station list", "station rule add", "import units", "import stations",
                                "presets list", "presets add", "backup", "verify-log"}) {
        INFO(command);
        const Finished help = runScheduler(words(command) + QStringList{QStringLiteral("--help")});
        CHECK(help.code == 0);
        CHECK(help.out.contains(QLatin1String(command)));
        CHECK(help.out.contains(QStringLiteral("--help")));
        CHECK(help.out.contains(QStringLiteral("Mã thoát")));
        const Finished wrong = runScheduler(words(command) + QStringList{QStringLiteral("--nonsense")});
        CHECK(wrong.code == 64);
        CHECK(wrong.err.contains(QStringLiteral("--nonsense")));
        CHECK(wrong.out.isEmpty());
    }
    CHECK(runScheduler({}).code == 64);
    CHECK(runScheduler(words("fly")).code == 64);
    CHECK(runScheduler(words("user")).code == 64);
    CHECK(runScheduler(words("user --help")).out.contains(QStringLiteral("user deactivate")));
    CHECK(runScheduler(words("help")).out.contains(QStringLiteral("verify-log")));
    CHECK(runScheduler(words("user list --data a --config b")).code == 64);
}

TEST_CASE("init makes a private folder once, and a password that nobody could guess", "[program]")
{
    const Installation installation;
    CHECK(installation.password().size() >= 20);
    const auto onlyOwner = [](const QString& path) {
        return !(QFileInfo(path).permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup |
                                                  QFile::ReadOther | QFile::WriteOther | QFile::ExeOther));
    };
    CHECK(onlyOwner(installation.data()));
    CHECK(onlyOwner(installation.data() + QStringLiteral("/keys/scheduler.key")));

    QFile key(installation.data() + QStringLiteral("/keys/scheduler.key"));
    REQUIRE(key.open(QIODevice::ReadOnly));
    const QByteArray before = key.readAll();
    const Finished again =
        runScheduler({QStringLiteral("init"), QStringLiteral("--data"), installation.data(),
                      QStringLiteral("--presets"), qEnvironmentVariable("LOA_SOURCE_DIR") + QStringLiteral("/config")});
    CHECK(again.code == 73);
    CHECK(again.err.contains(QStringLiteral("conflict")));
    key.seek(0);
    CHECK(key.readAll() == before);
    CHECK(runScheduler({QStringLiteral("user"), QStringLiteral("list"), QStringLiteral("--data"), installation.data()})
              .out.contains(QStringLiteral("administrator@thu")));
}

TEST_CASE("presets are listed and taken for a unit", "[program]")
{
    const Installation installation;
    const QStringList folder{QStringLiteral("--presets"),
                             qEnvironmentVariable("LOA_SOURCE_DIR") + QStringLiteral("/config")};
    const Finished listed = runScheduler(words("presets list") + folder);
    CHECK(listed.code == 0);
    for (const char* id : {"ha-noi-2021-quan", "nghi-le-tet", "le-lon-mot-buoi", "buoi-sang", "quan-15-phut"})
        CHECK(listed.out.contains(QLatin1String(id)));
    const auto add = [&](const char* more) {
        return runScheduler(words("presets add --unit thu --data") + QStringList{installation.data()} + folder +
                            words(more));
    };
    const Finished days = add("nghi-le-tet --year 2027 --year 2028");
    CHECK(days.code == 0);
    CHECK(days.out.contains(QStringLiteral("2027")));
    CHECK(days.out.contains(QStringLiteral("2028")));
    CHECK(add("nghi-le-tet --year 2050").code == 66);
    CHECK(add("nghi-le-tet --year soon").code == 65);
    CHECK(add("nothing").code == 66);
    CHECK(add("phuong-2x60").code == 0);
    const Finished made = add("quan-15-phut");
    CHECK(made.code == 0);
    CHECK(made.out.contains(QStringLiteral("--signature")));
    CHECK(add("quan-15-phut --signature no-such-item").code == 66);
}

TEST_CASE("init that fails can be run again", "[program]")
{
    const QTemporaryDir folder;
    const QString data = folder.filePath(QStringLiteral("data"));
    const QStringList init{QStringLiteral("init"), QStringLiteral("--data"), data, QStringLiteral("--presets")};
    const QString config = qEnvironmentVariable("LOA_SOURCE_DIR") + QStringLiteral("/config");
    CHECK(runScheduler(init + QStringList{folder.path()}).code == 66);
    CHECK(runScheduler(init + QStringList{config, QStringLiteral("--policy"), QStringLiteral("none")}).code == 66);
    CHECK(runScheduler(init + QStringList{config, QStringLiteral("--code"), QStringLiteral("a b")}).code == 65);
    CHECK_FALSE(QFile::exists(data + QStringLiteral("/loa.db")));
    // What a run that died in the middle may leave.
    REQUIRE(QDir().mkpath(data + QStringLiteral("/keys")));
    QFile half(data + QStringLiteral("/loa.db.new"));
    REQUIRE(half.open(QIODevice::WriteOnly));
    half.write("half a database");
    half.close();
    CHECK(runScheduler(init + QStringList{config}).code == 0);
    CHECK_FALSE(half.exists());
}

TEST_CASE("Commands without data say what to do", "[program]")
{
    const QTemporaryDir folder;
    const Finished list =
        runScheduler({QStringLiteral("station"), QStringLiteral("list"), QStringLiteral("--data"), folder.path()});
    CHECK(list.code == 66);
    CHECK(list.err.contains(QStringLiteral("loa-scheduler init")));
    CHECK(QDir(folder.path()).isEmpty());
}

TEST_CASE("People are added, listed, given passwords and shut out", "[program]")
{
    const Installation installation;
    const QStringList data{QStringLiteral("--data"), installation.data()};
    const QStringList add = words("user add lan --role editor@thu --role approver@thu --name Lan") + data;
    const Finished added = runScheduler(add);
    CHECK(added.code == 0);
    CHECK(added.out.contains(QStringLiteral("password / mật khẩu: ")));
    CHECK(runScheduler(add).code == 73);
    CHECK(runScheduler(words("user add hoa --role editor@nowhere --name Hoa") + data).code == 66);
    CHECK(runScheduler(words("user add hoa --role king@thu --name Hoa") + data).code == 65);
    CHECK(runScheduler(words("user add hoa --role editor@thu --name Hoa --password-stdin") + data, "short\n").code ==
          65);
    CHECK(
        runScheduler(words("user add hoa --role editor@thu --name Hoa --password-stdin") + data, "dai-va-kho-doan-1\n")
            .code == 0);
    CHECK(runScheduler(words("user password hoa --password-stdin") + data, "mot-mat-khau-khac-2\n").code == 0);
    CHECK(runScheduler(words("user password nobody") + data).code == 66);
    CHECK(runScheduler(words("user deactivate hoa") + data).code == 0);
    const QString list = runScheduler(words("user list") + data).out;
    CHECK(list.contains(QStringLiteral("lan\tactive\tLan\tapprover@thu editor@thu")));
    CHECK(list.contains(QStringLiteral("hoa\tinactive")));
}

TEST_CASE("A CSV file is imported whole or not at all", "[program]")
{
    const Installation installation;
    const QTemporaryDir folder;
    const QStringList data{QStringLiteral("--data"), installation.data()};
    const auto import = [&](const char* kind, const QByteArray& csv, const QStringList& more = {}) {
        return runScheduler(QStringList{QStringLiteral("import"), QLatin1String(kind), csvFile(folder, csv)} + data +
                            more);
    };
    const QByteArray good = "code,name,kind,parent_code\nx1,Xã Một,commune,thu\nx2,Xã Hai,commune,thu\n";
    const Finished wrong = import("units", good + "x3,=cmd(),commune,thu\n");
    CHECK(wrong.code == 1);
    CHECK(wrong.err.contains(QStringLiteral("in.csv:4: ")));
    CHECK(import("units", good, {QStringLiteral("--dry-run")}).out.contains(QStringLiteral("created / thêm: 2")));
    CHECK(import("units", good).out.contains(QStringLiteral("created / thêm: 2")));
    CHECK(import("units", good).out.contains(QStringLiteral("created / thêm: 0")));
    CHECK(import("stations", "code,name,unit_code\nd1,Đài Một,x1\n").code == 0);
    CHECK(import("stations", "code,name,unit_code\nd2,Đài Hai,x9\n").code == 1);
    CHECK(runScheduler(QStringList{QStringLiteral("import"), QStringLiteral("units"), QStringLiteral("/nowhere.csv")} +
                       data)
              .code == 66);
    const QString list = runScheduler(words("station list") + data).out;
    CHECK(list.contains(QStringLiteral("d1\t")));
    CHECK_FALSE(list.contains(QStringLiteral("d2\t")));
}

TEST_CASE("A station with a rule is planned, and what is missing is said", "[program]")
{
    const Installation installation;
    const QStringList data{QStringLiteral("--data"), installation.data()};
    CHECK(runScheduler(words("station add d1 --unit thu --clusters Chợ=mang:2 --name Đài") + data).code == 0);
    CHECK(runScheduler(words("station add d1 --unit thu --name Đài") + data).code == 73);
    CHECK(runScheduler(words("station add d2 --unit nowhere --name Đài") + data).code == 66);
    CHECK(runScheduler(words("station add d2 --unit thu --time-zone Mars --name Đài") + data).code == 65);
    const QStringList rule =
        words("station rule add d1 --title Sáng --rrule FREQ=DAILY --time 05:30 --minutes 30") + data;
    CHECK(runScheduler(rule + words("--from 2025-01-01")).code == 0);
    CHECK(runScheduler(rule + words("--from 2025-13-01")).code == 65);
    CHECK(runScheduler(
              words("station rule add d1 --title X --rrule FREQ=SECONDLY --time 05:30 --minutes 30 --from 2025-01-01") +
              data)
              .code == 65);
    CHECK(runScheduler(words("station list") + data).out.contains(QStringLiteral("FREQ=DAILY")));
    const QStringList second =
        words("station rule add d1 --title Trưa --rrule FREQ=YEARLY --minutes 5 --from 2025-01-01");
    CHECK(runScheduler(second + words("--time 11:30:15") + data).code == 0);
    CHECK(runScheduler(second + words("--time 11:30:") + data).code == 65);
    CHECK(runScheduler(words("station list") + data).out.contains(QStringLiteral("Trưa\t11:30:15\t")));

    const QString next = QDateTime::currentDateTime().addMonths(1).toString(QStringLiteral("yyyy-MM"));
    const QStringList plan = QStringList{QStringLiteral("plan"), QStringLiteral("--month"), next} + data;
    const Finished summary = runScheduler(plan + words("--explain"));
    INFO(summary.err.toStdString());
    CHECK(summary.code == 0);
    CHECK(summary.out.contains(QStringLiteral("! cchc-loudspeaker-monthly")));
    CHECK(summary.out.contains(QStringLiteral("05:30:00 Sáng")));
    const auto json = QJsonDocument::fromJson(runScheduler(plan + words("--json --station d1")).out.toUtf8()).object();
    REQUIRE(json[QLatin1String("stations")].toArray().size() == 1);
    const auto station = json[QLatin1String("stations")].toArray()[0].toObject();
    CHECK(station[QLatin1String("sessions")].toInt() >= 28);
    REQUIRE(station[QLatin1String("shortfalls")].toArray().size() == 1);
    const auto shortfall = station[QLatin1String("shortfalls")].toArray()[0].toObject();
    CHECK_FALSE(shortfall[QLatin1String("remedies")].toArray().isEmpty());
    REQUIRE_FALSE(station[QLatin1String("forecasts")].toArray().isEmpty());
    const auto forecast = station[QLatin1String("forecasts")].toArray()[0].toObject();
    CHECK(forecast[QLatin1String("standing")].toString() == QStringLiteral("impossible"));
    CHECK(forecast[QLatin1String("probability")].toDouble() == 0.0);
    CHECK(summary.out.contains(QStringLiteral(": impossible — ")));
    CHECK(summary.out.contains(QStringLiteral("      > ")));
    CHECK(summary.out.contains(QStringLiteral("Why not in other sessions / Vì sao không ở buổi khác:")));
    CHECK(runScheduler(QStringList{QStringLiteral("plan"), QStringLiteral("--month"), next, QStringLiteral("--config"),
                                   installation.config()})
              .code == 0);
    CHECK(station[QLatin1String("bundle_version")].toInt() == 1);
    CHECK(runScheduler(plan + words("--station nowhere")).code == 66);
    CHECK(runScheduler(words("plan --month 1999-01") + data).code == 65);
    CHECK(runScheduler(words("plan --month december") + data).code == 65);
}

TEST_CASE("verify-log says in both languages that all is in order", "[program]")
{
    const Installation installation;
    const Finished text = runScheduler({QStringLiteral("verify-log"), QStringLiteral("--data"), installation.data()});
    CHECK(text.code == 0);
    CHECK(text.out.contains(QStringLiteral("in order / đúng")));
    const Finished json = runScheduler(
        {QStringLiteral("verify-log"), QStringLiteral("--json"), QStringLiteral("--config"), installation.config()});
    CHECK(QJsonDocument::fromJson(json.out.toUtf8()).object()[QLatin1String("in_order")].toBool());
}
