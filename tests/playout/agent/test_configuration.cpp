#include "playout/agent/configuration.h"
#include "playout/agent/identity.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

using namespace loa;
using namespace loa::playout;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray minimal = R"(
scheduler = "https://loa.example"
state = "state"
[[station]]
id = "station-1"
[[station.output]]
name = "loa"
device = "null"
)";

} // namespace

TEST_CASE("A small configuration is enough, and relative paths count from its file", "[agent]")
{
    const auto read = readConfiguration(minimal, u"/etc/loa/playout.toml"_s);
    if (!read)
        FAIL(describe(read.error()).toStdString());
    CHECK(read->state == u"/etc/loa/state"_s);
    CHECK(read->clock == ClockSource::Kernel);
    CHECK(read->agent.stations.at(0).outputs.at(0).device == u"null"_s);
    CHECK(read->agent.poll == 60s);
}

TEST_CASE("Volume by hours and the cap of the night are read; an hour that is none is refused", "[agent]")
{
    const QByteArray spans = QByteArray(minimal).replace("id = \"station-1\"\n", R"(id = "station-1"
volume_db = -1.5
[[station.volume]]
from = "05:00"
until = "05:30"
gain_db = -6.0
[[station.volume_cap]]
from = "22:00"
until = "05:00"
gain_db = -12.0
)");
    const auto read = readConfiguration(spans, u"playout.toml"_s);
    if (!read)
        FAIL(describe(read.error()).toStdString());
    const VolumePlan& volume = read->agent.stations.at(0).volume;
    CHECK(volume.gainAt(5h) == -7.5);
    CHECK(volume.gainAt(23h) == -12.0);
    CHECK(volume.gainAt(12h) == -1.5);
    const auto wrong = readConfiguration(QByteArray(spans).replace("22:00", "25:00"), u"playout.toml"_s);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().where.startsWith(u"playout.toml:1"_s));
}

TEST_CASE("A station's time zone is Viet Nam's unless it is told; one that is none is refused with advice", "[agent]")
{
    const auto zoned = [](const QByteArray& zone) {
        return readConfiguration(
            QByteArray(minimal).replace("id = \"station-1\"\n", "id = \"station-1\"\ntime_zone = \"" + zone + "\"\n"),
            u"playout.toml"_s);
    };
    CHECK(readConfiguration(minimal, u"playout.toml"_s)->agent.stations.at(0).timeZone == "Asia/Ho_Chi_Minh");
    CHECK(zoned("Asia/Vientiane")->agent.stations.at(0).timeZone == "Asia/Vientiane");
    for (const char* wrong : {"Asia/Hochiminh", "Hà Nội"}) {
        const auto read = zoned(wrong);
        REQUIRE_FALSE(read);
        CHECK(read.error().where == u"playout.toml:6"_s);
        CHECK(read.error().message.en.contains(u"Asia/Ho_Chi_Minh"_s));
        CHECK(read.error().message.vi.contains(u"Asia/Ho_Chi_Minh"_s));
    }
}

TEST_CASE("Monitors are read, each bound to an output that is there", "[agent][proof]")
{
    const QByteArray monitors = minimal + R"([[station.monitor]]
name = "nguoi-nghe"
output = "loa"
device = "stream"
url = "http://127.0.0.1:8000/xa.opus"
delay_most = "45 s"
[[station.monitor]]
name = "mic"
output = "loa"
device = "alsa"
url = "hw:CARD=Device"
foreign_after = "0 s"
)";
    const auto read = readConfiguration(monitors, u"playout.toml"_s);
    if (!read)
        FAIL(describe(read.error()).toStdString());
    const auto& heard = read->agent.stations.at(0).monitors;
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].ear.kind == MonitorKind::Stream);
    CHECK(heard[0].ear.delayMost == 45s);
    CHECK(heard[0].ear.foreignAfter == 60s);
    CHECK(heard[1].ear.kind == MonitorKind::Microphone);
    CHECK(heard[1].ear.foreignAfter == 0s);
    const auto isRefused = [&](const char* from, const char* to) {
        const auto wrong = readConfiguration(QByteArray(monitors).replace(from, to), u"playout.toml"_s);
        return !wrong && wrong.error().where.startsWith(u"playout.toml:"_s);
    };
    CHECK(isRefused("output = \"loa\"\ndevice = \"alsa\"", "output = \"khac\"\ndevice = \"alsa\""));
    CHECK(isRefused("name = \"mic\"", "name = \"nguoi-nghe\""));
    CHECK(isRefused("http://127.0.0.1:8000/xa.opus", "file:///etc/passwd"));
    CHECK(isRefused("delay_most = \"45 s\"", "delay_most = \"1 s\"\ndelay_least = \"2 s\""));
    CHECK(isRefused("hw:CARD=Device", ""));
    CHECK(isRefused("delay_most = \"45 s\"", "rtpmap = \"96 opus/48000/2\"")); // of a stream
    QByteArray rtp = monitors;
    rtp.replace("device = \"stream\"\nurl = \"http://127.0.0.1:8000/xa.opus\"",
                "device = \"rtp\"\nurl = \"rtp://239.192.0.1:5004\"\nrtpmap = \"96 opus/48000/2\"");
    const auto ofRtp = readConfiguration(rtp, u"playout.toml"_s);
    if (!ofRtp)
        FAIL(describe(ofRtp.error()).toStdString());
    CHECK(ofRtp->agent.stations.at(0).monitors[0].rtp == media::RtpMap{96, u"opus"_s, 48'000, 2});
    const auto wrongFormat = readConfiguration(rtp.replace("opus/48000/2", "opus/44100/2"), u"playout.toml"_s);
    REQUIRE_FALSE(wrongFormat);
    CHECK(wrongFormat.error().message.en.contains(u"opus/48000/2"_s));
}

TEST_CASE("The example in config/ is right", "[agent]")
{
    const auto read = loadConfiguration(qEnvironmentVariable("LOA_SOURCE_DIR") + u"/config/playout.toml"_s);
    if (!read)
        FAIL(describe(read.error()).toStdString());
    CHECK(read->agent.stations.size() == 1);
    CHECK(read->agent.stations[0].outputs.size() >= 3);
}

TEST_CASE("What the example in config/ shows commented out is right as well, alone and all together", "[agent]")
{
    QFile file(qEnvironmentVariable("LOA_SOURCE_DIR") + u"/config/playout.toml"_s);
    REQUIRE(file.open(QIODevice::ReadOnly));
    const QStringList lines = QString::fromUtf8(file.readAll()).replace(u"\"01j0…\""_s, u"\"01j0abc\""_s).split(u'\n');
    static const QRegularExpression key(u"^# [a-z_]+ = "_s);
    static const QRegularExpression next(u"(?<=\\S) {3,}(?=[a-z_]+ = )"_s); // several stand in one line
    const auto uncommented = [](QString line) { return line.mid(2).replace(next, u"\n"_s); };
    const auto check = [&](const QStringList& text) {
        const auto read = readConfiguration(text.join(u'\n').toUtf8(), u"playout.toml"_s);
        if (!read)
            FAIL_CHECK(describe(read.error()).toStdString());
    };
    QStringList all = lines;
    int examples = 0;
    for (qsizetype at = 0; at < lines.size(); ++at) {
        const bool isTable = lines[at].startsWith(u"# [["_s);
        if (!isTable && !key.match(lines[at]).hasMatch())
            continue;
        INFO(lines[at].toStdString());
        QStringList one = lines;
        do { // a table with its keys
            one[at] = all[at] = uncommented(lines[at]);
        } while (isTable && key.match(lines.value(at + 1)).hasMatch() && ++at > 0);
        check(one);
        ++examples;
    }
    CHECK(examples > 30);
    check(all);
}

TEST_CASE("Mistakes are refused with their line", "[agent]")
{
    auto broken = [](const QByteArray& text) {
        const auto read = readConfiguration(text, u"playout.toml"_s);
        REQUIRE_FALSE(read);
        CHECK(read.error().category == ErrorCategory::InvalidInput);
        return read.error();
    };
    CHECK(broken("pol = \"30 s\"\n" + minimal).where == u"playout.toml:1"_s);
    CHECK(broken(minimal + "kodec = \"opus\"\n").where == u"playout.toml:9"_s);
    CHECK(broken(minimal + "codec = \"vorbis\"\n").where == u"playout.toml:9"_s);
    const Error foreign = broken(minimal + "ttl = 3\n"); // of another device
    CHECK(foreign.where == u"playout.toml:9"_s);
    CHECK(foreign.message.en.contains(u"\"ttl\" means nothing to device \"null\", only to: rtp"_s));
    const Error fixedRate =
        broken(QByteArray(minimal).replace("device = \"null\"", "device = \"rtp\"\nurl = "
                                                                "\"rtp://127.0.0.1:5004\"\ncodec = \"pcmu\"") +
               "bit_rate = 64000\n");
    CHECK(fixedRate.where == u"playout.toml:11"_s);
    CHECK(fixedRate.message.en.contains(u"fixed"_s));
    CHECK(broken(QByteArray(minimal).replace("https://loa.example", "http://loa.example"))
              .message.en.contains(u"allow_http"_s));
    CHECK(readConfiguration(
        "allow_http = true\n" + QByteArray(minimal).replace("https://loa.example", "http://loa.example"), u"f"_s));
    CHECK(readConfiguration(QByteArray(minimal).replace("https://loa.example", "http://127.0.0.1:81"), u"f"_s));
    broken(QByteArray(minimal).replace("https://loa.example", "loa.example"));
    broken(minimal + "[[station.output]]\nname = \"loa\"\ndevice = \"null\"\n");
    broken("scheduler = \"https://a\"\nstate = \"x\"\n");
}

TEST_CASE("An identity is written once, its key is the owner's alone", "[agent]")
{
    QTemporaryDir folder;
    const QString state = folder.filePath(u"state"_s);
    CHECK(loadIdentity(state).error().category == ErrorCategory::NotFound);
    const auto key = keyForEnrolment(state);
    REQUIRE(key);
    CHECK(keyForEnrolment(state)->verifyKey() ==
          key->verifyKey()); // an enrolment that did not come through is tried again
    const Identity identity{
        {u"agent-1"_s}, QUrl(u"https://loa.example"_s), SigningKey::generate().verifyKey(), {{u"station-1"_s}}};
    REQUIRE(saveIdentity(state, identity));
    CHECK(saveIdentity(state, identity).error().category == ErrorCategory::Conflict);
    CHECK(keyForEnrolment(state).error().category == ErrorCategory::Conflict);
    const auto loaded = loadIdentity(state);
    REQUIRE(loaded);
    CHECK(loaded->agent == identity.agent);
    CHECK(loaded->schedulerKey == identity.schedulerKey);
    CHECK(loaded->stations == identity.stations);
    CHECK((QFile::permissions(keyPath(state)) &
           ~(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser)) == QFile::Permissions());
}
