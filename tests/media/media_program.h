// loa-media as its users run it, and folders that show what it leaves. For the tests of this folder.
#pragma once

#include "tests/support/audio_process.h"
#include "tests/support/audio_signals.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>

#include <catch2/catch.hpp>

namespace loa::support {

inline QStringList everythingIn(const QString& folder)
{
    return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
}

struct Workshop {
    QTemporaryDir folder;
    QString out = folder.filePath(QStringLiteral("out"));

    Workshop() { QDir().mkpath(out); }
    QString path(const char* name) const { return folder.filePath(QLatin1String(name)); }
    QString write(const char* name, const QByteArray& content) const
    {
        QFile file(path(name));
        REQUIRE(file.open(QIODevice::WriteOnly));
        REQUIRE(file.write(content) == content.size());
        return file.fileName();
    }
    QString writeSound(const char* name, const Pcm& pcm, WavSamples samples = WavSamples::Int16) const
    {
        REQUIRE(writeWav(path(name), pcm, samples));
        return path(name);
    }
    // Through ffmpeg, from a WAV of the workshop.
    QString convert(const QString& from, const char* name, const QStringList& options = {}) const
    {
        mustRun(QStringLiteral("ffmpeg"), QStringList{QStringLiteral("-v"), QStringLiteral("error"),
                                                      QStringLiteral("-y"), QStringLiteral("-i"), from} +
                                              options + QStringList{path(name)});
        return path(name);
    }
    ProgramRun ingest(const QString& file, const QStringList& options = {},
                      const std::function<void()>& beforeExec = {}) const
    {
        return runProgram(
            loaProgram(QStringLiteral("loa-media")),
            QStringList{QStringLiteral("ingest"), file, QStringLiteral("--out"), out, QStringLiteral("--json")} +
                options,
            beforeExec);
    }
    QJsonObject taken(const QString& file, const QStringList& options = {}) const
    {
        const ProgramRun run = ingest(file, options);
        INFO(run.out.left(2000).toStdString() << run.err.toStdString());
        REQUIRE(run.exitCode == 0);
        return run.json();
    }
    // The error object; nothing may be left in `out`.
    QJsonObject refused(const QString& file, const QStringList& options = {}) const
    {
        const ProgramRun run = ingest(file, options);
        INFO(run.out.left(2000).toStdString() << run.err.toStdString());
        REQUIRE(run.exitCode == 2);
        CHECK(everythingIn(out).isEmpty());
        const QJsonObject error = run.json().value(QStringLiteral("error")).toObject();
        CHECK_FALSE(error.value(QStringLiteral("message")).toString().isEmpty());
        CHECK_FALSE(error.value(QStringLiteral("message_vi")).toString().isEmpty());
        CHECK(error.contains(QStringLiteral("where")));
        return error;
    }
};

inline QString text(const QJsonObject& object, const char* key)
{
    return object.value(QLatin1String(key)).toString();
}

inline double number(const QJsonObject& object, const char* key)
{
    INFO(key);
    REQUIRE(object.value(QLatin1String(key)).isDouble());
    return object.value(QLatin1String(key)).toDouble();
}

inline bool warnsOf(const QJsonObject& report, const char* code)
{
    for (const auto& warning : report.value(QStringLiteral("warnings")).toArray()) {
        if (text(warning.toObject(), "code") == QLatin1String(code))
            return !text(warning.toObject(), "vi").isEmpty() && !text(warning.toObject(), "en").isEmpty();
    }
    return false;
}

} // namespace loa::support
