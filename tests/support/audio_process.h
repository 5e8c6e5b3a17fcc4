// Runs a program and says what it took. Blocks its thread.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <functional>

namespace loa::support {

struct ProgramRun {
    int exitCode = -1; // 128 + signal when one ended it
    QByteArray out;
    QByteArray err;
    double wallSeconds = 0.0;
    double cpuSeconds = 0.0; // user and system, its own children's included
    long peakMemoryKib = 0;  // of the largest process among it and its children

    QJsonObject json() const; // of `out`
};

// `beforeExec` runs in the child between fork and exec: system calls alone (limits, say).
[[nodiscard]] ProgramRun runProgram(const QString& program, const QStringList& arguments,
                                    const std::function<void()>& beforeExec = {});

// The same with an assertion that it succeeded; throws std::runtime_error with its words otherwise.
ProgramRun mustRun(const QString& program, const QStringList& arguments);

// build/…/bin/NAME: LOA_BIN_DIR is set by CTest and by ./loa.
[[nodiscard]] QString loaProgram(const QString& name);

} // namespace loa::support
