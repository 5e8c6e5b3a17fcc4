/**
 * Listeners in Chromium: an audio element plays a station's HLS playlist as it grows, and what it plays is kept; one for each output,
 * all at the same time.
 *
 * The harness (run.mjs) sets
 *   LOA_HLS      the folders that the agent writes, as in PATH
 *   LOA_HEARD    the WAV files to leave, as many: what was heard, mono
 *   LOA_SECONDS  how much of it
 *   LOA_HOOK     where the agent is to be stopped and started meanwhile: a shell command that does it
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import { launch, openPage } from './browser.mjs'

const env = process.env
const wanted = Number(env.LOA_SECONDS)
const types = { '.m3u8': 'application/vnd.apple.mpegurl', '.m4s': 'video/iso.segment', '.mp4': 'audio/mp4' }

/** Stops the agent and starts it again, where that is wanted, when the listeners have heard a while. */
async function interrupt() {
  if (!env.LOA_HOOK) return
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const hook = spawn('sh', ['-c', env.LOA_HOOK], { stdio: 'inherit' })
  assert.equal(await new Promise((resolve) => hook.on('exit', resolve)), 0)
}

/** What a web server in front of an agent does, and no more. */
async function serveFolder(folder) {
  const server = createServer(async (request, response) => {
    const name = path.basename(new URL(request.url, 'http://localhost').pathname)
    if (name === '' || name === 'favicon.ico')
      return response
        .writeHead(200, { 'Content-Type': 'text/html' })
        .end('<!doctype html><link rel="icon" href="data:,">')
    const file = path.join(folder, name)
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    )
    if (size === null) return response.writeHead(404).end()
    response.writeHead(200, {
      'Content-Type': types[path.extname(name)] ?? 'application/octet-stream',
      'Content-Length': size,
      'Cache-Control': 'no-store',
    })
    createReadStream(file, { end: size - 1 }).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function wav(samples, rate) {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

async function listen(browser, folder, heard) {
  const server = await serveFolder(folder)
  const origin = `http://127.0.0.1:${server.address().port}`
  const { page, close } = await openPage(browser, origin)
  try {
    await page.goto(origin)
    const pieces = []
    await page.exposeFunction('keep', (piece) => pieces.push(Buffer.from(piece, 'base64')))
    const told = await page.evaluate(async (seconds) => {
      const audio = new Audio('/live.m3u8')
      const context = new AudioContext({ sampleRate: 48000 })
      const tap = `registerProcessor('tap', class extends AudioWorkletProcessor {
        process([[channel]]) {
          if (channel) this.port.postMessage(channel.slice())
          return true
        }
      })`
      await context.audioWorklet.addModule(URL.createObjectURL(new Blob([tap], { type: 'text/javascript' })))
      const node = new AudioWorkletNode(context, 'tap', { channelCount: 1, channelCountMode: 'explicit' })
      context.createMediaElementSource(audio).connect(node)
      node.connect(context.destination)
      let waits = 0
      let error = null
      const kept = []
      node.port.onmessage = ({ data }) => kept.push(data)
      audio.addEventListener('waiting', () => waits++)
      audio.addEventListener('error', () => (error = audio.error?.message ?? 'error'))
      await audio.play()
      await new Promise((resolve) => setTimeout(resolve, 3000))
      const before = { waits, time: audio.currentTime, clock: context.currentTime }
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      const after = { waits, time: audio.currentTime, clock: context.currentTime }
      audio.pause()
      for (let at = 0; at < kept.length; at += 512) {
        const floats = kept.slice(at, at + 512).flatMap((block) => [...block])
        const bytes = new Uint8Array(
          Int16Array.from(floats, (sample) => Math.max(-1, Math.min(1, sample)) * 32767).buffer,
        )
        let text = ''
        for (let from = 0; from < bytes.length; from += 32768)
          text += String.fromCharCode(...bytes.subarray(from, from + 32768))
        await window.keep(btoa(text))
      }
      return { before, after, error }
    }, wanted)
    await writeFile(heard, wav(Buffer.concat(pieces), 48000))
    assert.equal(told.error, null)
    const played = told.after.time - told.before.time
    const passed = told.after.clock - told.before.clock
    // What is heard behind an interruption, run.mjs judges.
    if (env.LOA_HOOK) return
    assert.equal(told.after.waits, told.before.waits, 'it stood still for want of a segment')
    assert.ok(Math.abs(played - passed) < 0.5, `${played} s played in ${passed} s`)
  } finally {
    await close()
    server.close()
  }
}

const title = env.LOA_HOOK
  ? 'goes on playing each HLS playlist behind a restart'
  : 'plays each HLS playlist without a stall'
test(`Chromium ${title}`, async () => {
  const browser = await launch()
  try {
    const heard = env.LOA_HEARD.split(path.delimiter)
    const listeners = env.LOA_HLS.split(path.delimiter).map((folder, at) =>
      listen(browser, folder, heard[at]),
    )
    const ends = await Promise.allSettled([...listeners, interrupt()])
    assert.deepEqual(
      ends.flatMap(({ reason }) => (reason === undefined ? [] : [String(reason)])),
      [],
    )
  } finally {
    await browser.close()
  }
})
