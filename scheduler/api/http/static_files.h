// The built web app from a folder. Addresses of files are served as files; every other address without a dot in its
// last part is one of the app's own pages and gets index.html. Files under assets/ carry a hash in their name and are
// cached for ever; index.html is asked for again. Thread: any; holds the folder's path alone.
#pragma once

#include "scheduler/api/http/message.h"

#include <QString>

namespace loa::api {

class StaticFiles {
public:
    // Error: InvalidInput when the folder has no index.html.
    [[nodiscard]] static Result<StaticFiles> open(const QString& folder);

    // GET and HEAD. A neighbour with ".gz" behind its name is sent instead to who takes gzip. What leads out of the
    // folder, also by a symbolic link, is not found.
    [[nodiscard]] Response handle(const Request& request) const;

private:
    explicit StaticFiles(QString folder) : m_folder(std::move(folder)) {}
    [[nodiscard]] QString inside(const QString& relative) const; // empty when there is no such file

    QString m_folder; // canonical
};

// By the name's ending; application/octet-stream for those that a web app does not have.
[[nodiscard]] QByteArray contentTypeFor(const QString& fileName);

// Whether Accept-Encoding takes gzip.
[[nodiscard]] bool takesGzip(const QByteArray& acceptEncoding);

} // namespace loa::api
