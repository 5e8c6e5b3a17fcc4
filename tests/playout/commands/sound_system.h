// A sound system in user space, since few machines that build have a sound card: a PulseAudio daemon of the test's own,
// whose null sinks have a clock and can be listened to. Reached by libasound, as any program reaches it on a desktop.
// Where the kernel has a loopback card (modprobe snd-aloop), that can be listened to as well.
// Thread: one with a Qt event loop, which the waiting functions turn.
#pragma once

#include "media/frames.h"
#include "scheduler/contract/clock.h"
#include "tests/playout/link/fake_scheduler.h"

#include <QDir>
#include <QFile>
#include <QProcess>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace loa::playout::test {

// With real-time priority, where that is allowed: what is under test is Loa, on a machine that may be busy.
inline void startOnTime(QProcess& process, const QString& program, const QStringList& arguments)
{
    static const bool isAllowed = QProcess::execute(QStringLiteral("chrt"), {QStringLiteral("-r"), QStringLiteral("1"),
                                                                             QStringLiteral("true")}) == 0;
    if (isAllowed)
        process.start(QStringLiteral("chrt"),
                      QStringList{QStringLiteral("-r"), QStringLiteral("1"), program} + arguments);
    else
        process.start(program, arguments);
}

class PulseServer {
public:
    // `folder`: its own, with a short path: a socket lies in it.
    PulseServer(const QDir& folder, QStringList sinks) : m_folder(folder), m_sinks(std::move(sinks))
    {
        REQUIRE(m_folder.mkpath(QStringLiteral(".")));
        start();
    }
    ~PulseServer() { kill(); }

    void start()
    {
        QStringList arguments{
            QStringLiteral("-n"),
            QStringLiteral("--daemonize=no"),
            QStringLiteral("--exit-idle-time=-1"),
            QStringLiteral("--use-pid-file=no"),
            QStringLiteral("--disable-shm=yes"),
            QStringLiteral("--load=module-native-protocol-unix auth-anonymous=1 socket=%1").arg(socket())};
        for (const QString& sink : m_sinks)
            arguments.append(QStringLiteral("--load=module-null-sink norewinds=1 rate=48000 sink_name=%1").arg(sink));
        m_process.setProcessEnvironment(environment());
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(m_folder.filePath(QStringLiteral("pulseaudio.log")), QIODevice::Append);
        startOnTime(m_process, QStringLiteral("pulseaudio"), arguments);
        for (const QString& sink : m_sinks)
            REQUIRE(waitUntil([&] { return control({QStringLiteral("get-sink-mute"), sink}); }));
    }
    // Its process stands still, or goes on.
    void freeze(bool stands) { ::kill(static_cast<pid_t>(m_process.processId()), stands ? SIGSTOP : SIGCONT); }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    // True when it did what it was told.
    [[nodiscard]] bool control(const QStringList& arguments) const
    {
        QProcess process;
        process.setProcessEnvironment(environment());
        process.setStandardOutputFile(QProcess::nullDevice());
        process.setStandardErrorFile(QProcess::nullDevice());
        process.start(QStringLiteral("pactl"), QStringList{QStringLiteral("--server"), address()} + arguments);
        return waitUntil([&] { return process.state() == QProcess::NotRunning; }) &&
               process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    }
    // Of its clients as well: nobody's home is written to.
    [[nodiscard]] QProcessEnvironment environment() const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* own : {"HOME", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH"})
            environment.insert(QString::fromLatin1(own), m_folder.path());
        for (const char* foreign : {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER"})
            environment.remove(QString::fromLatin1(foreign));
        return environment;
    }
    [[nodiscard]] QString address() const { return QStringLiteral("unix:") + socket(); }
    // For ALSA's configuration: each sink by its name, and <name>_monitor, which hears what it plays.
    [[nodiscard]] QByteArray cards() const
    {
        QString text;
        for (const QString& sink : m_sinks)
            text += QStringLiteral("pcm.%1 { type pulse server \"%2\" device \"%1\" }\n"
                                   "pcm.%1_monitor { type pulse server \"%2\" device \"%1.monitor\" }\n")
                        .arg(sink, address());
        return text.toUtf8();
    }

private:
    [[nodiscard]] QString socket() const { return m_folder.filePath(QStringLiteral("socket")); }

    const QDir m_folder;
    const QStringList m_sinks;
    QProcess m_process;
};

// What another program hears.
struct Recording {
    std::vector<float> samples;                      // mono, 48 kHz
    UtcTime began{std::chrono::microseconds::max()}; // of the first, as the steadiest arrival tells
};

class Listener {
public:
    // Writes 32-bit samples, mono, 48 kHz, to its standard output.
    Listener(const QString& program, const QStringList& arguments,
             const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment())
    {
        m_process.setProcessEnvironment(environment);
        QObject::connect(&m_process, &QProcess::readyReadStandardOutput, [this] { take(); });
        m_process.setStandardErrorFile(QProcess::nullDevice());
        startOnTime(m_process, program, arguments);
        REQUIRE(waitUntil([&] { return !m_bytes.isEmpty(); }));
    }
    static std::unique_ptr<Listener> ofSink(const PulseServer& server, const QString& sink)
    {
        return std::make_unique<Listener>(QStringLiteral("parec"),
                                          QStringList{QStringLiteral("--server"), server.address(),
                                                      QStringLiteral("--device"), sink + QStringLiteral(".monitor"),
                                                      QStringLiteral("--raw"), QStringLiteral("--format=s32le"),
                                                      QStringLiteral("--rate=48000"), QStringLiteral("--channels=1"),
                                                      QStringLiteral("--latency-msec=20")},
                                          server.environment());
    }
    // Of the kernel's loopback card, whose other end is "hw:Loopback,0,0"; null where there is none.
    static std::unique_ptr<Listener> ofLoopbackCard()
    {
        if (!QFile::exists(QStringLiteral("/proc/asound/Loopback")))
            return nullptr;
        return std::make_unique<Listener>(
            QStringLiteral("ffmpeg"), QStringLiteral("-v error -f alsa -c:a pcm_s32le -channels 1 -sample_rate 48000 "
                                                     "-i plughw:Loopback,1,0 -f s32le -flush_packets 1 pipe:1")
                                          .split(QLatin1Char(' ')));
    }
    ~Listener()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    [[nodiscard]] Recording heard() const
    {
        Recording heard{std::vector<float>(static_cast<std::size_t>(m_bytes.size()) / sizeof(std::int32_t)), m_began};
        for (std::size_t index = 0; index < heard.samples.size(); ++index) {
            std::int32_t sample = 0;
            std::memcpy(&sample, m_bytes.constData() + index * sizeof sample, sizeof sample);
            heard.samples[index] = static_cast<float>(sample) / 2147483648.0F;
        }
        return heard;
    }

private:
    void take()
    {
        m_bytes += m_process.readAllStandardOutput();
        const FrameCount frames{m_bytes.size() / static_cast<qsizetype>(sizeof(std::int32_t))};
        m_began = std::min(m_began, m_clock.now() - toDuration(frames));
    }

    const SystemClock m_clock;
    QProcess m_process;
    QByteArray m_bytes;
    UtcTime m_began = Recording().began;
};

} // namespace loa::playout::test
