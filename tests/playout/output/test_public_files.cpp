// What is meant for a web server or a receiver can be read by another user, under the umask of the hardened unit.
#include "playout/engine/player.h"
#include "playout/output/whole_file.h"
#include "tests/playout/engine/recorder.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace loa::playout {

using namespace test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

class Umask {
public:
    explicit Umask(mode_t mask) : m_before(::umask(mask)) {}
    ~Umask() { ::umask(m_before); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

private:
    const mode_t m_before;
};

unsigned modeOf(const QString& path)
{
    struct stat found {};
    REQUIRE(::stat(QFile::encodeName(path), &found) == 0);
    return found.st_mode & 07777U;
}

// As root: what "nobody" gets when he reads it.
QByteArray readByNobody(const QString& path)
{
    QProcess cat;
    cat.start(u"setpriv"_s, {u"--reuid=65534"_s, u"--regid=65534"_s, u"--clear-groups"_s, u"cat"_s, path});
    REQUIRE(cat.waitForFinished());
    INFO(path.toStdString() << ": " << cat.readAllStandardError().toStdString());
    CHECK(cat.exitCode() == 0);
    return cat.readAllStandardOutput();
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    return file.readAll();
}

} // namespace

TEST_CASE("HLS and SDP files can be read by everybody, whatever the umask")
{
    const QTemporaryDir folder;
    REQUIRE(::chmod(QFile::encodeName(folder.path()), 0755) == 0);
    const Umask hardened(0077);
    OutputConfig hls;
    hls.name = u"hls"_s;
    hls.device = u"hls"_s;
    hls.url = folder.filePath(u"public/xa/hls"_s);
    hls.segment = 1s;
    OutputConfig rtp;
    rtp.name = u"rtp"_s;
    rtp.device = u"rtp"_s;
    rtp.url = u"rtp://127.0.0.1:9"_s;
    rtp.codec = media::AudioCodec::L16;
    rtp.sdpPath = folder.filePath(u"main.sdp"_s);
    // One of an earlier version is replaced by one that can be read.
    QFile old(rtp.sdpPath);
    REQUIRE(old.open(QIODevice::WriteOnly));
    old.close();
    REQUIRE(modeOf(rtp.sdpPath) == 0600);

    ManualClock clock(morning - 1s);
    MemorySourceFactory sources;
    sources.add(hashOf("item-0"), std::vector<float>(3 * sampleRate, 0.2F));
    Recorder recorder;
    auto player = SteppedPlayer::create({StationId{u"station-1"_s}, {hls, rtp}, sources, clock, recorder});
    REQUIRE(player);
    REQUIRE((*player)->play(timelineAt(morning, {{3 * sampleRate}})));
    (*player)->advanceTo(morning + 5s);

    for (const QString& made : {u"public"_s, u"public/xa"_s, u"public/xa/hls"_s})
        CHECK(modeOf(folder.filePath(made)) == 0755);
    QStringList files{rtp.sdpPath};
    for (const QFileInfo& file : QDir(hls.url).entryInfoList(QDir::Files))
        files.append(file.filePath());
    CHECK(files.size() >= 5); // a list, an initialisation segment, segments
    for (const QString& file : files) {
        CHECK(modeOf(file) == 0644);
        if (::geteuid() == 0)
            CHECK(readByNobody(file) == contentOf(file));
    }
}

TEST_CASE("A folder that was there keeps its mode, and one that cannot be made is told of")
{
    const QTemporaryDir folder;
    const QString mine = folder.filePath(u"mine"_s);
    REQUIRE(QDir().mkdir(mine));
    REQUIRE(::chmod(QFile::encodeName(mine), 0710) == 0);
    const Text what{u"Không tạo được"_s, u"Cannot be made"_s};
    CHECK(makePublicFolder(mine + u"/a/../b/"_s, what));
    CHECK(modeOf(mine) == 0710);
    CHECK(modeOf(mine + u"/b"_s) == 0755);
    QFile file(folder.filePath(u"file"_s));
    REQUIRE(file.open(QIODevice::WriteOnly));
    const auto refused = makePublicFolder(file.fileName() + u"/a/b"_s, what);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.en.startsWith(u"Cannot be made: "_s));
}

TEST_CASE("The unit opens a folder to the web server of the example, and none of the state")
{
    const QString config = qEnvironmentVariable("LOA_SOURCE_DIR") + u"/config/"_s;
    const QByteArray unit = '\n' + contentOf(config + u"systemd/loa-playout.service"_s);
    for (const QByteArray& line : {QByteArray("StateDirectory=loa-playout"), QByteArray("StateDirectoryMode=0700"),
                                   QByteArray("CacheDirectory=loa-public"), QByteArray("CacheDirectoryMode=0755")})
        CHECK(unit.contains('\n' + line + '\n'));
    const QByteArray example = contentOf(config + u"playout.toml"_s);
    CHECK(example.contains("\nsdp = \"/var/cache/loa-public/"));
    CHECK(example.contains("\n# url = \"/var/cache/loa-public/hls\""));
    CHECK(example.contains("\nstate = \"/var/lib/loa-playout\""));
}

} // namespace loa::playout
