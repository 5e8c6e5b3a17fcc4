#include "scheduler/contract/toml_reader.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace std::chrono_literals;

namespace {

struct Device {
    QString name;
    QString kind;
};

struct Settings {
    QString listen;
    std::int64_t port = 0;
    std::chrono::milliseconds idle{0};
    std::int64_t body = 0;
    std::vector<Device> devices;
};

Settings readSettings(TomlSection& root)
{
    Settings settings;
    settings.listen = root.string(QStringLiteral("listen")).orDefault(QStringLiteral("127.0.0.1"));
    settings.port = root.integer(QStringLiteral("port"), 0, 65535).required();
    TomlSection limits = root.section(QStringLiteral("limits"));
    settings.idle = limits.duration(QStringLiteral("idle"), 1s, 1h).orDefault(30s);
    settings.body = limits.bytes(QStringLiteral("body"), 1, 1LL << 30).orDefault(16 << 20);
    for (TomlSection& device : root.tables(QStringLiteral("device"))) {
        settings.devices.push_back(
            {device.string(QStringLiteral("name")).required(),
             device.choice(QStringLiteral("kind"), {QStringLiteral("icecast"), QStringLiteral("wav")}).required()});
    }
    return settings;
}

Result<Settings> read(const char* text)
{
    return readToml(QByteArrayView(text), QStringLiteral("loa.toml"), readSettings);
}

} // namespace

TEST_CASE("A right configuration is read with its units", "[toml]")
{
    const auto settings = read("port = 8080\n"
                               "[limits]\n"
                               "idle = \"5 min\"\n"
                               "body = \"2MiB\"\n"
                               "[[device]]\nname = \"a\"\nkind = \"wav\"\n"
                               "[[device]]\nname = \"b\"\nkind = \"icecast\"\n");
    REQUIRE(settings);
    CHECK(settings->listen == QStringLiteral("127.0.0.1"));
    CHECK(settings->port == 8080);
    CHECK(settings->idle == 5min);
    CHECK(settings->body == 2 * 1024 * 1024);
    REQUIRE(settings->devices.size() == 2);
    CHECK(settings->devices[1].name == QStringLiteral("b"));
}

TEST_CASE("A misspelt key is refused with its line and the nearest known one", "[toml]")
{
    const auto settings = read("port = 1\n\n[limits]\nidel = \"30 s\"\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().category == ErrorCategory::InvalidInput);
    CHECK(settings.error().where == QStringLiteral("loa.toml:4"));
    CHECK(settings.error().message.en.contains(QStringLiteral("\"limits.idel\"")));
    CHECK(settings.error().message.en.contains(QStringLiteral("did you mean \"idle\"")));
    CHECK(settings.error().message.vi.contains(QStringLiteral("có phải là \"idle\"")));
}

TEST_CASE("An unknown key far from every known one is refused without a guess", "[toml]")
{
    const auto settings = read("port = 1\nzzzzzzzz = 3\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().where == QStringLiteral("loa.toml:2"));
    CHECK_FALSE(settings.error().message.en.contains(QStringLiteral("did you mean")));
}

TEST_CASE("Unknown keys are found in tables and in arrays of tables", "[toml]")
{
    CHECK(read("port = 1\n[nothing]\na = 1\n").error().where == QStringLiteral("loa.toml:2"));
    CHECK(read("port = 1\n[[device]]\nname = \"a\"\nkind = \"wav\"\ncolour = 1\n").error().where ==
          QStringLiteral("loa.toml:5"));
}

TEST_CASE("All mistakes of a file are told at once, in order of lines", "[toml]")
{
    const auto settings = read("listen = 5\nport = 70000\n[limits]\nidle = 30\nbody = \"9 PiB\"\n");
    REQUIRE_FALSE(settings);
    const QString text = settings.error().message.en;
    CHECK(settings.error().where == QStringLiteral("loa.toml:1"));
    CHECK(text.startsWith(QStringLiteral("\"listen\" must be a string, but is an integer")));
    CHECK(text.contains(QStringLiteral("line 2: \"port\" must be between 0 and 65535, but is 70000")));
    CHECK(text.contains(QStringLiteral("line 4: \"limits.idle\" must be a duration")));
    CHECK(text.contains(QStringLiteral("line 5: \"limits.body\" must be a size")));
}

TEST_CASE("A missing key is named with the table that lacks it", "[toml]")
{
    const auto settings = read("port = 1\n[[device]]\nname = \"a\"\nkind = \"wav\"\n[[device]]\nname = \"b\"\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().message.en.contains(QStringLiteral("\"device[2].kind\" is missing")));
    CHECK(settings.error().where == QStringLiteral("loa.toml:5"));
}

TEST_CASE("A word outside its list names the nearest one", "[toml]")
{
    const auto settings = read("port = 1\n[[device]]\nname = \"a\"\nkind = \"icecasts\"\n");
    REQUIRE_FALSE(settings);
    CHECK(settings.error().message.en.contains(QStringLiteral("did you mean \"icecast\"")));
    CHECK(settings.error().where == QStringLiteral("loa.toml:4"));
}

TEST_CASE("Quantities need their unit and must lie in their range", "[toml]")
{
    const auto duration = [](const char* value) {
        const QByteArray text = QByteArray("port = 1\n[limits]\nidle = ") + value + "\n";
        return read(text.constData());
    };
    CHECK(duration("\"1 s\"")->idle == 1s);
    CHECK(duration("\"60 min\"")->idle == 1h);
    CHECK(duration("\"1500 ms\"")->idle == 1500ms);
    for (const char* wrong :
         {"30", "\"30\"", "\"30 S\"", "\"-30 s\"", "\"3.5 s\"", "\"61 min\"", "\"0 s\"", "\"s\"",
          "\"99999999999999999999 s\"", "\"999999999999999 d\"", "\"30 s \"", "30.0", "true", "[]"}) {
        INFO(wrong);
        const auto settings = duration(wrong);
        REQUIRE_FALSE(settings);
        CHECK(settings.error().where == QStringLiteral("loa.toml:3"));
    }
}

TEST_CASE("Dates, times and lists keep their form", "[toml]")
{
    struct Dates {
        QDate day;
        QTime start;
        QStringList names;
        bool flag = false;
        double target = 0;
    };
    const auto readDates = [](TomlSection& root) {
        return Dates{root.date(QStringLiteral("day")).required(), root.time(QStringLiteral("start")).required(),
                     root.strings(QStringLiteral("names"), 2, 5).required(),
                     root.boolean(QStringLiteral("flag")).required(),
                     root.number(QStringLiteral("target"), -30, 0).required()};
    };
    const auto dates = readToml(QByteArrayView("day = 2026-12-01\nstart = \"05:30\"\nnames = [\"a\", \"bcd\"]\n"
                                               "flag = true\ntarget = -16\n"),
                                QStringLiteral("f"), readDates);
    REQUIRE(dates);
    CHECK(dates->day == QDate(2026, 12, 1));
    CHECK(dates->start == QTime(5, 30));
    CHECK(dates->names == QStringList{QStringLiteral("a"), QStringLiteral("bcd")});
    CHECK(dates->flag);
    CHECK(dates->target == -16.0);

    const auto wrong = readToml(QByteArrayView("day = \"2026-13-01\"\nstart = 05:30:00.5\nnames = [\"a\", 3]\n"
                                               "flag = \"true\"\ntarget = nan\n"),
                                QStringLiteral("f"), readDates);
    REQUIRE_FALSE(wrong);
    for (int line = 2; line <= 5; ++line)
        CHECK(wrong.error().message.en.contains(QStringLiteral("line %1: ").arg(line)));
    const auto tooMany = readToml(QByteArrayView("day = 2026-12-01\nstart = 05:30:00\nnames = [\"a\", \"b\", \"c\"]\n"
                                                 "flag = true\ntarget = 0\n"),
                                  QStringLiteral("f"), readDates);
    CHECK_FALSE(tooMany);
}

TEST_CASE("What is not TOML is refused with its line", "[toml]")
{
    for (const char* text : {"port = 1\nport = 2\n", "port = 1\n= 3\n", "port = 1\n[limits\n"}) {
        INFO(text);
        const auto settings = read(text);
        REQUIRE_FALSE(settings);
        CHECK(settings.error().where == QStringLiteral("loa.toml:2"));
        CHECK(settings.error().category == ErrorCategory::InvalidInput);
    }
    CHECK_FALSE(read("port = 1\n\xff = 2\n"));
}

TEST_CASE("A hostile file ends in an error, not in a crash", "[toml]")
{
    QByteArray deep = "port = ";
    deep += QByteArray(100'000, '[');
    CHECK_FALSE(read(deep.constData()));
    QByteArray keys;
    for (int i = 0; i < 2000; ++i)
        keys += "k" + QByteArray::number(i) + " = 1\n";
    const auto many = read(keys.constData());
    REQUIRE_FALSE(many);
    CHECK(many.error().message.en.size() < 10'000);
    CHECK(many.error().message.en.contains(QStringLiteral(" more")));
}

TEST_CASE("A file is read with a limit, and its relative paths count from its folder", "[toml]")
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("loa.toml"));
    const auto write = [&](const QByteArray& text) {
        QFile file(path);
        REQUIRE(file.open(QIODevice::WriteOnly));
        REQUIRE(file.write(text) == text.size());
    };
    const auto readPath = [](TomlSection& root) { return root.path(QStringLiteral("data")).required(); };
    write("data = \"state/loa\"\n");
    CHECK(readTomlFile(path, readPath).value() == folder.filePath(QStringLiteral("state/loa")));
    write("data = \"/var/lib/loa\"\n");
    CHECK(readTomlFile(path, readPath).value() == QStringLiteral("/var/lib/loa"));
    write("# " + QByteArray(maxTomlBytes, 'x') + "\ndata = \"a\"\n");
    CHECK(readTomlFile(path, readPath).error().category == ErrorCategory::LimitExceeded);
    CHECK(readTomlFile(folder.filePath(QStringLiteral("none")), readPath).error().category == ErrorCategory::NotFound);
    CHECK(readTomlFile(folder.path(), readPath).error().category == ErrorCategory::InvalidInput);
}
