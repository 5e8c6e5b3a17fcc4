// A web server with a certificate in front of the scheduler, as in the field, in few lines; and authorities that nobody else knows.
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { freePort, run } from '../../config/demo/processes.mjs';

// A certificate for 127.0.0.1, and the authority behind it; its files are named after it.
export async function authority(folder, name) {
  const file = (kind) => path.join(folder, `${name}.${kind}`);
  const openssl = (...words) => run('openssl', words);
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', file('ca-key'), '-out', file('ca'));
  await openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=scheduler',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('request'));
  await openssl('x509', '-req', '-days', '2', '-in', file('request'), '-CA', file('ca'), '-CAkey', file('ca-key'), '-copy_extensions',
    'copy', '-out', file('certificate'));
  return { caFile: file('ca'), key: await readFile(file('key')), cert: await readFile(file('certificate')) };
}

// Ends TLS, and hands on what is inside to the port behind it.
export class Front {
  static async create({ caFile, key, cert }, portBehind) {
    const front = new Front();
    front.caFile = caFile;
    front.portBehind = portBehind;
    front.sockets = new Set();
    front.server = tls.createServer({ key, cert }, (socket) => front.take(socket));
    front.server.on('tlsClientError', () => front.refusals++);
    front.refusals = 0;
    const port = await freePort();
    await new Promise((resolve) => front.server.listen(port, '127.0.0.1', resolve));
    front.url = `https://127.0.0.1:${port}`;
    return front;
  }

  take(socket) {
    const inner = net.connect(this.portBehind, '127.0.0.1');
    for (const [one, other] of [[socket, inner], [inner, socket]]) {
      this.sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => this.sockets.delete(one) && other.destroy());
    }
  }

  // From now on with the certificate of another; who is connected is cut off.
  become({ key, cert }) {
    this.server.setSecureContext({ key, cert });
    for (const socket of this.sockets) socket.destroy();
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
