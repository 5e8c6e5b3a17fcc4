#include "scheduler/api/input.h"
#include "scheduler/api/output.h"
#include "scheduler/api/routes.h"
#include "scheduler/store/password.h"

#include <algorithm>

namespace loa::api {

namespace {

std::vector<model::RoleGrant> readRoles(JsonReader& reader)
{
    std::vector<model::RoleGrant> roles;
    const QJsonArray array = reader.array(QLatin1String("roles"), 50);
    for (qsizetype i = 0; i < array.size(); ++i) {
        JsonReader entry(array[i].toObject(), reader.pathOf(QLatin1String("roles")) + u'/' + QString::number(i));
        model::RoleGrant grant;
        grant.role = entry.parsed<model::Role>(QLatin1String("role"), model::roleFromString);
        grant.unit = entry.id<UnitTag>(QLatin1String("unit_id"));
        if (const auto read = entry.finish(); !read)
            reader.reject(read.error());
        if (std::find(roles.begin(), roles.end(), grant) == roles.end())
            roles.push_back(grant);
    }
    return roles;
}

Result<void> demandOver(Context& context, const std::vector<model::RoleGrant>& roles)
{
    for (const model::RoleGrant& grant : roles) {
        if (const auto known = context.demandKnown(grant.unit, "/roles"); !known)
            return known;
        if (const auto allowed = context.demand(model::Action::ManageUsers, grant.unit); !allowed)
            return allowed;
    }
    return {};
}

QString userSubject(const model::User& user)
{
    return QStringLiteral("user:") + user.id.value;
}

Result<QString> hashOf(const QString& password, const QString& username, const Context& context)
{
    if (const auto good = store::checkPassword(password, username); !good)
        return fail(good.error().category, good.error().message, QStringLiteral("/password"));
    return store::hashPassword(password, context.settings.passwordCost);
}

Result<Response> listUsers(const Request&, Context& context)
{
    const auto users = context.store.users.all();
    if (!users)
        return passOn(users);
    const auto units = context.unitsFor(model::Action::ManageUsers);
    if (!units)
        return passOn(units);
    std::vector<model::User> seen;
    for (const model::User& user : *users) {
        const bool within = std::any_of(user.roles.begin(), user.roles.end(),
                                        [&](const model::RoleGrant& grant) { return units->contains(grant.unit); });
        // Someone without a role lies within nobody's units: whoever made him must still find him.
        if (within || user.roles.empty())
            seen.push_back(user);
    }
    return listResponse(seen, userJson);
}

Result<Response> addUser(const Request& request, Context& context)
{
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    JsonReader reader(*body);
    model::User user;
    user.id = UserId{newId(context.now)};
    user.username = reader.text(QLatin1String("username"), 64).toLower();
    user.fullName = wordsOf(reader, QLatin1String("full_name"), 200);
    const QString password = reader.text(QLatin1String("password"), 1024);
    user.roles = readRoles(reader);
    user.createdAt = context.now;
    if (const auto read = reader.finish(); !read)
        return passOn(read);
    if (const auto allowed = demandOver(context, user.roles); !allowed)
        return passOn(allowed);
    const auto hash = hashOf(password, user.username, context);
    if (!hash)
        return passOn(hash);
    if (const auto added = context.store.users.add(user, *hash); !added)
        return passOn(added);
    const QJsonObject json = userJson(user);
    if (const auto noted = context.audit(QStringLiteral("user.create"), userSubject(user),
                                         {{QStringLiteral("username"), user.username},
                                          {QStringLiteral("roles"), json.value(QLatin1String("roles"))}});
        !noted)
        return passOn(noted);
    return Response::json(201, json);
}

Result<Response> changeUser(const Request& request, Context& context)
{
    const auto id = idFromPath<UserId>(request, QLatin1String("id"));
    if (!id)
        return passOn(id);
    const auto body = jsonBody(request);
    if (!body)
        return passOn(body);
    const auto before = context.store.users.find(*id);
    if (!before)
        return passOn(before);
    JsonReader reader(*body);
    model::User user = *before;
    if (reader.has(QLatin1String("full_name")))
        user.fullName = wordsOf(reader, QLatin1String("full_name"), 200);
    std::optional<QString> password;
    if (reader.has(QLatin1String("password")))
        password = reader.text(QLatin1String("password"), 1024);
    if (reader.has(QLatin1String("roles")))
        user.roles = readRoles(reader);
    if (reader.has(QLatin1String("active")))
        user.active = reader.boolean(QLatin1String("active"));
    if (const auto read = reader.finish(); !read)
        return passOn(read);

    // Over all that the person could do before and after: nobody takes over an account that reaches further than his
    // own.
    if (const auto allowed = demandOver(context, before->roles); !allowed)
        return passOn(allowed);
    if (const auto allowed = demandOver(context, user.roles); !allowed)
        return passOn(allowed);
    if (user.id == context.user().id && (!user.active || user.roles != before->roles))
        return fail(ErrorCategory::Conflict,
                    {QStringLiteral("Bạn không thể tự khóa hoặc tự đổi vai trò của mình."),
                     QStringLiteral("You cannot lock yourself out or change your own roles.")});
    if (const auto stored = context.store.users.update(user); !stored)
        return passOn(stored);
    QJsonObject detail;
    if (password) {
        const auto hash = hashOf(*password, user.username, context);
        if (!hash)
            return passOn(hash);
        if (const auto set = context.store.users.setPassword(user.id, *hash); !set)
            return passOn(set);
        detail.insert(QStringLiteral("password"), true);
    }
    const QJsonObject json = userJson(user);
    if (user.roles != before->roles)
        detail.insert(QStringLiteral("roles"), json.value(QLatin1String("roles")));
    if (user.active != before->active)
        detail.insert(QStringLiteral("active"), user.active);
    if (user.fullName != before->fullName)
        detail.insert(QStringLiteral("full_name"), user.fullName);
    if (const auto noted = context.audit(QStringLiteral("user.change"), userSubject(user), detail); !noted)
        return passOn(noted);
    Response response = Response::json(200, json);
    if (user.roles != before->roles || user.active != before->active || password)
        response.silences = user.id.value; // whoever speaks by what was so far
    return response;
}

constexpr Route userTable[] = {
    {"GET", "/users", Caller::Person, model::Action::ManageUsers, listUsers},
    {"POST", "/users", Caller::Person, model::Action::ManageUsers, addUser},
    {"PATCH", "/users/{id}", Caller::Person, model::Action::ManageUsers, changeUser},
};

} // namespace

std::span<const Route> userRoutes()
{
    return userTable;
}

} // namespace loa::api
