#include "playout/link/link_thread.h"

#include <QNetworkAccessManager>

namespace loa::playout {

LinkThread::LinkThread() : m_anchor(new QObject)
{
    m_anchor->moveToThread(&m_thread);
    m_thread.setObjectName(QStringLiteral("loa-link"));
    m_thread.start();
    QMetaObject::invokeMethod(
        m_anchor, [this] { m_manager = std::make_unique<QNetworkAccessManager>(); }, Qt::BlockingQueuedConnection);
}

LinkThread::~LinkThread()
{
    QMetaObject::invokeMethod(
        m_anchor,
        [this] {
            m_manager.reset();
            delete m_anchor;
        },
        Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

LinkThread& LinkThreads::next()
{
    if (m_links++ % linksEach == 0)
        m_threads.push_back(std::make_unique<LinkThread>());
    return *m_threads.back();
}

} // namespace loa::playout
