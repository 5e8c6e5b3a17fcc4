#include "tests/scheduler/commands/scheduler_program.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QNetworkReply>
#include <QRegularExpression>
#include <QTimer>
#include <QtEndian>

#include <catch2/catch.hpp>
#include <cmath>

namespace loa::test {

QString programPath(const char* name)
{
    return qEnvironmentVariable("LOA_BIN_DIR") + u'/' + QLatin1String(name);
}

Finished runScheduler(const QStringList& arguments, const QByteArray& input)
{
    QProcess process;
    process.start(programPath("loa-scheduler"), arguments);
    REQUIRE(process.waitForStarted(10'000));
    process.write(input);
    process.closeWriteChannel();
    REQUIRE(process.waitForFinished(60'000));
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

bool waitFor(const std::function<bool()>& done)
{
    QTimer deadline;
    deadline.setSingleShot(true);
    deadline.start(60'000);
    QTimer wake;
    wake.start(10);
    while (!done() && deadline.isActive())
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    return done();
}

QJsonObject Answer::json() const
{
    return QJsonDocument::fromJson(body).object();
}

Client::Client(quint16 port) : m_base(QStringLiteral("http://127.0.0.1:%1").arg(port)) {}

Answer Client::send(const QByteArray& method, const QString& path, const QByteArray& body,
                    const QList<std::pair<QByteArray, QByteArray>>& headers)
{
    QNetworkRequest request(QUrl(path.startsWith(u'/') ? m_base + path : path));
    for (const auto& [name, value] : headers)
        request.setRawHeader(name, value);
    if (!m_csrf.isEmpty())
        request.setRawHeader("X-CSRF-Token", m_csrf);
    const std::unique_ptr<QNetworkReply> reply(m_network.sendCustomRequest(request, method, body));
    waitFor([&] { return reply->isFinished(); });
    return {reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->readAll(),
            reply->rawHeader("Location")};
}

Answer Client::post(const QString& path, const QJsonObject& json)
{
    return send("POST", path, QJsonDocument(json).toJson(), {{"Content-Type", "application/json"}});
}

bool Client::signIn(const QString& username, const QString& password)
{
    const Answer answer = post(QStringLiteral("/api/v1/session"),
                               {{QStringLiteral("username"), username}, {QStringLiteral("password"), password}});
    m_csrf = answer.json()[QLatin1String("csrf_token")].toString().toLatin1();
    return answer.status == 200;
}

QString Client::upload(const QByteArray& bytes, const QByteArray& name)
{
    const Answer created = send("POST", QStringLiteral("/api/v1/uploads"), {},
                                {{"Tus-Resumable", "1.0.0"},
                                 {"Upload-Length", QByteArray::number(bytes.size())},
                                 {"Upload-Metadata", "filename " + name.toBase64()}});
    if (created.status != 201)
        return {};
    const QString location = QString::fromLatin1(created.location);
    const Answer sent =
        send("PATCH", location, bytes,
             {{"Tus-Resumable", "1.0.0"}, {"Upload-Offset", "0"}, {"Content-Type", "application/offset+octet-stream"}});
    return sent.status == 204 ? location.section(u'/', -1) : QString();
}

Installation::Installation()
{
    const Finished made =
        runScheduler({QStringLiteral("init"), QStringLiteral("--data"), data(), QStringLiteral("--district"),
                      QStringLiteral("Huyện Thử"), QStringLiteral("--code"), QStringLiteral("thu"),
                      QStringLiteral("--presets"), qEnvironmentVariable("LOA_SOURCE_DIR") + QStringLiteral("/config")});
    INFO(made.err.toStdString());
    REQUIRE(made.code == 0);
    static const QRegularExpression shown(QStringLiteral("password[^:]*: (\\S+)"));
    m_password = shown.match(made.out).captured(1);
    REQUIRE_FALSE(m_password.isEmpty());
    writeConfig(data(), programPath("loa-media"));
}

void Installation::writeConfig(const QString& dataFolder, const QString& mediaProgram)
{
    QFile config(this->config());
    REQUIRE(config.open(QIODevice::WriteOnly));
    config.write(QStringLiteral("data = \"%1\"\n[listen]\nport = 0\n[media]\nprogram = \"%2\"\n")
                     .arg(dataFolder, mediaProgram)
                     .toUtf8());
}

Serving::Serving(const Installation& installation)
{
    const QString portFile = installation.file("port");
    QFile::remove(portFile);
    QObject::connect(&m_process, &QProcess::readyReadStandardError, &m_process,
                     [this] { m_log += m_process.readAllStandardError(); });
    m_process.start(programPath("loa-scheduler"), {QStringLiteral("serve"), QStringLiteral("--config"),
                                                   installation.config(), QStringLiteral("--port-file"), portFile});
    waitFor([&] { return QFile::exists(portFile) || m_process.state() == QProcess::NotRunning; });
    QFile file(portFile);
    if (!file.open(QIODevice::ReadOnly)) {
        m_log += m_process.readAllStandardError();
        FAIL("serve did not start: " << m_log.toStdString());
    }
    m_port = file.readAll().trimmed().toUShort();
    REQUIRE(m_port != 0);
}

Serving::~Serving()
{
    kill();
}

int Serving::stop()
{
    m_process.terminate();
    waitFor([&] { return m_process.state() == QProcess::NotRunning; });
    m_log += m_process.readAllStandardError();
    return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
}

void Serving::kill()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished(10'000);
}

QByteArray toneWav(double seconds)
{
    const auto frames = static_cast<int>(seconds * 48000);
    QByteArray wav("RIFF____WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xBB\0\0\0\x77\x01\0\x02\0\x10\0data____", 44);
    qToLittleEndian<quint32>(static_cast<quint32>(36 + frames * 2), wav.data() + 4);
    qToLittleEndian<quint32>(static_cast<quint32>(frames * 2), wav.data() + 40);
    for (int i = 0; i < frames; ++i) {
        const auto sample = static_cast<qint16>(8000 * std::sin(i * 0.0576) + 3000 * std::sin(i * 0.131));
        char bytes[2];
        qToLittleEndian(sample, bytes);
        wav.append(bytes, 2);
    }
    return wav;
}

QString newItem(Client& client, const QString& title)
{
    const auto units = client.get(QStringLiteral("/api/v1/units")).json()[QLatin1String("items")].toArray();
    REQUIRE(units.size() == 1);
    const auto unit = units[0].toObject()[QLatin1String("id")];
    const Answer made =
        client.post(QStringLiteral("/api/v1/items"), {{QStringLiteral("title"), title},
                                                      {QStringLiteral("unit_id"), unit},
                                                      {QStringLiteral("scope_unit_id"), unit},
                                                      {QStringLiteral("script"), QString()},
                                                      {QStringLiteral("topics"), QJsonArray()},
                                                      {QStringLiteral("valid_from"), QStringLiteral("2026-01-01")},
                                                      {QStringLiteral("valid_until"), QJsonValue()},
                                                      {QStringLiteral("priority"), QStringLiteral("NORMAL")}});
    INFO(made.body.toStdString());
    REQUIRE(made.status == 201);
    return made.json()[QLatin1String("id")].toString();
}

void addPerson(const Installation& installation, const QString& name, const QStringList& roles)
{
    QStringList words{QStringLiteral("user"), QStringLiteral("add"), name, QStringLiteral("--name"), name};
    for (const QString& role : roles)
        words += {QStringLiteral("--role"), role + QStringLiteral("@thu")};
    const Finished added = runScheduler(
        words + QStringList{QStringLiteral("--password-stdin"), QStringLiteral("--data"), installation.data()},
        somePassword().toUtf8() + '\n');
    INFO(added.err.toStdString());
    REQUIRE(added.code == 0);
}

QString somePassword()
{
    return QStringLiteral("mot-cau-du-dai-1");
}

QString statusOf(Client& client, const QString& item)
{
    return client.get(QStringLiteral("/api/v1/items/") + item).json()[QLatin1String("status")].toString();
}

void attach(Client& client, const QString& item, const QByteArray& bytes)
{
    const QString upload = client.upload(bytes, "tin.wav");
    REQUIRE_FALSE(upload.isEmpty());
    const Answer attached =
        client.post(QStringLiteral("/api/v1/items/%1/versions").arg(item), {{QStringLiteral("upload_id"), upload}});
    INFO(attached.body.toStdString());
    REQUIRE(attached.status == 202);
}

} // namespace loa::test
