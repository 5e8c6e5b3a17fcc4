// Every reader of bytes from outside, with samples made wrong thousands of times a run: it takes them or says why not,
// in both languages; it neither falls nor hangs, least of all under the sanitizers. What it takes it writes so that it
// reads the same again. LOA_FUZZ_SEED moves to other seeds, LOA_FUZZ_ROUNDS changes how many; a failure shows its
// bytes. Audio files are read in a process of their own: see tests/media.
#include "media/codecs/speech_decoder.h"
#include "media/rtp_map.h"
#include "playout/agent/configuration.h"
#include "playout/link/http_exchange.h"
#include "playout/proof/reference_shelf.h"
#include "scheduler/contract/agent_request.h"
#include "scheduler/contract/airing.h"
#include "scheduler/contract/canonical_json.h"
#include "scheduler/contract/command.h"
#include "scheduler/contract/hours.h"
#include "scheduler/contract/relay.h"
#include "scheduler/contract/sealed.h"
#include "scheduler/contract/speech.h"
#include "scheduler/contract/station_condition.h"
#include "scheduler/imports/presets.h"
#include "scheduler/imports/rows.h"
#include "scheduler/library/ingest_report.h"
#include "scheduler/planner/recurrence_rule.h"
#include "scheduler/planner/rule_calendar.h"
#include "scheduler/planner/sessions.h"
#include "tests/fuzz/mutation.h"
#include "tests/scheduler/contract/sample_bundle.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTimeZone>

#include <catch2/catch.hpp>

using namespace loa;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using loa::test::Dice;
using loa::test::mutated;
using loa::test::testKey;

namespace {

int setting(const char* name, int otherwise)
{
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(name, &isNumber);
    return isNumber ? value : otherwise;
}

int rounds()
{
    return setting("LOA_FUZZ_ROUNDS", 2'000);
}

Dice dice()
{
    return Dice(static_cast<unsigned>(setting("LOA_FUZZ_SEED", 1)));
}

void checkSaysWhy(const Error& error)
{
    CHECK_FALSE(error.message.vi.isEmpty());
    CHECK_FALSE(error.message.en.isEmpty());
    CHECK(error.message.en.size() < 4'000); // no bytes of the sender's by the page
}

// Rounds of what `make` made wrong: `read` gives a Result, and `again` is called with what was taken. How many were
// refused.
template <typename Make, typename Show, typename Read, typename Again>
int soakRounds(Make make, Show show, Read read, Again again)
{
    Dice throws = dice();
    int refused = 0;
    for (int round = 0; round < rounds(); ++round) {
        const auto wrong = make(throws);
        INFO("round " << round << ": " << show(wrong).toStdString());
        const auto taken = read(wrong);
        refused += taken ? 0 : 1;
        if (!taken)
            checkSaysWhy(taken.error());
        else
            again(*taken);
    }
    CHECK(refused > rounds() / 10); // the changes reach what is judged
    return refused;
}

template <typename Read, typename Again>
void soak(const std::vector<QByteArray>& samples, const std::vector<QByteArray>& words, Read read, Again again)
{
    for (const QByteArray& sample : samples) {
        INFO(sample.toStdString());
        REQUIRE(read(sample));
    }
    soakRounds([&](Dice& throws) { return mutated(samples, words, throws); },
               [](const QByteArray& bytes) { return bytes.toPercentEncoding(" {}[]\":,;=/"); }, read, again);
}

template <typename Read>
void soak(const std::vector<QByteArray>& samples, const std::vector<QByteArray>& words, Read read)
{
    soak(samples, words, read, [](const auto&) {});
}

// The same with values of JSON exchanged: deeper than bytes come.
template <typename Read, typename Again>
void soakJson(const QJsonObject& sample, Read read, Again again)
{
    REQUIRE(read(sample));
    const int refused = soakRounds(
        [&](Dice& throws) { return mutated(sample, throws); },
        [](const QJsonObject& object) { return QJsonDocument(object).toJson(QJsonDocument::Compact); }, read, again);
    CHECK(refused < rounds()); // and some are taken
}

QByteArray shipped(const QString& name)
{
    QFile file(qEnvironmentVariable("LOA_SOURCE_DIR") + u"/config/"_s + name);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

QJsonObject objectOf(const QByteArray& json)
{
    return QJsonDocument::fromJson(json).object();
}

QJsonObject payloadOf(const QByteArray& sealed)
{
    return objectOf(sealed.mid(sealed.indexOf('\n') + 1));
}

LogEntry sampleEntry()
{
    LogEntry entry;
    entry.agent = {u"agent-a"_s};
    entry.sequence = 3;
    entry.recordedAt = UtcTime(std::chrono::seconds(1'796'162'400));
    entry.clock = ClockState::Synchronised;
    entry.station = {u"station-a"_s};
    entry.airing = {u"airing-1"_s};
    entry.session = {u"session-1"_s};
    entry.item = {u"item-1"_s};
    entry.sha256 = sha256("audio");
    entry.output = u"loa-chinh"_s;
    entry.bundleVersion = 7;
    entry.plannedStart = UtcTime(std::chrono::seconds(1'796'162'000));
    entry.plannedFrames = {480'000};
    entry.frames = {480'000};
    entry.firstFrameAt = entry.plannedStart + 312us;
    entry.lastFrameAt = entry.plannedStart + 10s;
    entry.outcome = Outcome::Complete;
    return entry;
}

const SigningKey& schedulerKey()
{
    static const SigningKey key = testKey(1);
    return key;
}

} // namespace

// The signature keeps strangers out; these are of a scheduler that has gone wrong.
TEST_CASE("Fuzz: a bundle whose values are exchanged is refused, or is the same when sealed again",
          "[fuzz][promise-10]")
{
    const SigningKey& key = schedulerKey();
    for (const Bundle& bundle : {loa::test::sampleBundle(), loa::test::sampleBundleWithRelay()}) {
        const auto open = [&](const QJsonObject& payload) -> Result<Bundle> {
            const auto sealed = seal(domain::bundle, payload, key);
            if (!sealed)
                return passOn(sealed);
            return openBundle(*sealed, key.verifyKey());
        };
        soakJson(payloadOf(*sealBundle(bundle, key)), open, [&](const Bundle& taken) {
            const auto sealed = sealBundle(taken, key);
            REQUIRE(sealed);
            CHECK(openBundle(*sealed, key.verifyKey()) == taken);
        });
    }
    const QByteArray sealed = *sealBundle(loa::test::sampleBundle(), key);
    soak({sealed}, {}, [&](const QByteArray& bytes) { return openBundle(bytes, key.verifyKey()); });
}

TEST_CASE("Fuzz: commands, sheets and speech", "[fuzz][promise-10]")
{
    const SigningKey& key = schedulerKey();
    const UtcTime issued(std::chrono::sys_days(std::chrono::year{2026} / 12 / 1));
    const std::vector<CommandOrder> orders{PlayOrder{loa::test::sampleBundle().media[0], Priority::Emergency},
                                           StopOrder{AiringId{u"airing-a"_s}, issued + 1h},
                                           VolumeOrder{-6, issued + 1h}, ToneOrder{-20, FrameCount{5 * sampleRate}}};
    std::vector<QByteArray> sealed;
    for (const CommandOrder& order : orders) {
        const Command command{{u"command-a"_s}, {u"station-a"_s},   7,    issued, issued + 10min,
                              {u"user-b"_s},    u"Trần Văn Trực"_s, order};
        sealed.push_back(*sealCommand(command, key));
        const auto open = [&](const QJsonObject& payload) -> Result<Command> {
            const auto bytes = seal(domain::command, payload, key);
            if (!bytes)
                return passOn(bytes);
            return openCommand(*bytes, key.verifyKey());
        };
        soakJson(payloadOf(sealed.back()), open, [&](const Command& taken) {
            const auto again = sealCommand(taken, key);
            REQUIRE(again);
            CHECK(openCommand(*again, key.verifyKey()) == taken);
        });
    }
    soak(sealed, {}, [&](const QByteArray& bytes) { return openCommand(bytes, key.verifyKey()); });
    const CommandSheet sheet{{u"station-a"_s}, "challenge", issued, sealed};
    soak({*sealSheet(sheet, key)}, {}, [&](const QByteArray& bytes) { return openSheet(bytes, key.verifyKey()); });
    soak({sealSpeech({{u"stream-a"_s}, 3, QByteArray(80, '\x48')}, key), sealSpeech({{u"stream-a"_s}, 4, {}}, key)}, {},
         [&](const QByteArray& bytes) { return openSpeech(bytes, key.verifyKey()); });
    Dice throws = dice();
    for (int round = 0; round < rounds(); ++round) {
        const QByteArray packet = mutated({QByteArray(80, '\x48'), QByteArray("\x4b\x02\x10", 3), {}}, {}, throws);
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(packet.constData()),
                              static_cast<std::size_t>(packet.size()));
        if (media::SpeechDecoder::isOneFrame(bytes))
            CHECK(packet.size() > 0);
    }
}

TEST_CASE("Fuzz: log entries, acknowledgements and conditions of an agent gone wrong", "[fuzz][promise-4]")
{
    const auto same = [](const auto& read) {
        return [read](const auto& taken) {
            const auto again = read(toJson(taken));
            REQUIRE(again);
            CHECK(*again == taken);
        };
    };
    const auto entry = [](const QJsonObject& json) { return logEntryFromJson(json); };
    soakJson(toJson(sampleEntry()), entry, same(entry));
    const Acknowledgement done{
        {u"command-a"_s}, CommandState::Done, sampleEntry().recordedAt, u"complete"_s, u"xong"_s};
    const auto acknowledgement = [](const QJsonObject& json) { return acknowledgementFromJson(json, u"/0"_s); };
    soakJson(toJson(done), acknowledgement, same(acknowledgement));
    const StationCondition plays{.station = {u"station-a"_s},
                                 .playing = true,
                                 .silent = false,
                                 .mediaMissing = 2,
                                 .outputs = {{.name = u"loa-chinh"_s, .open = true, .lost = 3ms}}};
    const auto condition = [](const QJsonObject& json) { return stationConditionFromJson(json); };
    soakJson(toJson(plays), condition, same(condition));
    const auto relay = [](const QJsonObject& json) { return relayDefinitionFromJson(json); };
    soakJson(toJson(loa::test::sampleRelay()), relay, same(relay));
    const auto hours = [](const QJsonObject& json) { return hoursPolicyFromJson(json); };
    soakJson(objectOf(shipped(u"policies/ha-noi-2021-quan.json"_s)), hours, same(hours));
    soak({*canonicalJson(toJson(sampleEntry()))}, {},
         [](const QByteArray& bytes) { return parseCanonicalJson(bytes); });
}

TEST_CASE("Fuzz: headers of a request, dates of an answer, maps of a stream", "[fuzz]")
{
    const SigningKey key = testKey(5);
    Dice throws = dice();
    const RequestLine line{"POST", "/agent/log", ""};
    const auto headers = signRequest(line, "[]", AgentId{u"agent-a"_s}, key, sampleEntry().recordedAt, newNonce());
    const QByteArray digest = headers[0].second;
    const QByteArray input = headers[1].second;
    const QByteArray signature = headers[2].second;
    REQUIRE(readRequestClaim(digest, input, signature));
    for (int round = 0; round < rounds(); ++round) {
        const auto claim =
            readRequestClaim(mutated({digest}, {}, throws), mutated({input}, {"created=", "nonce=", "keyid="}, throws),
                             mutated({signature}, {"loa=:", ":"}, throws));
        if (!claim)
            checkSaysWhy(claim.error());
        else
            CHECK_FALSE(verifyRequest(*claim, line, "[1]", key.verifyKey()));
        (void)playout::readHttpDate(mutated({"Sun, 29 Nov 2026 04:00:00 GMT"}, {}, throws));
    }
    soak(
        {"96 opus/48000/2", "a=rtpmap:97 L16/44100/1", "127 MPA/90000"}, {"/", "PCMA"},
        [](const QByteArray& bytes) { return media::rtpMapFrom(QString::fromUtf8(bytes)); },
        [](const media::RtpMap& taken) { CHECK(media::rtpMapFrom(media::toString(taken)) == taken); });
}

TEST_CASE("Fuzz: configuration files", "[fuzz]")
{
    const QByteArray sample = "data_dir = \"/tmp/x\"\n[scheduler]\nurl = \"https://loa.example\"\n\n[[stations]]\nid = "
                              "\"station-a\"\n[[stations.outputs]]\nname = \"loa-chinh\"\nkind = \"null\"\n";
    const std::vector<QByteArray> words{"[[",    "]]",           "stations", "\"\"\"",
                                        "= inf", "= 1979-05-27", "#",        "kind = \"rtp\""};
    Dice throws = dice();
    for (int round = 0; round < rounds(); ++round) {
        const QByteArray text = mutated({sample, shipped(u"playout.toml"_s)}, words, throws);
        INFO(text.toStdString());
        const auto read = playout::readConfiguration(text, u"playout.toml"_s);
        if (!read)
            checkSaysWhy(read.error());
    }
}

TEST_CASE("Fuzz: calendars, and the sessions of what was taken", "[fuzz]")
{
    const QByteArray file =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//EN\r\nBEGIN:VEVENT\r\nUID:u1@example.com\r\n"
        "DTSTAMP:20261101T000000Z\r\nSUMMARY:Bản tin\r\nDTSTART;TZID=Asia/Ho_Chi_Minh:20261201T053000\r\n"
        "DURATION:PT15M\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE;UNTIL=20271231T000000Z\r\n"
        "EXDATE;TZID=Asia/Ho_Chi_Minh:20261208T053000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    const std::vector<QByteArray> words{
        "RRULE:FREQ=SECONDLY", "COUNT=1000000000", "INTERVAL=0",    "BYSETPOS=-366",  "RDATE:", "RECURRENCE-ID:",
        "BEGIN:VTIMEZONE\r\n", "BYDAY=-53SU",      "DURATION:-P1D", "DTEND:00010101", "\r\n ",  ";TZID=Nowhere"};
    const QTimeZone zone("Asia/Ho_Chi_Minh");
    int withRules = 0;
    soak(
        {file}, words,
        [&](const QByteArray& bytes) { return planner::rulesFromCalendar(bytes, StationId{u"station-a"_s}, zone); },
        [&](const planner::CalendarRules& taken) {
            withRules += taken.rules.empty() ? 0 : 1;
            const auto sessions =
                planner::expandSessions(taken.rules, {}, zone, QDate(2026, 12, 1), QDate(2026, 12, 31));
            if (!sessions)
                checkSaysWhy(sessions.error());
        });
    CHECK(withRules > rounds() / 100);
    soak({"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=4"}, words,
         [](const QByteArray& bytes) { return planner::recurrenceFromText(QString::fromUtf8(bytes)); });
}

TEST_CASE("Fuzz: CSV of units and stations, presets", "[fuzz]")
{
    Dice throws = dice();
    const QByteArray units =
        "name,code,valid_from,kind,parent_code\nXã Yên Bình,x1,2025-07-01,commune,h1\nHuyện,h1,,district,\n";
    const QByteArray stations = "code,name,unit_code,time_zone,clusters\ns1,\"Đài, xã\",x1,Asia/Ho_Chi_Minh,Cụm 1\n";
    for (int round = 0; round < rounds(); ++round) {
        const QByteArray csv =
            mutated({units, stations}, {"\"", "\"\"", ",", ";", "\t", "\xef\xbb\xbf", "=1+1"}, throws);
        INFO(csv.toStdString());
        for (const auto& errors : {imports::readUnits(csv).errors, imports::readStations(csv).errors}) {
            CHECK(errors.size() <= imports::maxLineErrors);
            for (const imports::LineError& error : errors) {
                CHECK_FALSE(error.message.vi.isEmpty());
                CHECK_FALSE(error.message.en.isEmpty());
            }
        }
    }
    const auto bytesOf = [](const auto& read) {
        return [read](const QJsonObject& json) { return read(QJsonDocument(json).toJson()); };
    };
    const auto nothing = [](const auto&) {};
    soakJson(objectOf(shipped(u"obligations/ha-noi-2024.json"_s)), bytesOf(imports::obligationsFromJson), nothing);
    soakJson(objectOf(shipped(u"special_days/nghi-le-tet.json"_s)), bytesOf(imports::specialDaysFromJson), nothing);
    soakJson(objectOf(shipped(u"templates/buoi-sang.json"_s)), bytesOf(imports::templateFromJson), nothing);
}

TEST_CASE("Fuzz: what the media program says, and references on disk", "[fuzz]")
{
    soak({R"({"error":{"message_vi":"Tệp hỏng","message":"The file is broken","category":"invalid-input"}})"}, {},
         [](const QByteArray& bytes) { return library::readIngestRefusal(bytes); });
    playout::Reference reference;
    reference.loudness = {-2300, -2200, -7000};
    const QByteArray packed = playout::packReference(reference);
    soak({packed}, {}, [](const QByteArray& bytes) { return playout::unpackReference(bytes); });
}
