// Runs loa-scheduler as people do, on a folder of its own, and speaks to it over HTTP as the web app does.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <functional>
#include <memory>

namespace loa::test {

struct Finished {
    int code = -1;
    QString out;
    QString err;
};

[[nodiscard]] QString programPath(const char* name); // from LOA_BIN_DIR
[[nodiscard]] Finished runScheduler(const QStringList& arguments, const QByteArray& input = {});

// Turns the event loop until `done`, at most a minute.
bool waitFor(const std::function<bool()>& done);

struct Answer {
    int status = 0;
    QByteArray body;
    QByteArray location;
    [[nodiscard]] QJsonObject json() const;
};

// One signed-in person.
class Client {
public:
    explicit Client(quint16 port);

    bool signIn(const QString& username, const QString& password);
    Answer send(const QByteArray& method, const QString& path, const QByteArray& body = {},
                const QList<std::pair<QByteArray, QByteArray>>& headers = {});
    Answer post(const QString& path, const QJsonObject& json);
    Answer get(const QString& path) { return send("GET", path); }
    // A whole file by tus; its upload id, empty when it failed.
    QString upload(const QByteArray& bytes, const QByteArray& name);

private:
    QString m_base;
    QByteArray m_csrf;
    QNetworkAccessManager m_network;
};

// A data folder made by `init`, with a configuration beside it.
class Installation {
public:
    Installation();

    [[nodiscard]] QString file(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
    [[nodiscard]] QString data() const { return file("data"); }
    [[nodiscard]] QString config() const { return file("scheduler.toml"); }
    [[nodiscard]] QString password() const { return m_password; }
    void writeConfig(const QString& dataFolder, const QString& mediaProgram);

private:
    QTemporaryDir m_folder;
    QString m_password;
};

// A person of the district, by the command line, whose password is somePassword().
void addPerson(const Installation& installation, const QString& name, const QStringList& roles);
[[nodiscard]] QString somePassword();

// What an editor does: a draft of the district, a recording for it.
[[nodiscard]] QString newItem(Client& client, const QString& title = QStringLiteral("Tin thử"));
void attach(Client& client, const QString& item, const QByteArray& bytes);
[[nodiscard]] QString statusOf(Client& client, const QString& item);

// `serve`, from its start until it is ended.
class Serving {
public:
    explicit Serving(const Installation& installation);
    ~Serving();

    [[nodiscard]] quint16 port() const { return m_port; }
    // SIGTERM; the exit code.
    int stop();
    // SIGKILL, as a power cut would.
    void kill();
    [[nodiscard]] QByteArray log() const { return m_log; }

private:
    QProcess m_process;
    quint16 m_port = 0;
    QByteArray m_log;
};

// `seconds` of a tone as WAV, 48 kHz, 16 bit.
[[nodiscard]] QByteArray toneWav(double seconds);

} // namespace loa::test
