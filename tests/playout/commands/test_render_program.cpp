// loa-playout render, with what happens live, against the reference mixers: to the sample.
#include "tests/playout/commands/office.h"
#include "tests/playout/engine/reference_session.h"
#include "tests/playout/timeline/sample_bundle.h"

#include <cstring>

using namespace loa;
using namespace loa::playout;
using namespace loa::playout::test;

namespace {

constexpr std::int64_t second = sampleRate;

// Three quiet files (the limiter rests): "first" and "second" back to back at 05:00, and "first" again 40 s later.
struct Rendered {
    Rendered()
    {
        const QDir media(folder.path());
        first = makeHouseFile(media, 20 * second + 123, 1, 0.4F);
        other = makeHouseFile(media, 7 * second + 1, 2, 0.4F);
        alert = makeHouseFile(media, 3 * second + 7, 3, 0.4F);
        notice = makeHouseFile(media, 2 * second, 4, 0.4F);
        bundle = sampleBundle();
        record(bundle, 0, first.sha256, first.samples.size());
        record(bundle, 1, other.sha256, other.samples.size());
        BundleSession& session = bundle.sessions[0];
        session.frames = {30 * second};
        BundleSession later = session;
        later.id = SessionId{u"session-2"_s};
        later.startsAt += 40s;
        later.airings.resize(1);
        later.airings[0].id = AiringId{u"airing-later"_s};
        bundle.sessions.push_back(later);
        std::ranges::sort(bundle.media, {}, &BundleMedia::sha256);
        const auto sealed = sealBundle(bundle, key);
        REQUIRE(sealed);
        write(u"one.bundle"_s, *sealed);
    }

    void write(const QString& name, const QByteArray& bytes) const
    {
        QFile file(folder.filePath(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
        REQUIRE(file.write(bytes) == bytes.size());
    }
    [[nodiscard]] static QByteArray at(std::int64_t frame)
    {
        // The microsecond in which the frame begins.
        return "at = \"" + loa::toString(morning + toDuration({frame}) + 1us).toLatin1() + "\"\n";
    }
    [[nodiscard]] Ended run(const QByteArray& events, std::int64_t from, std::int64_t to) const
    {
        write(u"events.toml"_s, events);
        return finished({u"render"_s, u"--bundle"_s, folder.filePath(u"one.bundle"_s), u"--media"_s, folder.path(),
                         u"--key"_s, QString::fromLatin1(key.verifyKey().toBase64()), u"--from"_s,
                         loa::toString(morning + std::chrono::seconds(from)), u"--to"_s,
                         loa::toString(morning + std::chrono::seconds(to)), u"--float"_s, u"--events"_s,
                         folder.filePath(u"events.toml"_s), u"--out"_s, folder.filePath(u"out.wav"_s)});
    }
    [[nodiscard]] std::vector<float> heard(const QByteArray& events, std::int64_t from, std::int64_t to) const
    {
        const Ended ended = run(events, from, to);
        INFO(ended.err.toStdString() << ended.out.toStdString());
        REQUIRE(ended.code == 0);
        QFile file(folder.filePath(u"out.wav"_s));
        REQUIRE(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll().mid(44);
        std::vector<float> samples(static_cast<std::size_t>(bytes.size()) / sizeof(float));
        REQUIRE(samples.size() == static_cast<std::size_t>((to - from) * second));
        std::memcpy(samples.data(), bytes.constData(), samples.size() * sizeof(float));
        return samples;
    }

    QTemporaryDir folder;
    const SigningKey key = SigningKey::fromSeed({7});
    HouseFile first;
    HouseFile other;
    HouseFile alert;
    HouseFile notice;
    Bundle bundle;
};

QByteArray announcement(const char* name, const HouseFile& file, std::int64_t at, const char* priority)
{
    return QByteArray("[[announce]]\nname = \"") + name + "\"\nsha256 = \"" + toString(file.sha256).toLatin1() +
           "\"\npriority = \"" + priority + "\"\n" + Rendered::at(at);
}

void requireEqual(const std::vector<float>& expected, const std::vector<float>& heard, std::size_t from = 0)
{
    REQUIRE(heard.size() >= from + expected.size());
    const auto differs = std::ranges::mismatch(expected, std::span(heard).subspan(from)).in1;
    INFO("first difference at frame " << differs - expected.begin());
    REQUIRE((differs == expected.end()));
}

ReferenceAiring planned(const char* name, std::int64_t at, const HouseFile& file)
{
    return {name, at, static_cast<std::int64_t>(file.samples.size()), 0, false, 0, 0, 0, 0, &file.samples};
}
ReferenceAiring live(const char* name, std::int64_t at, int priority, const HouseFile& file)
{
    return {name, at, static_cast<std::int64_t>(file.samples.size()), priority, true, 0, 0, 0, 0, &file.samples};
}

} // namespace

TEST_CASE("Promise 8: the program renders pre-emption, volume and late join equal to the reference, to the sample",
          "[program][promise-8]")
{
    const Rendered rendered;
    const auto firstFrames = static_cast<std::int64_t>(rendered.first.samples.size());
    // A notice that an alert cuts into, an alert over the join of two items, a volume across all of it.
    const std::int64_t noticeAt = 2 * second + 17;
    const std::int64_t alertAt = 3 * second + 1001;
    const std::int64_t joinAt = firstFrames - second;
    const QByteArray events = announcement("notice", rendered.notice, noticeAt, "PRIORITY") +
                              announcement("alert", rendered.alert, alertAt, "EMERGENCY") +
                              announcement("join", rendered.alert, joinAt, "EMERGENCY") + "[[volume]]\n" +
                              Rendered::at(8 * second) + "until = \"" + loa::toString(morning + 12s + 1us).toLatin1() +
                              "\"\ngain_db = -6\n";
    const ReferenceSession reference(
        {planned("first", 0, rendered.first), planned("other", firstFrames, rendered.other),
         live("notice", noticeAt, 1, rendered.notice), live("alert", alertAt, 2, rendered.alert),
         live("join", joinAt, 2, rendered.alert)});
    const std::vector<ReferenceLevel> levels{
        {0, 1.0F}, {8 * second, static_cast<float>(std::pow(10.0, -6.0 / 20.0))}, {12 * second, 1.0F}};
    requireEqual(reference.mix(0, levels), rendered.heard(events, 0, 30));
    requireEqual(reference.mix(4 * second, levels), rendered.heard(events, 4, 30)); // joined in the alert
    requireEqual(reference.mix(9 * second, levels), rendered.heard(events, 9, 30)); // in an item, beneath the volume
}

TEST_CASE("Promise 8: a session that an announcement keeps waiting is joined to the sample", "[program][promise-8]")
{
    const Rendered rendered;
    const std::int64_t alertAt = 38 * second;
    const auto heard = rendered.heard(announcement("alert", rendered.alert, alertAt, "EMERGENCY"), 30, 70);
    const ReferenceSession alone({live("alert", 0, 2, rendered.alert)});
    const ReferenceSession later({planned("later", 0, rendered.first)});
    const std::int64_t over = alertAt + alone.length();
    requireEqual(std::vector<float>(static_cast<std::size_t>(8 * second), 0.0F), heard);
    requireEqual(alone.mix(0, {}), heard, static_cast<std::size_t>(8 * second));
    requireEqual(later.mix(over - 40 * second, {}), heard, static_cast<std::size_t>(over - 30 * second));
}

TEST_CASE("Stops are rendered to the sample, and what may not sound is told", "[program][promise-2]")
{
    const Rendered rendered;
    const std::int64_t at = 5 * second + 333;
    const std::int64_t next = rendered.bundle.sessions[0].airings[1].offset.value;
    const auto otherFrames = static_cast<std::int64_t>(rendered.other.samples.size());
    const std::vector<ReferencePlay> plays{{0, &rendered.first.samples, 0, at + 960, 240, 960},
                                           {next, &rendered.other.samples, 0, otherFrames, 240, 240}};
    requireEqual(referenceMix(plays, 30 * second, 480),
                 rendered.heard("[[stop]]\nairing = \"airing-first\"\n" + Rendered::at(at), 0, 30));
    const auto silenced = rendered.heard("[[stop]]\n" + Rendered::at(at) + "until = \"2026-11-30T22:00:30Z\"\n", 0, 30);
    requireEqual(referenceMix({plays[0]}, 30 * second, 480), silenced);

    const Ended outside =
        rendered.run(announcement("late", rendered.notice, 3 * 3600 * second, "PRIORITY"), 3 * 3600, 3 * 3600 + 5);
    CHECK(outside.code == 0);
    CHECK(outside.out.contains(u"refused airing=late item= planned=2026-12-01T01:00:00"_s));
    CHECK(outside.out.contains(u"reason=outside-hours"_s));
    const Ended wrong = rendered.run("[[announce]]\nsha256 = \"zz\"\nat = \"soon\"\nvolume = 3\n", 0, 1);
    CHECK(wrong.code == 2);
    CHECK(wrong.err.contains(u"events.toml:2"_s));
    CHECK(rendered.run(announcement("gone", {hashOf("gone"), {}}, 0, "EMERGENCY"), 0, 1)
              .out.contains(u"reason=media-missing"_s));
}
