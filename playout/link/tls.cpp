#include "playout/link/tls.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QPluginLoader>

namespace loa::playout {

using namespace Qt::StringLiterals;

void useTlsOnlyFor(const QUrl& scheduler)
{
    if (scheduler.scheme() == u"https")
        return;
    for (const QString& folder : QCoreApplication::libraryPaths()) {
        const QString path = folder + u"/tls/libqcertonlybackend.so"_s;
        if (!QFileInfo::exists(path))
            continue;
        // It enters itself in Qt's list of backends, which Qt fills from all plugins only while it is empty. It stays
        // loaded: a QPluginLoader does not unload when it ends.
        if (QPluginLoader(path).instance()) {
            QLoggingCategory::setFilterRules(u"qt.network.ssl.warning=false"_s); // that it has no keys, at each request
            return;
        }
    }
}

} // namespace loa::playout
