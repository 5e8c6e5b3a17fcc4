// A small machine with a systemd of its own, in a container: /usr is this machine's with Loa's files laid over it, /etc and /var are new,
// the network is shared. systemd has the unified cgroup tree that Debian gives it, so that a unit's DeviceAllow= holds as well.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program, root } from '../../config/demo/district.mjs';
import { run, until } from '../../config/demo/processes.mjs';

const config = path.join(root, 'config');
// What a container's systemd is not let do and that of a machine is: a unit's own words are to decide.
const calls = 'bpf adjtimex clock_adjtime @memlock @keyring';
const cgroupTrees = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

// This machine cannot carry another: the message says why.
export class CannotBoot extends Error {}

export class Machine {
  static async boot() {
    if (process.getuid() !== 0) throw new CannotBoot('root is needed to boot a container');
    const machine = new Machine();
    machine.folder = await mkdtemp(path.join(tmpdir(), 'loa-machine-'));
    machine.name = path.basename(machine.folder).toLowerCase();
    machine.root = path.join(machine.folder, 'root');
    machine.usr = path.join(machine.folder, 'usr');
    process.on('exit', () => machine.kill());
    try {
      await machine.furnish();
      await machine.start();
    } catch (error) {
      await machine.remove();
      throw error;
    }
    return machine;
  }

  // What a fresh Debian has, as far as Loa's installation asks for it; and Loa's files where the units' heads want them.
  async furnish() {
    for (const name of ['dev', 'etc/loa', 'etc/systemd/system', 'etc/systemd/journald.conf.d', 'proc', 'root', 'run', 'sys', 'tmp', 'usr', 'var']) {
      await mkdir(path.join(this.root, name), { recursive: true });
    }
    for (const name of ['bin', 'lib', 'lib64', 'sbin']) await symlink(`usr/${name}`, path.join(this.root, name));
    for (const name of ['passwd', 'group']) await cp(`/usr/share/base-passwd/${name}.master`, this.path(`/etc/${name}`));
    for (const name of ['adduser.conf', 'login.defs', 'nsswitch.conf', 'pam.d', 'security']) {
      if (existsSync(`/etc/${name}`)) await cp(`/etc/${name}`, this.path(`/etc/${name}`), { recursive: true });
    }
    await cp('/usr/lib/os-release', this.path('/etc/os-release'));
    await writeFile(this.path('/etc/machine-id'), `${randomBytes(16).toString('hex')}\n`); // not a first boot, which asks questions

    await mkdir(path.join(this.usr, 'bin'), { recursive: true });
    for (const name of ['loa-scheduler', 'loa-media', 'loa-playout']) await cp(program(name), path.join(this.usr, 'bin', name));
    await cp(config, path.join(this.usr, 'share/loa/config'), { recursive: true });
    for (const name of ['loa-scheduler', 'loa-playout']) {
      await cp(path.join(config, `systemd/${name}.service`), this.path(`/etc/systemd/system/${name}.service`));
    }
    await cp(path.join(config, 'systemd/journald-loa.conf'), this.path('/etc/systemd/journald.conf.d/loa.conf'));
  }

  async start() {
    // Without a systemd around it, it is given a cgroup of its own; with one, it asks for it.
    const isAlone = !existsSync('/run/systemd/system');
    const ownCgroup = `for tree in ${cgroupTrees.join(' ')}; do if [ -w $tree/cgroup.procs ]; then
      mkdir -p $tree/${this.name} && echo $$ >$tree/${this.name}/cgroup.procs; fi; done`;
    const words = ['systemd-nspawn', '--quiet', `--directory=${this.root}`, `--machine=${this.name}`, '--register=no',
      ...(isAlone ? ['--keep-unit'] : []), '--console=pipe', `--system-call-filter=${calls}`,
      `--overlay-ro=/usr:${this.usr}:/usr`, '--bind-ro=/etc/alternatives', '--bind-ro=/etc/ld.so.cache',
      '--boot', 'systemd.unit=multi-user.target', 'systemd.firstboot=no'];
    // Shut down with this program, however that ends.
    this.process = spawn('sh', ['-c', `${isAlone ? ownCgroup : ':'}; exec setpriv --pdeathsig TERM "$@"`, 'sh', ...words],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } });
    let said = '';
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (data) => { said += data; });
    this.ended = new Promise((resolve) => {
      this.process.on('error', (error) => { said += error.message; resolve(); });
      this.process.on('exit', () => { this.leader = null; resolve(); });
    });
    let state = '';
    const isUp = async () => {
      this.leader = (await readFile(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'utf8').catch(() => '')).split(' ')[0];
      state = this.leader ? (await this.run('systemctl', 'is-system-running').catch((error) => error.message)).trim() : '';
      return /(running|degraded)$/.test(state); // what else this machine's /usr starts may fail
    };
    const isGone = this.ended.then(() => { throw new CannotBoot(`no container boots here: ${said.trim()}`); });
    await Promise.race([isGone, until('systemd to be up', 60, isUp)]).catch((error) => {
      throw error instanceof CannotBoot ? error : new CannotBoot(`systemd does not come up in a container: ${said.trim()} ${state}`);
    });
    isGone.catch(() => {});
  }

  // A path in the machine, from outside.
  path(inside) { return path.join(this.root, inside); }

  // Runs there as root; gives what was printed, throws when it fails.
  run(command, ...args) { return run('nsenter', ['-t', this.leader, '-m', '-u', '-i', '-p', '-C', '--', command, ...args]); }
  shell(line) { return this.run('sh', '-ec', line); }
  systemctl(...args) { return this.run('systemctl', ...args); }

  // The commands that the unit's head gives for its installation, in order.
  async installSteps(unit) {
    const text = await readFile(this.path(`/etc/systemd/system/${unit}.service`), 'utf8');
    return [...text.slice(0, text.indexOf('[Unit]')).matchAll(/^# {3}(.+)$/gm)].map(([, line]) => line);
  }

  async dropIn(unit, text) {
    await mkdir(this.path(`/etc/systemd/system/${unit}.service.d`), { recursive: true });
    await writeFile(this.path(`/etc/systemd/system/${unit}.service.d/test.conf`), text);
    await this.systemctl('daemon-reload');
  }

  async properties(unit) {
    return Object.fromEntries((await this.systemctl('show', unit)).split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }));
  }

  journal(unit) { return this.run('journalctl', '--no-pager', '--quiet', '--output=cat', `--unit=${unit}`); }

  async remove() {
    this.process?.kill('SIGTERM'); // which shuts the container down
    const patience = setTimeout(() => this.kill(), 10_000);
    await this.ended;
    clearTimeout(patience);
    for (const tree of cgroupTrees) await removeCgroup(path.join(tree, this.name));
    await rm(`/run/systemd/nspawn/propagate/${this.name}`, { recursive: true, force: true });
    if (!process.env.LOA_KEEP) await rm(this.folder, { recursive: true, force: true });
  }

  // For an exit that cannot wait: with its first process all in it go.
  kill() {
    if (this.leader && existsSync(`/proc/${this.leader}`)) process.kill(Number(this.leader), 'SIGKILL');
    this.process?.kill('SIGKILL');
  }
}

// Leaves first; one that still holds a process stays.
async function removeCgroup(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(path.join(folder, entry.name));
  await run('rmdir', [folder]).catch(() => {});
}
