// loa-scheduler user: people and their passwords, for whoever has the machine but no browser.
#include "scheduler/commands/command.h"
#include "scheduler/commands/data_folder.h"
#include "scheduler/contract/clock.h"
#include "scheduler/store/password.h"
#include "scheduler/store/store.h"

#include <QFile>

#include <cstdio>

namespace loa::commands {

namespace {

constexpr OptionSpec passwordOption{"password-stdin", nullptr,
                                    "read the password from standard input, one line, instead of making one",
                                    "đọc mật khẩu từ đầu vào chuẩn, một dòng, thay cho mật khẩu tự sinh"};

constexpr OptionSpec addUserOptions[] = {
    dataOption,
    configOption,
    {"name", "NAME", "full name, as it stands in approvals", "họ tên, như sẽ ghi khi phê duyệt", false, true},
    {"role", "ROLE@UNIT", "administrator, editor, approver, commune_officer or inspector, and the unit's code",
     "administrator, editor, approver, commune_officer hoặc inspector, kèm mã đơn vị", true, true},
    passwordOption,
};
constexpr OptionSpec listUsersOptions[] = {dataOption, configOption};
constexpr OptionSpec setPasswordOptions[] = {dataOption, configOption, passwordOption};

const QString userActor = QStringLiteral("loa-scheduler user");

struct NewPassword {
    QString text;
    bool generated = false;
};

Result<NewPassword> passwordFrom(const Arguments& arguments, const QString& username)
{
    NewPassword password;
    if (!arguments.has("password-stdin")) {
        password.text = store::newSecretCode();
        password.generated = true;
        return password;
    }
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return fail(ErrorCategory::Storage,
                    {QStringLiteral("không đọc được đầu vào chuẩn"), QStringLiteral("standard input cannot be read")});
    QByteArray line = input.readLine(4096);
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    password.text = QString::fromUtf8(line);
    if (auto sound = store::checkPassword(password.text, username); !sound)
        return passOn(sound);
    return password;
}

void showPassword(const QString& username, const NewPassword& password)
{
    if (password.generated)
        say(QStringLiteral(
                "Shown only now / Chỉ hiện một lần này\n  username / tên đăng nhập: %1\n  password / mật khẩu: %2\n")
                .arg(username, password.text));
    else
        say(QStringLiteral("%1: ok\n").arg(username));
}

Result<model::RoleGrant> grantFrom(store::Store& store, const QString& text)
{
    const qsizetype at = text.indexOf(u'@');
    if (at < 0)
        return fail(ErrorCategory::InvalidInput,
                    {QStringLiteral("vai trò phải viết như editor@ma-don-vi"),
                     QStringLiteral("a role is written like editor@unit-code")},
                    text);
    const auto role = model::roleFromString(QStringView(text).left(at));
    if (!role)
        return passOn(role);
    const auto unit = store.units.findByCode(text.mid(at + 1));
    if (!unit)
        return passOn(unit);
    if (!*unit)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không có đơn vị mã này"), QStringLiteral("there is no unit of this code")},
                    text.mid(at + 1));
    return model::RoleGrant{*role, (*unit)->id};
}

Result<model::User> userNamed(store::Store& store, const QString& username)
{
    const auto user = store.users.findByUsername(username);
    if (!user)
        return passOn(user);
    if (!*user)
        return fail(ErrorCategory::NotFound,
                    {QStringLiteral("không có người dùng này"), QStringLiteral("there is no such user")}, username);
    return **user;
}

Result<std::unique_ptr<store::Database>> databaseOf(const Arguments& arguments)
{
    const auto folder = dataFolderFrom(arguments);
    if (!folder)
        return passOn(folder);
    return openDatabase(*folder);
}

Result<int> runUserAdd(const Arguments& arguments)
{
    const auto database = databaseOf(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const UtcTime now = SystemClock().now();
    model::User user;
    user.id = {newId(now)};
    user.username = arguments.positional(0);
    user.fullName = arguments.value("name");
    user.createdAt = now;
    const QStringList roles = arguments.values("role");
    for (const QString& text : roles) {
        const auto grant = grantFrom(store, text);
        if (!grant)
            return passOn(grant);
        user.roles.push_back(*grant);
    }
    const auto password = passwordFrom(arguments, user.username);
    if (!password)
        return passOn(password);
    const auto hash = store::hashPassword(password->text);
    if (!hash)
        return passOn(hash);
    auto added = store.database.transaction([&]() -> Result<void> {
        if (auto stored = store.users.add(user, *hash); !stored)
            return stored;
        return store.audit.append(now, nullptr, userActor, QStringLiteral("user.create"),
                                  QStringLiteral("user:") + user.id.value,
                                  {{QStringLiteral("username"), user.username}});
    });
    if (!added)
        return passOn(added);
    showPassword(user.username, *password);
    return exitDone;
}

Result<int> runUserList(const Arguments& arguments)
{
    const auto database = databaseOf(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto users = store.users.all();
    if (!users)
        return passOn(users);
    const auto tree = store.units.tree();
    if (!tree)
        return passOn(tree);
    for (const model::User& user : *users) {
        QStringList roles;
        for (const model::RoleGrant& grant : user.roles) {
            const model::Unit* unit = tree->find(grant.unit);
            roles.append(model::toString(grant.role) + u'@' + (unit == nullptr ? grant.unit.value : unit->code));
        }
        say(QStringLiteral("%1\t%2\t%3\t%4\n")
                .arg(user.username, user.active ? QStringLiteral("active") : QStringLiteral("inactive"), user.fullName,
                     roles.join(QStringLiteral(" "))));
    }
    return exitDone;
}

Result<int> runUserPassword(const Arguments& arguments)
{
    const auto database = databaseOf(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    const auto user = userNamed(store, arguments.positional(0));
    if (!user)
        return passOn(user);
    const auto password = passwordFrom(arguments, user->username);
    if (!password)
        return passOn(password);
    const auto hash = store::hashPassword(password->text);
    if (!hash)
        return passOn(hash);
    auto stored = store.database.transaction([&]() -> Result<void> {
        if (auto set = store.users.setPassword(user->id, *hash); !set)
            return set;
        return store.audit.append(SystemClock().now(), nullptr, userActor, QStringLiteral("user.password"),
                                  QStringLiteral("user:") + user->id.value);
    });
    if (!stored)
        return passOn(stored);
    showPassword(user->username, *password);
    return exitDone;
}

Result<int> runUserDeactivate(const Arguments& arguments)
{
    const auto database = databaseOf(arguments);
    if (!database)
        return passOn(database);
    store::Store store(**database);
    auto user = userNamed(store, arguments.positional(0));
    if (!user)
        return passOn(user);
    user->active = false;
    auto stored = store.database.transaction([&]() -> Result<void> {
        if (auto updated = store.users.update(*user); !updated)
            return updated;
        return store.audit.append(SystemClock().now(), nullptr, userActor, QStringLiteral("user.change"),
                                  QStringLiteral("user:") + user->id.value, {{QStringLiteral("active"), false}});
    });
    if (!stored)
        return passOn(stored);
    say(QStringLiteral("%1: inactive / đã khoá\n").arg(user->username));
    return exitDone;
}

constexpr CommandSpec userSpecs[] = {
    {"user add", "USERNAME", "Add a person with roles.", "Thêm người dùng và vai trò.", addUserOptions, &runUserAdd},
    {"user list", "", "List people and their roles.", "Liệt kê người dùng và vai trò.", listUsersOptions, &runUserList},
    {"user password", "USERNAME", "Set a new password and sign the person out everywhere.",
     "Đặt mật khẩu mới và đăng xuất mọi nơi.", setPasswordOptions, &runUserPassword},
    {"user deactivate", "USERNAME", "Shut a person out; what they did stays on record.",
     "Khoá người dùng; những gì đã làm vẫn còn ghi.", listUsersOptions, &runUserDeactivate},
};

} // namespace

std::span<const CommandSpec> userCommands()
{
    return userSpecs;
}

} // namespace loa::commands
