/**
 * Runs planning.test.mjs, which makes a district of its own, and air.test.mjs against the real thing: scheduler, three agents, icecast2.
 * When that test has approved its items, every station gets a session at the next full minute; the test waits for the board to turn green
 * by what the agents log.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { District, nextMinute, root, webApp } from '../../config/demo/district.mjs'
import { killAll, stopAll, until } from '../../config/demo/processes.mjs'
import { speakAll } from '../../config/demo/speech.mjs'

const folder = await mkdtemp(path.join(tmpdir(), 'loa-browser-district-'))

async function start() {
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'))
  const district = await District.create(folder, { ui: webApp })
  await district.importOrganisation()
  const agents = []
  for (const station of district.stations) agents.push(await district.enrolAgent(station))
  for (const agent of agents) district.startAgent(agent)
  await until('the streams to stand', 30, async () => {
    const standing = await Promise.all(agents.map((agent) => district.icecast.hasMount(agent.mount)))
    return standing.every(Boolean)
  })
  return { district, recordings: texts.slice(0, 2).map((text) => text.file) }
}

async function onStage(district, stage) {
  if (stage !== 'approved') return
  const at = nextMinute(8)
  for (const station of district.stations) {
    await district.addRule(station, { title: 'Buổi kiểm thử', rrule: 'FREQ=DAILY;COUNT=1', at, seconds: 60 })
  }
}

/** The test calls back by a shell command; this is what answers it. */
async function stageServer(district) {
  const server = createServer((request, response) => {
    onStage(district, request.url.slice(1)).then(
      () => response.end('ok\n'),
      (error) => response.writeHead(500).end(`${error.message}\n`),
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function main() {
  const planned = await runTest('planning.test.mjs')
  if (planned !== 0) return planned
  const { district, recordings } = await start()
  const server = await stageServer(district)
  const code = await runTest('air.test.mjs', {
    LOA_URL: district.url,
    LOA_ADMIN_USER: district.adminName,
    LOA_ADMIN_PASSWORD: district.adminPassword,
    LOA_AUDIO: recordings.join(path.delimiter),
    LOA_HOOK: `f() { curl -sS --fail --max-time 60 -o /dev/null "http://127.0.0.1:${server.address().port}/$1"; }; f`,
  })
  server.close()
  return code
}

function runTest(file, env = {}) {
  const test = spawn(process.execPath, ['--test', path.join(root, 'tests/browser', file)], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return new Promise((resolve) => test.on('exit', (code) => resolve(code ?? 1)))
}

process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
const code = await main().catch((error) => {
  console.error(error)
  return 1
})
await stopAll()
if (code === 0) await rm(folder, { recursive: true, force: true })
else console.error(`kept for a look: ${folder}`)
process.exit(code)
