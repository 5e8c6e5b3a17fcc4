// The commands of loa-playout: each takes its arguments (its own name first) and gives the exit code. 0: good; 1:
// failed; 2: refused, or a log that does not hold; 64: wrong usage; 66: not there, as of loa-scheduler (sysexits.h).
// Thread: main.
#pragma once

#include "media/error.h"

#include <QCommandLineParser>
#include <QStringList>

namespace loa::playout {

inline constexpr int exitFailed = 1;
inline constexpr int exitRefused = 2;
inline constexpr int exitUsage = 64;
inline constexpr int exitNotFound = 66;

int checkCommand(const QStringList& arguments);
int enrolCommand(const QStringList& arguments);
int runCommand(const QStringList& arguments);
int recallCommand(const QStringList& arguments);
int renderCommand(const QStringList& arguments);
int verifyLogCommand(const QStringList& arguments);

// Parses; prints help or what is wrong. A code: end with it.
[[nodiscard]] std::optional<int> parseOptions(QCommandLineParser& parser, const QStringList& arguments,
                                              const QStringList& required);
// The error in both languages on stderr; the exit code for it.
[[nodiscard]] int report(const Error& error);

void print(const QString& line);

} // namespace loa::playout
