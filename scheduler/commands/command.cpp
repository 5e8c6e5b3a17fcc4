#include "scheduler/commands/command.h"

#include <algorithm>
#include <cstdio>

namespace loa::commands {

namespace {

constexpr const char* exitCodeHelp =
    "Exit codes / Mã thoát:\n"
    "  0  done / xong                         66  not found / không có\n"
    "  1  looked at, and not in order /       69  unavailable / không sẵn sàng\n"
    "     đã xem, có chỗ không đúng           70  internal error / lỗi bên trong\n"
    "  64 wrong arguments / sai tham số       73  exists or in use / đã có hoặc đang dùng\n"
    "  65 bad input / dữ liệu vào sai         74  disk or database / đĩa hoặc cơ sở dữ liệu\n"
    "                                         77  not allowed / không được phép\n";

constexpr OptionSpec helpOption{"help", nullptr, "show this text and do nothing", "hiện hướng dẫn này rồi thôi"};

tl::unexpected<Error> wrongArguments(const QString& vi, const QString& en)
{
    return fail(ErrorCategory::InvalidInput, {vi, en});
}

const OptionSpec* findOption(const CommandSpec& command, const QString& name)
{
    for (const OptionSpec& option : command.options) {
        if (name == QLatin1String(option.name))
            return &option;
    }
    return nullptr;
}

QStringList wordsOf(const char* text)
{
    return QString::fromUtf8(text).split(u' ', Qt::SkipEmptyParts);
}

std::vector<CommandSpec> allCommands()
{
    std::vector<CommandSpec> all;
    for (const auto commands : {initCommands(), serveCommands(), planCommands(), userCommands(), stationCommands(),
                                importCommands(), presetCommands(), backupCommands(), verifyLogCommands()})
        all.insert(all.end(), commands.begin(), commands.end());
    return all;
}

// One line a command whose name begins with `prefix`.
QString listText(const std::vector<CommandSpec>& commands, const QString& prefix)
{
    QString text = QStringLiteral("Usage / Cách dùng: loa-scheduler %1COMMAND [options]\n\n")
                       .arg(prefix.isEmpty() ? QString() : prefix + u' ');
    for (const CommandSpec& command : commands) {
        const QString name = QString::fromUtf8(command.name);
        if (!prefix.isEmpty() && name != prefix && !name.startsWith(prefix + u' '))
            continue;
        text += QStringLiteral("  %1 %2\n  %3 %4\n")
                    .arg(name, -18)
                    .arg(QString::fromUtf8(command.summary))
                    .arg(QString(), -18)
                    .arg(QString::fromUtf8(command.summaryVi));
    }
    text += QStringLiteral("\n`loa-scheduler COMMAND --help` tells its options.\n\n") + QString::fromUtf8(exitCodeHelp);
    return text;
}

int usageError(const QString& command, const Text& message)
{
    complain(QStringLiteral("loa-scheduler: %1 (%2)\nTry / Xem: loa-scheduler %3--help\n")
                 .arg(message.en, message.vi, command.isEmpty() ? QString() : command + u' '));
    return exitUsage;
}

} // namespace

ExitCode exitCodeFor(ErrorCategory category)
{
    switch (category) {
    case ErrorCategory::InvalidInput:
    case ErrorCategory::Unsupported:
    case ErrorCategory::LimitExceeded:
        return exitBadInput;
    case ErrorCategory::NotFound:
        return exitNotFound;
    case ErrorCategory::Conflict:
        return exitConflict;
    case ErrorCategory::Forbidden:
    case ErrorCategory::Unauthorized:
        return exitForbidden;
    case ErrorCategory::Unavailable:
        return exitUnavailable;
    case ErrorCategory::Storage:
        return exitStorage;
    case ErrorCategory::Internal:
        break;
    }
    return exitInternal;
}

bool Arguments::has(const char* option) const
{
    return m_options.contains(QLatin1String(option));
}

QString Arguments::value(const char* option, const QString& fallback) const
{
    const auto found = m_options.constFind(QLatin1String(option));
    return found == m_options.cend() || found->isEmpty() ? fallback : found->last();
}

QStringList Arguments::values(const char* option) const
{
    return m_options.value(QLatin1String(option));
}

Result<Arguments> parseArguments(const CommandSpec& command, const QStringList& words)
{
    Arguments arguments;
    bool optionsEnded = false;
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QString& word = words[i];
        if (optionsEnded || !word.startsWith(u'-') || word == u'-') {
            arguments.m_positional.append(word);
            continue;
        }
        if (word == QStringLiteral("--")) {
            optionsEnded = true;
            continue;
        }
        const qsizetype equals = word.indexOf(u'=');
        const QString name =
            word.startsWith(QStringLiteral("--")) ? word.mid(2, equals < 0 ? -1 : equals - 2) : QString();
        const OptionSpec* option = findOption(command, name);
        if (option == nullptr)
            return wrongArguments(QStringLiteral("không có tuỳ chọn %1").arg(word),
                                  QStringLiteral("there is no option %1").arg(word));
        QStringList& values = arguments.m_options[name];
        if (option->value == nullptr) {
            if (equals >= 0)
                return wrongArguments(QStringLiteral("--%1 không nhận giá trị").arg(name),
                                      QStringLiteral("--%1 takes no value").arg(name));
            continue;
        }
        if (!values.isEmpty() && !option->repeats)
            return wrongArguments(QStringLiteral("--%1 có hai lần").arg(name),
                                  QStringLiteral("--%1 is given twice").arg(name));
        if (equals < 0 && i + 1 >= words.size())
            return wrongArguments(QStringLiteral("--%1 cần một giá trị").arg(name),
                                  QStringLiteral("--%1 wants a value").arg(name));
        values.append(equals >= 0 ? word.mid(equals + 1) : words[++i]);
        if (values.last().isEmpty())
            return wrongArguments(QStringLiteral("--%1 để trống").arg(name), QStringLiteral("--%1 is empty").arg(name));
    }
    for (const OptionSpec& option : command.options) {
        if (option.required && !arguments.has(option.name))
            return wrongArguments(QStringLiteral("thiếu --%1").arg(QLatin1String(option.name)),
                                  QStringLiteral("--%1 is missing").arg(QLatin1String(option.name)));
    }
    if (findOption(command, QStringLiteral("data")) != nullptr && arguments.has("data") == arguments.has("config"))
        return wrongArguments(QStringLiteral("cần đúng một trong hai: --data hoặc --config"),
                              QStringLiteral("exactly one of --data and --config is needed"));
    const qsizetype wanted = wordsOf(command.positional).size();
    if (arguments.m_positional.size() < wanted)
        return wrongArguments(QStringLiteral("thiếu %1").arg(QString::fromUtf8(command.positional)),
                              QStringLiteral("%1 is missing").arg(QString::fromUtf8(command.positional)));
    if (arguments.m_positional.size() > wanted)
        return wrongArguments(QStringLiteral("thừa \"%1\"").arg(arguments.m_positional[wanted]),
                              QStringLiteral("\"%1\" is superfluous").arg(arguments.m_positional[wanted]));
    return arguments;
}

QString helpText(const CommandSpec& command)
{
    QString text = QStringLiteral("Usage / Cách dùng: loa-scheduler %1 %2[options]\n\n%3\n%4\n\n")
                       .arg(QString::fromUtf8(command.name),
                            *command.positional == '\0' ? QString() : QString::fromUtf8(command.positional) + u' ',
                            QString::fromUtf8(command.summary), QString::fromUtf8(command.summaryVi));
    std::vector<OptionSpec> options(command.options.begin(), command.options.end());
    options.push_back(helpOption);
    for (const OptionSpec& option : options) {
        const QString shown = QStringLiteral("--%1%2").arg(
            QLatin1String(option.name), option.value == nullptr ? QString() : u' ' + QString::fromUtf8(option.value));
        text += QStringLiteral("  %1 %2%3%4\n  %5 %6\n")
                    .arg(shown, -26)
                    .arg(QString::fromUtf8(option.meaning), option.required ? QStringLiteral(" (required)") : QString(),
                         option.repeats ? QStringLiteral(" (may be given again)") : QString())
                    .arg(QString(), -26)
                    .arg(QString::fromUtf8(option.meaningVi));
    }
    return text + u'\n' + QString::fromUtf8(exitCodeHelp);
}

int runProgram(const QStringList& words)
{
    const std::vector<CommandSpec> commands = allCommands();
    const bool wantsHelp = words.contains(QStringLiteral("--help"));

    // The longest command whose words stand first.
    const CommandSpec* chosen = nullptr;
    qsizetype length = 0;
    bool isGroup = false; // "user" alone
    for (const CommandSpec& command : commands) {
        const QStringList name = wordsOf(command.name);
        if (name.size() > length && words.mid(0, name.size()) == name) {
            chosen = &command;
            length = name.size();
        }
        isGroup = isGroup || (!words.isEmpty() && name.first() == words.first());
    }
    if (chosen == nullptr) {
        const QString first = words.isEmpty() ? QString() : words.first();
        if (wantsHelp || first == QStringLiteral("help")) {
            say(listText(commands, isGroup ? first : QString()));
            return exitDone;
        }
        if (words.isEmpty())
            return usageError({}, {QStringLiteral("thiếu lệnh"), QStringLiteral("a command is missing")});
        return usageError(isGroup ? first : QString(),
                          isGroup ? Text{QStringLiteral("\"%1\" cần một lệnh con").arg(first),
                                         QStringLiteral("\"%1\" wants a subcommand").arg(first)}
                                  : Text{QStringLiteral("không có lệnh \"%1\"").arg(first),
                                         QStringLiteral("there is no command \"%1\"").arg(first)});
    }
    if (wantsHelp) {
        say(helpText(*chosen));
        return exitDone;
    }
    const QString name = QString::fromUtf8(chosen->name);
    const auto arguments = parseArguments(*chosen, words.mid(length));
    if (!arguments)
        return usageError(name, arguments.error().message);
    const auto done = chosen->run(*arguments);
    if (done)
        return *done;
    complain(QStringLiteral("loa-scheduler %1: %2\n").arg(name, describe(done.error())));
    return exitCodeFor(done.error().category);
}

void say(const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stdout);
    std::fflush(stdout);
}

void complain(const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stderr);
    std::fflush(stderr);
}

} // namespace loa::commands
