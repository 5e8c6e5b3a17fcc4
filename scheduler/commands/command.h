// The commands of loa-scheduler: one file each, one table (commands.cpp), one reading of arguments. A command is a
// function from its arguments to an exit code or an error; whoever runs it prints the error and turns its category into
// an exit code. Main thread.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QStringList>

#include <span>
#include <vector>

namespace loa::commands {

// Exit codes, as --help tells them (sysexits.h where it has a word).
enum ExitCode : int {
    exitDone = 0,
    exitNotInOrder =
        1,          // done, and what was looked at is not in order: a log that does not verify, a file with wrong lines
    exitUsage = 64, // wrong arguments
    exitBadInput = 65,    // malformed or unsupported input, or over a limit
    exitNotFound = 66,    // no such file, unit, station, user
    exitUnavailable = 69, // port taken, program missing
    exitInternal = 70,
    exitConflict = 73, // exists already, or is in use
    exitStorage = 74,  // disk or database
    exitForbidden = 77,
};
[[nodiscard]] ExitCode exitCodeFor(ErrorCategory category);

struct OptionSpec {
    const char* name;    // without dashes
    const char* value;   // its name in the help text; null: a flag
    const char* meaning; // English
    const char* meaningVi;
    bool repeats = false;
    bool required = false;
};

class Arguments {
public:
    [[nodiscard]] bool has(const char* option) const;
    [[nodiscard]] QString value(const char* option, const QString& fallback = {}) const; // the last one given
    [[nodiscard]] QStringList values(const char* option) const;
    [[nodiscard]] QString positional(qsizetype index) const { return m_positional.value(index); }
    [[nodiscard]] qsizetype positionalCount() const { return m_positional.size(); }

private:
    friend Result<Arguments> parseArguments(const struct CommandSpec&, const QStringList&);
    QHash<QString, QStringList> m_options;
    QStringList m_positional;
};

struct CommandSpec {
    const char* name;       // "user add"
    const char* positional; // "USERNAME", "FILE.csv", "" for none: as many words as must be given
    const char* summary;
    const char* summaryVi;
    std::span<const OptionSpec> options;
    Result<int> (*run)(const Arguments&);
};

// Error: InvalidInput, with what is wrong: unknown or doubled option, missing value, missing or superfluous word.
[[nodiscard]] Result<Arguments> parseArguments(const CommandSpec& command, const QStringList& words);
[[nodiscard]] QString helpText(const CommandSpec& command);

// `words` without the program's name. Prints what there is to print, errors on standard error. The exit code.
[[nodiscard]] int runProgram(const QStringList& words);

// Standard output and standard error, as UTF-8, flushed.
void say(const QString& text);
void complain(const QString& text);

// The commands. Each file defines the specs of its own.
[[nodiscard]] std::span<const CommandSpec> initCommands();
[[nodiscard]] std::span<const CommandSpec> serveCommands();
[[nodiscard]] std::span<const CommandSpec> planCommands();
[[nodiscard]] std::span<const CommandSpec> userCommands();
[[nodiscard]] std::span<const CommandSpec> stationCommands();
[[nodiscard]] std::span<const CommandSpec> importCommands();
[[nodiscard]] std::span<const CommandSpec> presetCommands();
[[nodiscard]] std::span<const CommandSpec> backupCommands();
[[nodiscard]] std::span<const CommandSpec> verifyLogCommands();

} // namespace loa::commands
