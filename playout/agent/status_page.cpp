#include "playout/agent/status_page.h"

#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 longestRequest = 4096;
constexpr int mostConnections = 8;
constexpr std::chrono::seconds longestWait{2};

// A label's value as the text format wants it.
QByteArray quoted(const QString& value)
{
    QByteArray bytes = value.toUtf8();
    bytes.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    return '"' + bytes + '"';
}

class MetricsWriter {
public:
    void family(const char* name, const char* type, const char* help)
    {
        m_name = name;
        m_text += QByteArray("# HELP ") + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
    }
    void value(const QByteArray& labels, double value)
    {
        m_text += m_name + (labels.isEmpty() ? QByteArray() : '{' + labels + '}') + ' ' +
                  QByteArray::number(value, 'g', 15) + '\n';
    }
    [[nodiscard]] const QByteArray& text() const { return m_text; }

private:
    QByteArray m_name;
    QByteArray m_text;
};

double secondsOf(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

} // namespace

QByteArray metricsText(const AgentStatus& status)
{
    const AgentHealth& health = status.health;
    MetricsWriter out;
    out.family("loa_clock_trusted", "gauge", "1: sessions may start by this clock.");
    out.value({}, health.clock == ClockState::Untrusted ? 0 : 1);
    out.family("loa_clock_held", "gauge", "1: trusted by the board's battery clock alone, after a power cut.");
    out.value({}, health.clock == ClockState::Held ? 1 : 0);
    out.family("loa_clock_contradicted", "gauge", "1: the scheduler's time contradicts this clock.");
    out.value({}, health.isClockContradicted ? 1 : 0);
    if (health.schedulerClock) {
        out.family("loa_clock_scheduler_ahead_seconds", "gauge", "Of this clock, at least and at most.");
        out.value("bound=\"least\"", secondsOf(health.schedulerClock->least));
        out.value("bound=\"most\"", secondsOf(health.schedulerClock->most));
    }
    out.family("loa_journal_backlog_entries", "gauge", "Log entries that the scheduler has not acknowledged.");
    out.value({}, static_cast<double>(health.backlog));
    out.family("loa_journal_waiting", "gauge", "Lines that the journal cannot take: its disk is full or fails.");
    out.value({}, static_cast<double>(health.unwritten));
    out.family("loa_station_journal_backlog_entries", "gauge",
               "Of the journal of the station's identity; stations with one identity have one journal.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value) + ",agent=" + quoted(station.agent.value),
                  static_cast<double>(station.backlog));
    out.family("loa_old_journal_backlog_entries", "gauge", "Of identities that were replaced.");
    for (const auto& [agent, backlog] : health.oldLogs)
        out.value("agent=" + quoted(agent.value), static_cast<double>(backlog));
    out.family("loa_station_played", "gauge", "0: the station cannot be played, its journal or identity is at fault.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value), 1);
    for (const StationTrouble& trouble : health.troubles)
        out.value("station=" + quoted(trouble.station.value), 0);
    out.family("loa_identity_refused", "gauge",
               "1: the scheduler does not know the station's identity, or not any more.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value), station.isRefused ? 1 : 0);
    out.family("loa_media_missing_files", "gauge", "Files that the bundles name and that are not here yet.");
    out.value({}, static_cast<double>(health.mediaMissing));
    out.family("loa_cache_bytes", "gauge", "Media on disk.");
    out.value({}, static_cast<double>(status.cacheBytes));
    out.family("loa_cache_budget_bytes", "gauge", "Media that may be on disk.");
    out.value({}, static_cast<double>(status.cacheBudget));
    out.family("loa_uptime_seconds", "counter", "Since the agent started.");
    out.value({}, static_cast<double>(status.uptime.count()));
    out.family("loa_bundle_version", "gauge", "Of the bundle that is obeyed.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value), static_cast<double>(station.bundleVersion));

    out.family("loa_programme_silent", "gauge", "1: what should sound is silent.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value), station.silence.now ? 1 : 0);
    out.family("loa_programme_silence_seconds_total", "counter", "Silence where an item should sound.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value), secondsOf(toDuration(station.silence.total)));

    out.family("loa_player_pump_age_seconds", "gauge", "Since the thread that mixes came round.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value),
                  std::chrono::duration<double>(station.pulse.pump).count());
    out.family("loa_player_output_age_seconds", "gauge", "Since the liveliest output's thread came round.");
    for (const StationHealth& station : health.stations)
        out.value("station=" + quoted(station.station.value),
                  std::chrono::duration<double>(station.pulse.output).count());

    const auto eachOutput = [&](const char* name, const char* type, const char* help, auto value) {
        out.family(name, type, help);
        for (const StationHealth& station : health.stations) {
            for (const OutputHealth& output : station.outputs)
                out.value("station=" + quoted(station.station.value) + ",output=" + quoted(output.name), value(output));
        }
    };
    eachOutput("loa_output_open", "gauge", "1: device or peer is open.",
               [](const OutputHealth& output) { return output.open ? 1.0 : 0.0; });
    eachOutput("loa_output_opens_total", "counter", "Times it was opened; some devices open for each session.",
               [](const OutputHealth& output) { return static_cast<double>(output.opens); });
    eachOutput("loa_output_reconnects_total", "counter", "Times it opened again after it had failed.",
               [](const OutputHealth& output) { return static_cast<double>(output.reconnects); });
    eachOutput("loa_output_failures_total", "counter", "Failed opens and writes.",
               [](const OutputHealth& output) { return static_cast<double>(output.failures); });
    eachOutput("loa_output_frames_total", "counter", "Frames of items delivered.",
               [](const OutputHealth& output) { return static_cast<double>(output.delivered.value); });
    eachOutput("loa_output_lost_frames_total", "counter", "Planned frames that did not leave (underruns included).",
               [](const OutputHealth& output) { return static_cast<double>(output.lost.value); });
    eachOutput("loa_output_starts_total", "counter", "Airings begun.",
               [](const OutputHealth& output) { return static_cast<double>(output.starts); });
    eachOutput("loa_start_error_p50_seconds", "gauge", "First frame against its planned instant, last 512 airings.",
               [](const OutputHealth& output) { return secondsOf(output.startErrorP50); });
    eachOutput("loa_start_error_p99_seconds", "gauge", "First frame against its planned instant, last 512 airings.",
               [](const OutputHealth& output) { return secondsOf(output.startErrorP99); });
    eachOutput("loa_output_gaps_total", "counter", "Gaps in airings that began.",
               [](const OutputHealth& output) { return static_cast<double>(output.gaps); });
    eachOutput("loa_output_underruns_total", "counter",
               "Times its sound card ran dry or slept or, without one, the mix fell over a second behind.",
               [](const OutputHealth& output) { return static_cast<double>(output.underruns); });

    const auto eachStationsRelays = [&](const char* name, const char* help, std::int64_t RelayCount::*figure) {
        out.family(name, "counter", help);
        for (const StationHealth& station : health.stations)
            out.value("station=" + quoted(station.station.value), static_cast<double>(station.relays.*figure));
    };
    eachStationsRelays("loa_relay_opens_total", "Times an address of a relay was opened.", &RelayCount::opens);
    eachStationsRelays("loa_relay_reconnects_total", "Times one opened again after it had failed.",
                       &RelayCount::reconnects);
    eachStationsRelays("loa_relay_failures_total", "Times one failed; once however often it was tried again.",
                       &RelayCount::failures);
    eachStationsRelays("loa_relay_silences_total", "Times one was open and silent for longer than its limit.",
                       &RelayCount::silences);

    out.family("loa_monitor_open", "gauge", "1: a monitor input hears what becomes of the output.");
    for (const StationHealth& station : health.stations) {
        for (const MonitorHealth& monitor : station.monitors)
            out.value("station=" + quoted(station.station.value) + ",output=" + quoted(monitor.output) +
                          ",monitor=" + quoted(monitor.name),
                      monitor.isOpen ? 1 : 0);
    }

    const auto eachClock = [&](const char* name, const char* type, const char* help, auto value) {
        out.family(name, type, help);
        for (const StationHealth& station : health.stations) {
            for (const OutputHealth& output : station.outputs) {
                if (output.device)
                    out.value("station=" + quoted(station.station.value) + ",output=" + quoted(output.name),
                              value(*output.device));
            }
        }
    };
    eachClock("loa_output_clock_corrections_total", "counter", "Gaps made to bring a sound card back to its instant.",
              [](const DeviceClock& clock) { return static_cast<double>(clock.corrections); });
    eachClock("loa_output_clock_drift_ppm", "gauge", "How much faster than the system's a sound card's clock runs.",
              [](const DeviceClock& clock) { return clock.driftPpm; });
    eachClock("loa_output_clock_early_seconds", "gauge", "How early a sound card's sound is, on average.",
              [](const DeviceClock& clock) { return secondsOf(clock.early); });
    return out.text();
}

QByteArray statusHtml(const AgentStatus& status)
{
    const AgentHealth& health = status.health;
    QString rows;
    for (const StationTrouble& trouble : health.troubles)
        rows += u"<tr><td>%1<td colspan=7><b>không phát được · not played</b><td>%2 · %3"_s.arg(
            trouble.station.value.toHtmlEscaped(), trouble.error.message.vi.toHtmlEscaped(),
            trouble.error.message.en.toHtmlEscaped());
    if (health.unwritten > 0)
        rows += u"<tr><td colspan=9><b>đĩa đầy hoặc hỏng: %1 dòng nhật ký chưa ghi được · the disk is full or fails: "
                u"%1 lines of the log are not written</b>"_s.arg(health.unwritten);
    for (const StationHealth& station : health.stations) {
        if (station.isRefused)
            rows += u"<tr><td>%1<td colspan=8><b>máy chủ không nhận danh tính này · the scheduler refuses this "
                    u"identity</b>"_s.arg(station.station.value.toHtmlEscaped());
    }
    for (const StationHealth& station : health.stations) {
        for (const OutputHealth& output : station.outputs) {
            const QString error = output.lastError ? output.lastError->message.vi : QString();
            rows += u"<tr><td>%1<td>%2<td>%3<td>%4<td>%5<td>%6<td>%7 / %8 ms<td>%9"_s.arg(
                station.station.value.toHtmlEscaped(), QString::number(station.bundleVersion),
                station.nextSession ? loa::toString(*station.nextSession) : u"–"_s, output.name.toHtmlEscaped(),
                output.open ? u"mở · open"_s : u"đóng · closed"_s, QString::number(output.starts),
                QString::number(secondsOf(output.startErrorP50) * 1000.0, 'f', 2),
                QString::number(secondsOf(output.startErrorP99) * 1000.0, 'f', 2), error.toHtmlEscaped());
        }
    }
    return u"<!doctype html><html lang=vi><meta charset=utf-8><meta http-equiv=refresh content=10><title>Loa</title>"
           "<style>body{font:16px sans-serif;margin:2em}td,th{padding:.2em 1em .2em 0;text-align:left}</style>"
           "<h1>Máy phát · %1</h1><p>%2<p>Đồng hồ · clock: <b>%3</b>%9<br>Nhật ký chưa gửi · log backlog: <b>%4</b><br>"
           "Tệp còn thiếu · media missing: <b>%5</b><br>Âm thanh trên đĩa · cache: <b>%6 / %7 MiB</b>"
           "<table><tr><th>Đài<th>Bản kê<th>Buổi tới<th>Đầu ra<th>Trạng thái<th>Lượt phát<th>Lệch giờ p50 / p99"
           "<th>Lỗi gần nhất%8</table></html>"_s
               .arg(status.agent.toHtmlEscaped(), status.software.toHtmlEscaped(), toString(health.clock),
                    QString::number(health.backlog), QString::number(health.mediaMissing),
                    QString::number(status.cacheBytes >> 20), QString::number(status.cacheBudget >> 20), rows,
                    (health.clockReason.isEmpty() ? QString() : u" · "_s + health.clockReason.toHtmlEscaped()) +
                        (health.isClockContradicted
                             ? u" · máy chủ nói giờ khác: một trong hai đồng hồ sai · the scheduler contradicts it"_s
                             : QString()))
               .toUtf8();
}

StatusServer::StatusServer(Ask ask) : m_ask(std::move(ask)), m_server(std::make_unique<QTcpServer>())
{
    connect(m_server.get(), &QTcpServer::newConnection, this, [this] { accept(); });
}

StatusServer::~StatusServer() = default;

Result<std::unique_ptr<StatusServer>> StatusServer::listen(quint16 port, Ask ask)
{
    std::unique_ptr<StatusServer> server(new StatusServer(std::move(ask)));
    if (!server->m_server->listen(QHostAddress::LocalHost, port)) {
        return fail(ErrorCategory::Unavailable,
                    {u"Không mở được trang trạng thái: %1"_s.arg(server->m_server->errorString()),
                     u"The status page cannot be opened: %1"_s.arg(server->m_server->errorString())},
                    u"127.0.0.1:%1"_s.arg(port));
    }
    return server;
}

quint16 StatusServer::port() const
{
    return m_server->serverPort();
}

void StatusServer::accept()
{
    while (QTcpSocket* socket = m_server->nextPendingConnection()) {
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        if (m_connections >= mostConnections) {
            socket->abort();
            continue;
        }
        ++m_connections;
        connect(socket, &QTcpSocket::disconnected, this, [this] { --m_connections; });
        socket->setReadBufferSize(longestRequest);
        QTimer::singleShot(longestWait, socket, [socket] { socket->abort(); });
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
            const QByteArray request = socket->peek(longestRequest);
            if (request.contains("\r\n\r\n"))
                answer(*socket, socket->readAll());
            else if (request.size() >= longestRequest)
                socket->abort();
        });
    }
}

void StatusServer::answer(QTcpSocket& socket, const QByteArray& request)
{
    const QList<QByteArray> words = request.left(request.indexOf("\r\n")).split(' ');
    QByteArray state = "200 OK";
    QByteArray type = "text/plain; charset=utf-8";
    QByteArray body;
    if (words.value(0) != "GET") {
        state = "405 Method Not Allowed";
    } else if (words.value(1) == "/metrics") {
        type = "text/plain; version=0.0.4; charset=utf-8";
        body = metricsText(m_ask());
    } else if (words.value(1) == "/") {
        type = "text/html; charset=utf-8";
        body = statusHtml(m_ask());
    } else {
        state = "404 Not Found";
    }
    socket.write("HTTP/1.1 " + state + "\r\nContent-Type: " + type + "\r\nContent-Length: " +
                 QByteArray::number(body.size()) + "\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n" + body);
    socket.disconnectFromHost();
}

} // namespace loa::playout
