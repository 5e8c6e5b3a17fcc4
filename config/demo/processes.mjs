// Programs that the demo starts: their output goes to files, and none outlives the demo.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const running = new Set();

export function start(name, command, args, { folder, cwd, env, uid, gid } = {}) {
  const log = createWriteStream(path.join(folder, `${name}.log`), { flags: 'a' });
  const child = spawn(command, args, {
    cwd: cwd ?? folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], uid, gid,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const entry = { name, child, ended: false };
  entry.exit = new Promise((resolve) => {
    child.on('error', (error) => { entry.ended = true; entry.error = error; resolve(-1); });
    child.on('exit', (code, signal) => { entry.ended = true; entry.code = code ?? signal; resolve(code ?? -1); });
  });
  entry.exit.then(() => { running.delete(entry); log.end(); });
  running.add(entry);
  return entry;
}

// Runs to its end; gives what it printed, or throws with it.
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => { out += data; });
  child.stderr.on('data', (data) => { err += data; });
  const code = await new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${err || out}`);
  return out;
}

export async function stop(entry) {
  if (entry.ended) return;
  entry.child.kill('SIGTERM');
  const timer = setTimeout(() => entry.child.kill('SIGKILL'), 5000);
  await entry.exit;
  clearTimeout(timer);
}

// Last started, first stopped.
export async function stopAll() {
  for (const entry of [...running].reverse()) await stop(entry);
}

// For an exit that cannot wait.
export function killAll() {
  for (const entry of running) entry.child.kill('SIGKILL');
}

export function died() {
  return [...running].find((entry) => entry.ended);
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Asks until `question` gives something, at most `seconds`.
export async function until(what, seconds, question) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for: ${what}`);
    await sleep(250);
  }
}
