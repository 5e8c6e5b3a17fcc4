/**
 * The way of an item through the web app: an administrator makes accounts, an editor uploads and submits, an approver listens and
 * approves, the schedule shows it, and after it has sounded the board's cell turns green.
 *
 * The harness (run.mjs) sets
 *   LOA_URL                 e.g. http://127.0.0.1:8080
 *   LOA_ADMIN_USER, LOA_ADMIN_PASSWORD
 *   LOA_AUDIO               recordings, separated by ':'; each becomes an item
 *   LOA_STATION             name of the station whose cell is watched (default: the first one that is not green)
 *   LOA_UNIT                name of the unit that owns the items and their scope (default: the first root unit)
 *   LOA_HOOK                a shell command, run with the stage's name as its argument: "uploaded", "approved", "scheduled", "green";
 *                           it returns when the harness has done what that stage needs (for example put a session on air)
 *   LOA_PATIENCE            seconds to wait for the schedule and for the cell (default 240)
 *   LOA_PICTURES            a folder for pictures of the stages
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { assertNoSidewaysScroll, launch, openPage, phone, signIn, wide } from './browser.mjs'

const env = process.env
const patience = Number(env.LOA_PATIENCE ?? 240) * 1000
const password = 'một câu dễ nhớ 2026'
const mark = Date.now().toString(36)
const people = {
  admin: { username: env.LOA_ADMIN_USER, password: env.LOA_ADMIN_PASSWORD },
  editor: { username: `bien-tap-${mark}`, password, name: `Nguyễn Thị Biên Tập ${mark}`, role: 'Biên tập' },
  approver: { username: `duyet-${mark}`, password, name: `Lê Văn Duyệt ${mark}`, role: 'Người duyệt' },
}

let origin
let browser
let folder
let recordings
let station
const sessions = {}
const items = []

function hook(stage) {
  if (env.LOA_HOOK !== undefined)
    execFileSync('/bin/sh', ['-c', `${env.LOA_HOOK} "$1"`, 'hook', stage], { stdio: 'inherit' })
}

async function picture(page, name) {
  if (env.LOA_PICTURES === undefined) return
  mkdirSync(env.LOA_PICTURES, { recursive: true })
  await page.screenshot({ path: join(env.LOA_PICTURES, `${name}.png`) })
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loa-browser-'))
  origin = env.LOA_URL.replace(/\/$/, '')
  recordings = env.LOA_AUDIO.split(delimiter)
  browser = await launch()
  for (const person of Object.keys(people)) sessions[person] = await openPage(browser, origin, wide)
})

after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a wrong password is refused in words', async () => {
  const session = await openPage(browser, origin)
  const { page } = session
  await page.goto(origin)
  assert.equal(await page.locator('html').getAttribute('lang'), 'vi')
  await page.getByLabel('Tên đăng nhập').fill(people.admin.username)
  await page.getByLabel('Mật khẩu', { exact: true }).fill('không phải mật khẩu')
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click()
  await page.getByRole('alert').waitFor()
  assert.match(await page.getByRole('alert').innerText(), /mật khẩu/i)
  session.expectError(/status of 401/)
  session.assertClean()
  await session.close()
})

test('the administrator makes an editor and an approver', async () => {
  const { page } = sessions.admin
  await signIn(sessions.admin, origin, people.admin.username, people.admin.password)
  await page.getByRole('link', { name: 'Người dùng' }).click()
  for (const person of [people.editor, people.approver]) {
    await page.getByRole('button', { name: 'Thêm người dùng' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Họ và tên').fill(person.name)
    await dialog.getByLabel('Tên đăng nhập').fill(person.username)
    await dialog.getByLabel('Mật khẩu ban đầu').fill(person.password)
    await choose(page, dialog.getByRole('combobox', { name: 'Vai trò' }), person.role)
    await chooseUnit(page, dialog.getByRole('combobox', { name: 'Đơn vị' }))
    await dialog.getByRole('button', { name: 'Thêm người dùng' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(person.username).waitFor()
  }
  sessions.admin.assertClean()
})

async function choose(page, box, option) {
  await box.click()
  await page.locator('.ant-select-dropdown:visible').getByText(option, { exact: true }).click()
}

async function chooseUnit(page, box) {
  await box.click()
  const tree = page.locator('.ant-select-dropdown:visible .ant-select-tree-node-content-wrapper')
  await (env.LOA_UNIT === undefined ? tree.first() : tree.filter({ hasText: env.LOA_UNIT }).first()).click()
}

test('the editor writes items, uploads recordings and submits them', async () => {
  const { page } = sessions.editor
  await signIn(sessions.editor, origin, people.editor.username, people.editor.password)
  assert.equal(
    await page.getByRole('link', { name: 'Người dùng' }).count(),
    0,
    'an editor sees no users page',
  )
  for (const [index, recording] of recordings.entries()) {
    const title = `Bài kiểm thử ${mark} số ${index + 1}`
    await page.getByRole('link', { name: 'Tin/bài', exact: true }).click()
    await page.getByRole('button', { name: 'Tạo tin/bài' }).first().click()
    await page.getByLabel('Tên tin/bài').fill(title)
    await page.getByLabel('Nội dung tuyên truyền').click()
    await page.keyboard.type('mot cua lien thong')
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().click()
    await page.keyboard.press('Escape')
    await setDate(page.getByLabel('Phát từ ngày'), yesterday())
    await page.getByLabel('Nội dung văn bản').fill('Mời bà con nghe bản tin cải cách hành chính.')
    await page.getByRole('button', { name: 'Tạo và tải âm thanh' }).click()
    await page.getByRole('heading', { name: title }).waitFor()
    items.push({ title, id: new URL(page.url()).pathname.split('/').pop() })

    if (index === 0) await refuseThisText(page)
    await page.getByLabel('Tệp âm thanh').setInputFiles(recording)
    await page.getByRole('button', { name: 'Trình duyệt' }).waitFor({ timeout: patience })
    await page.getByText(basename(recording)).first().waitFor()
    await page.getByRole('slider').waitFor()
    assert.match(await page.locator('.audio-figures').innerText(), /LUFS/)
    if (index === 0) await picture(page, 'ready')
    await page.getByRole('button', { name: 'Trình duyệt' }).click()
    await page.getByText('Đang chờ người có thẩm quyền nghe và duyệt.').waitFor()
    assert.equal(
      await page.getByRole('button', { name: 'Duyệt phát' }).count(),
      0,
      'an editor does not approve',
    )
  }
  hook('uploaded')
  sessions.editor.assertClean()
})

/** So that the item may air today in whatever zone the watched station has. */
function yesterday() {
  const [year, month, day] = new Date(Date.now() - 36 * 3_600_000).toISOString().slice(0, 10).split('-')
  return `${day}/${month}/${year}`
}

async function setDate(input, date) {
  await input.click()
  await input.fill(date)
  await input.press('Tab')
  assert.equal(await input.inputValue(), date)
}

/** A text file named .mp3 is taken by no one, and the page says why. */
async function refuseThisText(page) {
  const path = join(folder, 'van-ban.mp3')
  writeFileSync(path, 'Day la mot tep van ban, khong phai am thanh.\n'.repeat(200))
  await page.getByLabel('Tệp âm thanh').setInputFiles(path)
  await page.getByText('Không dùng được “van-ban.mp3”').waitFor({ timeout: patience })
  assert.notEqual((await page.locator('.refusal').innerText()).trim(), '', 'a refusal has words')
}

test('an upload is paused, survives a reload and goes on', async () => {
  const { page } = sessions.editor
  const path = join(folder, 'dai.wav')
  writeFileSync(path, Buffer.alloc(24_000_000, Buffer.from([0xff, 0x80, 0x01])))
  await page.getByRole('link', { name: 'Tin/bài', exact: true }).click()
  await page.getByRole('button', { name: 'Tạo tin/bài' }).first().click()
  await page.getByLabel('Tên tin/bài').fill(`Bài tải dở ${mark}`)
  await page.getByRole('button', { name: 'Tạo và tải âm thanh' }).click()
  await page.getByRole('button', { name: 'Chọn tệp' }).waitFor()

  // The line is slow: each part takes a while, so that there is time to pause between two of them.
  let parts = 0
  let resumedAt
  await page.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') {
      parts += 1
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    await route.continue()
  })
  await page.getByLabel('Tệp âm thanh').setInputFiles(path)
  await page.waitForFunction(() =>
    /[^0-9]4 MB|4[,.]2 MB|8[,.]4 MB/.test(document.querySelector('.upload')?.textContent ?? ''),
  )
  await page.getByRole('button', { name: 'Tạm dừng' }).click()
  await page.getByText('Đã tạm dừng').waitFor()
  const before = parts
  await page.waitForTimeout(1200)
  assert.equal(parts, before, 'a paused upload sends nothing')

  await page.reload()
  await page.getByText('Đang tải dở “dai.wav”').waitFor()
  await page.unroute('**/api/v1/uploads/*')
  page.on('request', (request) => {
    if (request.method() === 'PATCH' && resumedAt === undefined)
      resumedAt = Number(request.headers()['upload-offset'])
  })
  await page.getByLabel('Tệp âm thanh').setInputFiles(path)
  await page.locator('.upload').waitFor({ state: 'detached', timeout: patience })
  assert.ok(resumedAt > 0, `the upload began again at byte ${resumedAt}`)
  sessions.editor.assertClean()
})

test('the approver listens and approves exactly that audio', async () => {
  const { page } = sessions.approver
  await signIn(sessions.approver, origin, people.approver.username, people.approver.password)
  for (const [index, item] of items.entries()) {
    await page.getByRole('link', { name: 'Tin/bài', exact: true }).click()
    await page.getByRole('link', { name: item.title }).click()
    await page.getByRole('heading', { name: item.title }).waitFor()
    if (index === 0) {
      await page.getByRole('button', { name: 'Nghe', exact: true }).click()
      await page.waitForFunction(() => Number(document.querySelector('audio')?.currentTime ?? 0) > 0.5)
      await page.getByRole('button', { name: 'Tạm dừng' }).click()
    }
    await page.getByRole('button', { name: 'Duyệt phát' }).click()
    const dialog = page.getByRole('dialog')
    assert.match(await dialog.innerText(), /[0-9a-f]{12}/, 'the dialog shows the hash')
    const confirm = dialog.getByRole('button', { name: 'Duyệt phát' })
    assert.ok(await confirm.isDisabled(), 'nothing is approved before someone says that he listened')
    await dialog.getByRole('checkbox').check()
    if (index === 0) await picture(page, 'approve')
    await confirm.click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('.approval').getByText(people.approver.name).waitFor()
  }
  hook('approved')
  sessions.approver.assertClean()
})

test('the schedule shows the items, each with its reason', async () => {
  assert.equal(items.length, recordings.length, 'items were made')
  const { page } = sessions.admin
  await page.getByRole('link', { name: 'Chỉ tiêu' }).click()
  await page.locator('.board-grid').waitFor()
  const notGreen = page.locator('.cell-now:not([data-word="done"]):not([data-word="none"])')
  const rows = page.locator('.board-grid tbody tr')
  const row =
    env.LOA_STATION === undefined
      ? rows.filter({ has: notGreen }).first()
      : rows.filter({ hasText: env.LOA_STATION })
  station = await row.locator('.cell-now').getAttribute('data-station')

  const id = items[0].id
  const entry = page.locator(`.airing-button[data-item="${id}"]`).first()
  const until = Date.now() + patience
  for (let week = 0; ; week = (week + 1) % 2) {
    const day = new Date(Date.now() + week * 7 * 86_400_000).toISOString().slice(0, 10)
    await page.goto(`${origin}/schedule?station=${station}&day=${day}`)
    await page.waitForLoadState('networkidle')
    if ((await entry.count()) > 0) break
    assert.ok(Date.now() < until, `${items[0].title} is not on the schedule of this week or the next`)
    await page.waitForTimeout(1000)
  }
  await entry.hover()
  const details = page.locator('.airing-details')
  await details.getByText('Vì sao xếp ở đây').waitFor()
  const sheet = page.locator('.ant-popover').filter({ has: details }) // the item's title heads it
  assert.match(await sheet.innerText(), new RegExp(items[0].title))
  await page.waitForTimeout(400) // until the details have faded in
  await picture(page, 'schedule')
  hook('scheduled')
  sessions.admin.assertClean()
})

test('the cell of the board turns green, and its evidence names the items', async () => {
  assert.ok(station !== undefined, 'a station is watched')
  const { page } = sessions.admin
  await page.goto(`${origin}/board`)
  const cell = page.locator(`.cell-now[data-station="${station}"]`)
  await page.locator(`.cell-now[data-station="${station}"][data-word="done"]`).waitFor({ timeout: patience })
  await picture(page, 'board')
  await cell.click()
  const drawer = page.getByRole('dialog')
  for (const item of items) {
    const section = drawer.locator('.evidence-item').filter({ hasText: item.title })
    await section.getByText('Được tính', { exact: true }).waitFor()
    assert.ok(
      (await section.locator('.airing-counts').count()) > 0,
      `${item.title} has an airing that counts`,
    )
    const told = await section.innerText()
    assert.match(told, /[0-9a-f]{12}/, 'the log entry shows its hash')
    assert.match(told, /Khớp bản đã duyệt (9\d|100) %/, 'what left was measured to be the item')
    assert.match(told, /-\d+,\d LUFS/, 'and how loud it was')
  }
  await picture(page, 'evidence')
  hook('green')
  sessions.admin.assertClean()
})

test('from a phone, an item plays at every station at once, and the page shows what each did', async () => {
  const session = await openPage(browser, origin, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await signIn(session, origin, people.editor.username, people.editor.password)
  await page.goto(`${origin}/orders`)
  await page.getByRole('heading', { name: 'Phát ngay' }).first().waitFor()
  await assertNoSidewaysScroll(page)
  const play = page.locator('.order-form').getByRole('button', { name: 'Phát ngay' })
  assert.ok(await play.isDisabled(), 'nothing is chosen yet')
  await page.getByRole('combobox', { name: 'Tin/bài đã duyệt' }).tap()
  await page.keyboard.type(items[0].title)
  await page
    .locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: items[0].title })
    .tap()
  await chooseUnit(page, page.locator('#order-unit'))
  await picture(page, 'alert')
  await play.tap()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Phát ngay' })
  assert.ok(await confirm.isDisabled(), 'nothing goes out before the word is typed')
  await dialog.getByRole('textbox').fill('phat ngay')
  await picture(page, 'alert-confirm')
  await confirm.tap()
  await dialog.waitFor({ state: 'detached' })
  const order = page.locator('.order').first()
  await order.getByText(items[0].title).waitFor()
  const stations = order.locator('.order-stations li')
  await stations.first().waitFor()
  const all = await stations.count()
  assert.ok(all > 0, 'stations are listed')
  await order.getByText('đang phát').first().waitFor({ timeout: 20_000 })
  await picture(page, 'alert-playing')
  await page.waitForFunction(
    (count) =>
      [...document.querySelectorAll('.order-stations')][0]?.querySelectorAll('.mark.tone-good').length ===
        count && !(document.querySelector('.order-counts')?.textContent ?? '').includes('đang phát'),
    all,
    { timeout: patience },
  )
  await assertNoSidewaysScroll(page)
  await picture(page, 'alert-done')
  session.assertClean()
  await session.close()
})

test('the stations page says of each output whether it stands, and how exactly it began', async () => {
  const session = await openPage(browser, origin, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await signIn(session, origin, people.admin.username, people.admin.password)
  await page.goto(`${origin}/stations`)
  const output = page.locator('[data-output]').first()
  await output.waitFor()
  await page.waitForFunction(
    () => [...document.querySelectorAll('[data-output]')].some((one) => /ms/.test(one.textContent)),
    undefined,
    { timeout: 60_000 },
  )
  await output.scrollIntoViewIfNeeded()
  await picture(page, 'stations-outputs')
  await assertNoSidewaysScroll(page)
  session.assertClean()
  await session.close()
})

test('no page can be scrolled sideways on a phone of 380 px', async () => {
  const session = await openPage(browser, origin, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await page.goto(origin)
  await page.getByLabel('Tên đăng nhập').waitFor()
  await assertNoSidewaysScroll(page)
  await signIn(session, origin, people.admin.username, people.admin.password)
  const paths = [
    '/board',
    '/library',
    `/library/${items[0].id}`,
    '/schedule',
    '/stations',
    '/orders',
    '/obligations',
    '/users',
    '/audit',
  ]
  for (const path of paths) {
    await page.goto(origin + path)
    await page.waitForLoadState('networkidle')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await assertNoSidewaysScroll(page)
  }
  await page.goto(`${origin}/board`)
  await page.locator(`.cell-now[data-station="${station}"]`).tap()
  await page.getByRole('dialog').locator('.evidence-item').first().waitFor()
  await assertNoSidewaysScroll(page)
  await page.goto(`${origin}/board`)
  await page.getByRole('button', { name: 'Thêm', exact: true }).tap()
  await page.getByRole('navigation', { name: 'Thêm' }).getByRole('link', { name: 'Nhiệm vụ' }).tap()
  await page.getByRole('heading', { name: 'Nhiệm vụ và chỉ tiêu' }).waitFor()
  session.assertClean()
  await session.close()
})

test('the form of a new item fits a phone, and the app speaks English when asked', async () => {
  const session = await openPage(browser, origin, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await signIn(session, origin, people.editor.username, people.editor.password)
  await page.goto(`${origin}/library/new`)
  await page.getByLabel('Tên tin/bài').waitFor()
  await assertNoSidewaysScroll(page)
  await page.getByRole('button', { name: /Tài khoản của/ }).tap()
  await page.getByText('English').tap()
  await page.getByRole('heading', { name: 'New item' }).waitFor()
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await page.getByRole('button', { name: 'Sign out' }).tap()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  session.assertClean()
  await session.close()
})
