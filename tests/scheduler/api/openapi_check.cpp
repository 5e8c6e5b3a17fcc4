#include "tests/scheduler/api/openapi_check.h"

#include "scheduler/api/openapi_text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <yaml-cpp/yaml.h>

#include <cmath>

namespace loa::test {

namespace {

QString textOf(const YAML::Node& node)
{
    return QString::fromStdString(node.as<std::string>());
}

const char* typeOf(const QJsonValue& value)
{
    switch (value.type()) {
    case QJsonValue::Null:
        return "null";
    case QJsonValue::Bool:
        return "boolean";
    case QJsonValue::Double:
        return std::floor(value.toDouble()) == value.toDouble() ? "integer" : "number";
    case QJsonValue::String:
        return "string";
    case QJsonValue::Array:
        return "array";
    case QJsonValue::Object:
        return "object";
    case QJsonValue::Undefined:
        break;
    }
    return "undefined";
}

bool typeFits(const std::string& wanted, const char* actual)
{
    return wanted == actual || (wanted == "number" && std::string(actual) == "integer");
}

} // namespace

struct OpenApi::Private {
    YAML::Node root;

    [[nodiscard]] YAML::Node resolve(YAML::Node node) const
    {
        while (node.IsMap() && node["$ref"]) {
            YAML::Node target;
            target.reset(root);
            for (const QString& part : textOf(node["$ref"]).mid(2).split(u'/')) {
                const YAML::Node next = target[part.toStdString()];
                if (!next)
                    return YAML::Node(YAML::NodeType::Undefined);
                target.reset(next);
            }
            node.reset(target);
        }
        return node;
    }

    void check(const YAML::Node& given, const QJsonValue& value, const QString& path, QStringList& mistakes) const
    {
        const YAML::Node schema = resolve(given);
        if (schema["oneOf"]) {
            int fits = 0;
            for (const auto& choice : schema["oneOf"]) {
                QStringList found;
                check(choice, value, path, found);
                fits += found.isEmpty() ? 1 : 0;
            }
            if (fits != 1)
                mistakes.append(path + QStringLiteral(": fits %1 of oneOf").arg(fits));
            return;
        }
        if (const YAML::Node type = schema["type"]) {
            bool fits = false;
            if (type.IsSequence()) {
                for (const auto& one : type)
                    fits = fits || typeFits(one.as<std::string>(), typeOf(value));
            } else {
                fits = typeFits(type.as<std::string>(), typeOf(value));
            }
            if (!fits) {
                mistakes.append(path + QStringLiteral(": is ") + QLatin1String(typeOf(value)));
                return;
            }
        }
        if (value.isString())
            checkText(schema, value.toString(), path, mistakes);
        if (value.isArray()) {
            const QJsonArray array = value.toArray();
            for (qsizetype i = 0; i < array.size(); ++i)
                check(schema["items"], array[i], path + u'/' + QString::number(i), mistakes);
        }
        if (value.isObject() && schema["properties"])
            checkObject(schema, value.toObject(), path, mistakes);
    }

    static void checkText(const YAML::Node& schema, const QString& text, const QString& path, QStringList& mistakes)
    {
        if (const YAML::Node words = schema["enum"]) {
            bool known = false;
            for (const auto& word : words)
                known = known || textOf(word) == text;
            if (!known)
                mistakes.append(path + QStringLiteral(": not one of the words: ") + text);
        }
        if (schema["pattern"] && !QRegularExpression(textOf(schema["pattern"])).match(text).hasMatch())
            mistakes.append(path + QStringLiteral(": not of the pattern: ") + text);
    }

    void checkObject(const YAML::Node& schema, const QJsonObject& object, const QString& path,
                     QStringList& mistakes) const
    {
        for (const auto& name : schema["required"]) {
            if (!object.contains(textOf(name)))
                mistakes.append(path + u'/' + textOf(name) + QStringLiteral(": missing"));
        }
        for (auto member = object.begin(); member != object.end(); ++member) {
            const QString below = path + u'/' + member.key();
            const YAML::Node property = schema["properties"][member.key().toStdString()];
            if (!property)
                mistakes.append(below + QStringLiteral(": not described"));
            else
                check(property, member.value(), below, mistakes);
        }
    }

    void findDangling(const YAML::Node& node, QStringList& found) const
    {
        if (node.IsMap() && node["$ref"] && !resolve(node))
            found.append(textOf(node["$ref"]));
        for (const auto& child : node)
            findDangling(node.IsMap() ? child.second : child, found);
    }
};

OpenApi::OpenApi() : m_d(std::make_unique<Private>())
{
    m_d->root = YAML::Load(api::openapiText().toStdString());
}

OpenApi::~OpenApi() = default;

std::set<QString> OpenApi::operations() const
{
    std::set<QString> all;
    for (const auto& path : m_d->root["paths"]) {
        for (const auto& method : path.second)
            all.insert(textOf(method.first).toUpper() + u' ' + textOf(path.first));
    }
    return all;
}

QStringList OpenApi::danglingReferences() const
{
    QStringList found;
    m_d->findDangling(m_d->root, found);
    return found;
}

QStringList OpenApi::mistakesOf(const QString& operation, const api::Response& response) const
{
    const QStringList parts = operation.split(u' ');
    const YAML::Node paths = m_d->root["paths"];
    const YAML::Node path = paths[parts.at(1).toStdString()];
    const YAML::Node described = path ? path[parts.at(0).toLower().toStdString()] : path;
    if (!described)
        return {operation + QStringLiteral(": not described")};
    const YAML::Node answers = described["responses"];
    const YAML::Node exact = answers[std::to_string(response.status)];
    const YAML::Node other = answers["default"];
    if (!exact && (response.status < 400 || !other))
        return {operation + QStringLiteral(": status %1 is not described").arg(response.status)};
    const YAML::Node answer = m_d->resolve(exact ? exact : other);
    const std::string type = response.header("Content-Type").toStdString();
    if (type.empty() || parts.at(0) == QLatin1String("HEAD"))
        return {};
    if (!answer["content"] || !answer["content"][type])
        return {operation +
                QStringLiteral(": %1 as %2 is not described").arg(response.status).arg(QString::fromStdString(type))};
    QStringList mistakes;
    if (type.find("json") != std::string::npos)
        m_d->check(answer["content"][type]["schema"], QJsonDocument::fromJson(response.bytes()).object(), operation,
                   mistakes);
    return mistakes;
}

} // namespace loa::test
