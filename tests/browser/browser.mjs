/**
 * Debian's Chromium for the tests here, watched: every request to another host and every error on the console is kept, and
 * `assertClean()` fails on the first.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

// One npm ci serves the app and its browser test: playwright-core stands among ui's development packages.
const { chromium } = createRequire(new URL('../../ui/package.json', import.meta.url))('playwright-core')

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--autoplay-policy=no-user-gesture-required',
]

export const wide = { width: 1280, height: 900 }
export const phone = { width: 380, height: 780 }

export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.LOA_CHROMIUM ?? '/usr/bin/chromium',
    args: [...flags, ...more],
  })
}

/** A page of its own context (its own cookies) for the app at `origin`. */
export async function openPage(browser, origin, viewport = wide, options = {}) {
  const context = await browser.newContext({ viewport, locale: 'vi-VN', timezoneId: 'UTC', ...options })
  const page = await context.newPage()
  // A busy machine with two cores draws slowly; a step that never comes still fails.
  page.setDefaultTimeout(Number(process.env.LOA_STEP_SECONDS ?? 60) * 1000)
  const foreign = []
  const errors = []
  context.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && asked !== new URL(origin).origin)
      foreign.push(request.url())
  })
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(origin).host) foreign.push(socket.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => errors.push(String(error)))

  return {
    page,
    close: () => context.close(),
    /** Console errors that a test brought about itself, such as the 401 of a wrong password, are taken off the list by their text. */
    expectError(pattern) {
      const index = errors.findIndex((text) => pattern.test(text))
      assert.notEqual(index, -1, `no console error matches ${pattern}`)
      errors.splice(index, 1)
    },
    assertClean() {
      assert.deepEqual(foreign, [], 'a request left for another host')
      assert.deepEqual(errors, [], 'an error on the console')
    },
  }
}

export async function signIn(session, origin, username, password) {
  const { page } = session
  if (page.url() === 'about:blank') await page.goto(`${origin}/`)
  await page.getByLabel('Tên đăng nhập').fill(username)
  await page.getByLabel('Mật khẩu', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click()
  await page.getByRole('heading', { name: 'Theo dõi chỉ tiêu' }).waitFor()
}

/** The details that hang on an entry of the schedule, once they stand still: while they grow, a press and its release may miss each other. */
export const detailsOf = (page) =>
  page.locator('.ant-popover:visible:not(.ant-zoom-big-appear):not(.ant-zoom-big-enter)')

/** Fails with the widest culprits when the page can be scrolled sideways. */
export async function assertNoSidewaysScroll(page) {
  const { overflow, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const overflow = document.documentElement.scrollWidth - width
    const culprits = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map(
        (element) =>
          `${element.tagName}.${element.className} ${Math.round(element.getBoundingClientRect().right)}`,
      )
    return { overflow, culprits }
  })
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px too wide: ${culprits.join('; ')}`)
}
