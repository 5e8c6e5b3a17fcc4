// A real icecast2 on a free port of 127.0.0.1. Its own files live in the system's temporary folder, since it may not be able to read ours.
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, run, start, until } from './processes.mjs';

export async function startIcecast(folder, port) {
  const home = await mkdtemp(path.join(tmpdir(), 'loa-icecast-'));
  port ??= await freePort();
  const password = 'chi-dung-trong-may-nay';
  // icecast2 refuses to be root: it then runs as nobody, whose files these must be.
  const options = { folder };
  if (process.getuid() === 0) {
    options.uid = Number((await run('id', ['-u', 'nobody'])).trim());
    options.gid = Number((await run('id', ['-g', 'nobody'])).trim());
    await chown(home, options.uid, options.gid);
  }
  const config = path.join(home, 'icecast.xml');
  await writeFile(config, `<icecast>
  <limits><clients>200</clients><sources>50</sources><burst-on-connect>0</burst-on-connect><source-timeout>10</source-timeout></limits>
  <authentication><source-password>${password}</source-password><relay-password>${password}</relay-password>
    <admin-user>admin</admin-user><admin-password>${password}</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths><basedir>${home}</basedir><logdir>${home}</logdir><webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></logging>
</icecast>
`);
  const entry = start('icecast', '/usr/bin/icecast2', ['-c', config], { ...options, cwd: home });
  entry.exit.then(() => rm(home, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${port}`;
  await until('icecast2 to answer', 15, async () => {
    if (entry.ended) throw new Error(`icecast2 ended: see ${folder}/icecast.log`);
    return fetch(`${url}/status-json.xsl`).then((answer) => answer.ok, () => false);
  });
  return {
    url, port, password, entry,
    // icecast2 refuses HEAD, and a GET would be a listener: its own list tells.
    async hasMount(mount) {
      const { icestats } = await fetch(`${url}/status-json.xsl`).then((answer) => answer.json(), () => ({ icestats: {} }));
      return [icestats.source ?? []].flat().some((source) => new URL(source.listenurl).pathname === mount);
    },
  };
}
