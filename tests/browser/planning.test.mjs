/**
 * The hand on the plan, against a real scheduler: an item is dragged to another session, conflicts are told while it hangs there, what the
 * edit changes is shown before it is made, the edit survives reloads, a race is told, and everything works by touch at 380 px.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { local } from '../../config/demo/district.mjs'
import { killAll, stopAll } from '../../config/demo/processes.mjs'
import { assertNoSidewaysScroll, detailsOf, launch, openPage, phone, signIn, wide } from './browser.mjs'
import { addDays, planDistrict } from './planned_district.mjs'
import { picture, testChanges } from './planning_changes.mjs'
import { testHours } from './planning_hours.mjs'

let folder
let district
let station
let browser
let origin
const nextWeek = addDays(local(new Date()).date, 7)

process.on('exit', killAll)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loa-planning-'))
  ;({ district, station } = await planDistrict(folder, 5))
  origin = district.url
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await stopAll()
  await rm(folder, { recursive: true, force: true })
})

const schedule = (day = nextWeek) =>
  district.admin.get(`/stations/${station.id}/schedule?from=${day}&to=${day}`)

async function openSchedule(session, day = nextWeek) {
  await signIn(session, origin, 'bien.tap', district.passwords['bien.tap'])
  await session.page.goto(`${origin}/schedule?station=${station.id}&day=${day}`)
  await session.page.locator('.session').first().waitFor()
  // What stands above the sessions comes later, and would move them from under a click.
  await session.page.waitForLoadState('networkidle')
  // The pointer, left where it signed in, must not rest on an entry and open its details.
  await session.page.mouse.move(2, 2)
  await session.page.locator('.ant-popover:visible').waitFor({ state: 'detached' })
}

/** A pointer's way, so that the browser itself drags. */
async function dragOver(page, airing, target) {
  const box = await airing.boundingBox()
  await airing.hover()
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 8, box.y + box.height / 2 + 8, { steps: 3 })
  await page.locator('.session-takes').first().waitFor()
  await target.hover({ position: { x: 40, y: 20 } })
  await target.hover({ position: { x: 44, y: 24 } })
}

test('an item is dragged to another session, and stays there', async () => {
  const [morning, noon, evening] = (await schedule()).sessions
  const moving = morning.items.find(
    ({ item_id }) => !evening.items.some((other) => other.item_id === item_id),
  )
  assert.ok(moving !== undefined, 'an item of the morning is not in the evening')
  const item = moving.item_id
  const session = await openPage(browser, origin, wide)
  const { page } = session
  await openSchedule(session)
  const card = ({ id }) => page.locator(`[data-session="${id}"]`)

  await dragOver(page, card(morning).locator(`.airing-button[data-item="${item}"]`), card(noon))
  // Noon is too short for any item: said while it hangs above, with what would help.
  await card(noon).locator('.drop-verdict [data-conflict="too_long"]').waitFor()
  assert.notEqual((await card(noon).locator('.resolutions').innerText()).trim(), '')
  await card(evening).hover({ position: { x: 40, y: 20 } })
  await card(evening).hover({ position: { x: 44, y: 24 } })
  await card(evening).getByText('Thả vào đây được.').waitFor()
  await page.mouse.up()

  const dialog = page.getByRole('dialog')
  await dialog.getByText('Chuyển tin/bài').waitFor()
  await dialog.getByLabel('Lý do (không bắt buộc)').fill('Theo đề nghị của phường')
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  await dialog.getByText(/^Lịch sẽ đổi: /).click()
  await dialog.locator('.difference').first().waitFor()
  await dialog.getByRole('button', { name: 'Chuyển', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })

  const moved = card(evening).locator(`[data-item="${item}"][data-edited="keep"]`)
  const gone = card(morning).locator(`[data-away="${item}"]`)
  const kinds = (await district.admin.get(`/stations/${station.id}/edits`)).items.map(
    ({ session_id, kind }) => [session_id, kind],
  )
  assert.deepEqual(kinds, [
    [morning.id, 'away'],
    [evening.id, 'keep'],
  ])
  await moved.waitFor()
  await gone.waitFor()
  await page.reload()
  await moved.waitFor()
  await gone.waitFor()
  // No agent holds an older bundle: the newest says it already.
  await page.getByRole('button', { name: 'Lịch trùng với bản kê đang dùng' }).waitFor()

  await page.getByRole('button', { name: 'Sửa tay (2)' }).click()
  const drawer = page.locator('.ant-drawer')
  await drawer.getByText('Theo đề nghị của phường').first().waitFor()
  // What taking an edit back would change is said first; nothing is done until that is agreed to.
  const takeBack = drawer
    .locator('[data-edit]', { hasText: 'Bỏ khỏi buổi' })
    .getByRole('button', { name: /^Bỏ sửa tay/ })
  const asks = page.getByRole('dialog', { name: 'Bỏ sửa tay này' })
  await takeBack.click()
  await asks.locator(`[data-preview="${station.id}"]`).waitFor()
  await picture(page, 'take-back')
  await asks.getByRole('button', { name: 'Hủy' }).click()
  await asks.waitFor({ state: 'detached' })
  assert.equal((await district.admin.get(`/stations/${station.id}/edits`)).items.length, 2)
  await takeBack.click()
  await asks.locator(`[data-preview="${station.id}"]`).waitFor()
  await asks.getByRole('button', { name: 'Bỏ sửa tay', exact: true }).click()
  await asks.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Sửa tay (1)' }).waitFor()
  session.assertClean()
  await session.close()
})

test('whoever comes second is told, sees the newest plan, and may go on', async () => {
  const session = await openPage(browser, origin, wide)
  const { page } = session
  await openSchedule(session)
  const { revision, sessions } = await schedule()
  const [morning, , evening] = sessions
  const pinned = morning.items.find(({ edited }) => edited === null)
  await page.locator(`[data-session="${morning.id}"] .airing-button[data-item="${pinned.item_id}"]`).click()
  await detailsOf(page).getByRole('button', { name: /Ghim$/ }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Ghim', exact: true })
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  const theirs = evening.items.find(({ item_id, edited }) => item_id !== pinned.item_id && edited === null)
  await district.admin.send(
    'POST',
    `/stations/${station.id}/edits`,
    { edits: [{ session_id: evening.id, item_id: theirs.item_id, kind: 'keep' }] },
    { 'If-Match': `"${revision}"` },
  )
  await confirm.click()
  await dialog.getByText('Lịch vừa thay đổi; đã tải lại lịch mới nhất.').waitFor()
  session.expectError(/status of 412/)
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  await confirm.click()
  await dialog.waitFor({ state: 'detached' })
  session.assertClean()
  await session.close()
})

test('by keyboard alone an item moves: Enter tells why and what may be done, Escape goes back', async () => {
  const session = await openPage(browser, origin, wide)
  const { page } = session
  // A day on which an item of the morning is not in the evening.
  let day = nextWeek
  let morning, evening, moving
  for (let ahead = 0; moving === undefined && ahead < 10; ++ahead) {
    day = addDays(nextWeek, ahead)
    ;[morning, , evening] = (await schedule(day)).sessions
    moving = morning.items.find(
      ({ item_id, edited }) =>
        edited === null &&
        !evening.items.some((other) => other.item_id === item_id) &&
        !evening.away.some((other) => other.item_id === item_id),
    )
  }
  assert.ok(moving !== undefined)
  await openSchedule(session, day)
  const entry = page.locator(`[data-session="${morning.id}"] .airing-button[data-item="${moving.item_id}"]`)
  // The pointer, left where it signed in, must not rest on an entry and open another one's details.
  await page.mouse.move(2, 2)
  await entry.focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.textContent?.includes('Chuyển đến…'))
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.activeElement?.classList.contains('airing-button'))
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.textContent?.includes('Chuyển đến…'))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Chuyển tin/bài' })
  await dialog.getByLabel('Buổi phát').focus()
  const [, month, dayOfMonth] = day.split('-')
  await page.keyboard.type(`${dayOfMonth}/${month}, 17:00`)
  // One option stays, and the list makes it the one that Enter takes.
  await page.waitForFunction(
    () => document.querySelectorAll('.ant-select-dropdown .ant-select-item-option').length === 1,
  )
  await page.locator('.ant-select-item-option-active').waitFor()
  await page.keyboard.press('Enter')
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  const confirm = dialog.getByRole('button', { name: 'Chuyển', exact: true })
  await confirm.focus()
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page
    .locator(`[data-session="${evening.id}"] [data-item="${moving.item_id}"][data-edited="keep"]`)
    .waitFor()
  session.assertClean()
  await session.close()
})

test('in a month an item is dragged over days, and what stands against it is told above each', async () => {
  const session = await openPage(browser, origin, wide)
  const { page } = session
  await openSchedule(session)
  await page.goto(`${origin}/schedule?station=${station.id}&view=month&day=${nextWeek}`)
  const [, noon] = (await schedule()).sessions
  const to = addDays(nextWeek, 1)
  const day = page.locator(`[data-day="${nextWeek}"]`)
  const target = page.locator(`[data-day="${to}"] .session`).last()
  const airing = day.locator('.airing-button[draggable="true"]').first()
  await airing.scrollIntoViewIfNeeded()
  await dragOver(page, airing, page.locator(`[data-session="${noon.id}"]`))
  await page.locator(`[data-session="${noon.id}"] [data-conflict="too_long"]`).waitFor()
  const verdict = await page.locator('.drop-verdict').boundingBox()
  assert.ok(verdict.width >= 240 && verdict.x >= 0 && verdict.x + verdict.width <= wide.width)
  await target.hover({ position: { x: 20, y: 12 } })
  await target.hover({ position: { x: 24, y: 14 } })
  await target.locator('.drop-verdict').waitFor()
  await page.keyboard.press('Escape')
  await page.mouse.up()
  session.assertClean()
  await session.close()
})

test('the same by touch at 380 px, and why an item is not there', async () => {
  const session = await openPage(browser, origin, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await openSchedule(session)
  await assertNoSidewaysScroll(page)
  const airing = page.locator('.session[data-frozen="false"] .airing-button').first()
  const item = await airing.getAttribute('data-item')
  await airing.tap()
  await page.locator('.airing-details').getByText('Vì sao xếp ở đây').waitFor()
  await page.getByRole('button', { name: 'Bỏ khỏi buổi' }).tap()
  const dialog = page.getByRole('dialog', { name: 'Bỏ tin/bài khỏi buổi' })
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  await assertNoSidewaysScroll(page)
  await dialog.getByRole('button', { name: 'Bỏ khỏi buổi', exact: true }).tap()
  await dialog.waitFor({ state: 'detached' })
  const gone = page.locator(`[data-away="${item}"]`).first()
  await gone.getByRole('button', { name: /^Bỏ sửa tay/ }).tap()
  const asks = page.getByRole('dialog', { name: 'Bỏ sửa tay này' })
  await asks.locator(`[data-preview="${station.id}"]`).waitFor()
  await picture(page, 'take-back-phone')
  await assertNoSidewaysScroll(page)
  await asks.getByRole('button', { name: 'Hủy' }).tap()
  await asks.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Vì sao không phát?' }).tap()
  await page.getByLabel('Tin/bài (cả chưa duyệt, đã rút)').click()
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().click()
  await page.getByText('Tin/bài này có trong lịch.').waitFor()
  await page.locator('.why-not-reasons [data-reason="too_long"]').waitFor()
  await page.goto(`${origin}/schedule?station=${station.id}&view=month&day=${nextWeek}`)
  await page.locator('.month-day').first().waitFor()
  await assertNoSidewaysScroll(page)
  session.assertClean()
  await session.close()
})

test('what is missing and what does not take place stand above the schedule, with links to what to do', async () => {
  const [, poor] = district.stations
  const { date } = local(new Date())
  for (const title of ['Buổi ngắn', 'Buổi trùng giờ'])
    await district.addRule(poor, { title, rrule: 'FREQ=DAILY', date, time: '11:00', seconds: 2 })
  const session = await openPage(browser, origin, wide)
  const { page } = session
  await signIn(session, origin, district.adminName, district.adminPassword)
  await page.goto(`${origin}/schedule?station=${district.stations[1].id}`)
  const missing = page.locator('.shortfalls')
  await missing
    .getByText(/^Thiếu 2 trên 2/)
    .first()
    .waitFor()
  await page.locator('.forecast [data-standing="impossible"]').first().waitFor()
  await page.locator('.refusals [data-refusal="overlap"]', { hasText: 'trùng giờ với buổi' }).waitFor()
  // Whoever wants an item in such a session is told what refuses it, and what would let it be.
  await page.goto(`${origin}/schedule?station=${poor.id}&day=${addDays(date, 7)}`)
  await page.locator('[data-refused]', { hasText: 'Buổi trùng giờ' }).first().waitFor()
  await page.locator('.session-add').first().click()
  const dialog = page.getByRole('dialog')
  for (const [field, words] of [
    ['#edit-item', 'Kỷ luật'],
    ['#edit-session', 'Buổi trùng giờ'],
  ]) {
    await dialog.locator(field).fill(words)
    await page
      .locator('.ant-select-dropdown:visible .ant-select-item-option-active', { hasText: words })
      .waitFor()
    await dialog.locator(field).press('Enter')
  }
  const conflict = dialog.locator('[data-conflict="refused_session"]')
  await conflict.getByText(/trùng giờ với buổi/).waitFor()
  await conflict.getByText(/Dời hoặc rút ngắn một trong hai khung giờ/).waitFor()
  await page.goto(`${origin}/schedule?station=${poor.id}`)
  // No session has room for any item: one change is the smallest, and its link leads to where it is made.
  await missing.locator('[data-remedy="add_room"], [data-remedy="lengthen_session"]').first().click()
  await page.getByRole('heading', { level: 1, name: /Giờ phát/ }).waitFor()
  for (const width of [wide, phone]) {
    await page.setViewportSize(width)
    for (const path of ['/hours', '/organisation', '/organisation?show=stations']) {
      await page.goto(origin + path)
      await page.waitForLoadState('networkidle')
      await assertNoSidewaysScroll(page)
    }
  }
  session.assertClean()
  await session.close()

  // Where a new item is what is missing, this is the address of its link (ui/test/remedies.test.ts).
  const editor = await openPage(browser, origin, phone)
  await signIn(editor, origin, 'bien.tap', district.passwords['bien.tap'])
  await editor.page.goto(`${origin}/library/new?groups=cchc-a&from=${date}&unit=${poor.unit_id}`)
  await editor.page.getByText('Tin/bài này được cần cho một chỉ tiêu').waitFor()
  await assertNoSidewaysScroll(editor.page)
  editor.assertClean()
  await editor.close()
})

const at = () => ({ district, station, browser, origin, nextWeek, schedule, openSchedule, dragOver })
testChanges(at)

test("an item's play rules are written, kept and shown", async () => {
  const session = await openPage(browser, origin, wide)
  const { page } = session
  await signIn(session, origin, 'bien.tap', district.passwords['bien.tap'])
  await page.goto(`${origin}/library/new`)
  await page.getByLabel('Tên tin/bài').fill('Bài có quy tắc')
  await page.getByRole('button', { name: /Quy tắc phát/ }).click()
  await page.getByLabel('Cách nhau ít nhất').fill('48')
  await page.getByLabel('Không phát trước giờ').fill('6:30')
  await page.getByLabel('Nhiều nhất mỗi ngày').fill('1')
  await page.getByLabel('Loạt bài').fill('Một cửa')
  await page.getByLabel('Kỳ số').fill('2')
  await page.getByRole('button', { name: 'Tạo và tải âm thanh' }).click()
  await page.getByRole('heading', { name: 'Bài có quy tắc' }).waitFor()
  await page.getByText('Không phát trước 06:30').waitFor()
  await page.getByText('Loạt bài “Một cửa”, kỳ 2').waitFor()
  const id = new URL(page.url()).pathname.split('/').pop()
  const { play_rules } = await district.editor.get(`/items/${id}`)
  assert.equal(play_rules.least_gap_minutes, 48 * 60)
  assert.equal(play_rules.most_plays_a_day, 1)
  session.assertClean()
  await session.close()
})

testHours(at)
