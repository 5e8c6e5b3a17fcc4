/**
 * Live speech from a browser's microphone (Chromium's false one, which beeps) through the scheduler and an agent to an RTP receiver:
 * under half a second, while the page shows who hears it; the log then says who spoke.
 *
 * The harness (run.mjs) sets
 *   LOA_URL, LOA_USER, LOA_PASSWORD   of a person who may approve
 *   LOA_RTP_PORT                      where one agent sends PCMU
 *   LOA_AGENT_LOG                     that agent's program log
 *   LOA_PICTURES                      a folder for pictures, optional
 */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { assertNoSidewaysScroll, launch, openPage, phone, signIn } from './browser.mjs'

const env = process.env
const origin = env.LOA_URL
let browser
let ear
/** Loudness (RMS, 0 … 1) and arrival of each RTP packet. */
const arrived = []

const expand = (byte) => {
  const bits = ~byte & 0xff
  const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return (bits & 0x80 ? -size : size) / 32768
}

before(async () => {
  ear = createSocket('udp4')
  ear.on('message', (packet) => {
    if ((packet[1] & 0x7f) !== 0) return // PCMU alone
    const sound = packet.subarray(12)
    const power = sound.reduce((sum, byte) => sum + expand(byte) ** 2, 0) / Math.max(1, sound.length)
    arrived.push({ at: Date.now(), level: Math.sqrt(power) })
  })
  await new Promise((resolve) => ear.bind(Number(env.LOA_RTP_PORT), '127.0.0.1', resolve))
  browser = await launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'])
})

after(async () => {
  ear?.close()
  await browser?.close()
})

async function picture(page, name) {
  if (env.LOA_PICTURES === undefined) return
  mkdirSync(env.LOA_PICTURES, { recursive: true })
  await page.screenshot({ path: join(env.LOA_PICTURES, `${name}.png`) })
}

/** When a beep begins: loud after a fifth of a second that was not. */
function onsets(levels, loud) {
  const found = []
  let loudAt = -Infinity
  for (const { at, level } of levels) {
    if (level <= loud) continue
    if (at - loudAt > 200) found.push(at)
    loudAt = at
  }
  return found
}

test(
  'who speaks into the page is heard at the output within half a second',
  { timeout: 120_000 },
  async () => {
    const session = await openPage(browser, origin, phone, {
      hasTouch: true,
      isMobile: true,
    })
    const { page } = session
    // What goes into the encoder, and when: one beep every two seconds, so that no other is taken for it.
    await page.addInitScript(() => {
      window.spoken = []
      const encode = AudioEncoder.prototype.encode
      AudioEncoder.prototype.encode = function (data) {
        const { sampleRate, numberOfFrames, timestamp } = data
        const samples = new Float32Array(numberOfFrames)
        if (Date.now() % 2000 < 500) data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
        const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length
        window.spoken.push({ at: Date.now(), level: Math.sqrt(power) })
        const gated = { format: 'f32-planar', sampleRate, numberOfFrames, numberOfChannels: 1, timestamp }
        return encode.call(this, new AudioData({ ...gated, data: samples }))
      }
    })
    await signIn(session, origin, env.LOA_USER, env.LOA_PASSWORD)
    await page.goto(`${origin}/orders`)
    await page.getByText('Nói trực tiếp').first().tap()
    await page.locator('#order-unit').click()
    await page.locator('.ant-select-dropdown:visible .ant-select-tree-node-content-wrapper').first().click()
    await picture(page, 'speak')
    await page.locator('.order-form').getByRole('button', { name: 'Bắt đầu nói' }).tap()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('phat ngay')
    await dialog.getByRole('button', { name: 'Bắt đầu nói' }).tap()
    await page.getByText('Loa đã mở. Mời bạn nói.').waitFor()
    await assertNoSidewaysScroll(page)
    await page.waitForTimeout(12_000)
    await picture(page, 'speaking')
    const spoken = await page.evaluate(() => window.spoken)
    await page.getByRole('button', { name: 'Kết thúc' }).tap()

    const peak = Math.max(...spoken.map(({ level }) => level))
    const heardPeak = Math.max(...arrived.map(({ level }) => level))
    assert.ok(peak > 0.01, `the microphone was silent: ${peak}`)
    const heard = onsets(arrived, heardPeak / 4)
    const lastHeard = heard.at(-1) ?? 0
    const beeps = onsets(spoken, peak / 4).filter((at) => at > (arrived[0]?.at ?? Infinity) && at < lastHeard)
    const delays = beeps.map((at) => (heard.find((one) => one >= at) ?? Infinity) - at).sort((a, b) => a - b)
    assert.ok(
      delays.length >= 4,
      `beeps: ${beeps.length}, heard: ${heard.length}, packets: ${arrived.length}`,
    )
    const middle = delays[Math.floor(delays.length / 2)]
    console.log(
      `live speech, encoder in the browser to RTP: p50 ${middle} ms, longest ${delays.at(-1)} ms of ${delays.length}`,
    )
    assert.ok(middle < 500, `half of the beeps took ${middle} ms or more: ${delays}`)
    assert.ok(delays.at(-2) < 500, `more than one beep took half a second: ${delays}`)

    const order = page.locator('.order').first()
    await order.getByText('đang phát').first().waitFor({ state: 'detached' })
    await order.locator('.order-stations .mark.tone-good').first().waitFor()
    await picture(page, 'spoken')
    assert.match(
      readFileSync(env.LOA_AGENT_LOG, 'utf8'),
      /speech-heard .*spoken by Lê Thị Duyệt: [1-9]\d* packets/,
    )
    session.assertClean()
    await session.close()
  },
)
