/**
 * Of planning.test.mjs, on the same district: what planning would change is shown before it is published, and the edits that are several at
 * once (swap, insert, a drop in the month).
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { local } from '../../config/demo/district.mjs'
import { assertNoSidewaysScroll, detailsOf, openPage, phone, signIn, wide } from './browser.mjs'
import { addDays } from './planned_district.mjs'

/** Where LOA_PICTURES names a folder for them. */
export const picture = (page, name) =>
  process.env.LOA_PICTURES === undefined
    ? Promise.resolve()
    : page.screenshot({ path: `${process.env.LOA_PICTURES}/${name}.png` })

/** `at()` is what planning.test.mjs works with: district, station, browser, origin, schedule, openSchedule, dragOver. */
export function testChanges(at) {
  /** From `day` on the first pair of sessions of one day of which each has an item that the other has not, untouched by hand. */
  async function apart(day) {
    for (let ahead = 0; ahead < 14; ++ahead) {
      const date = addDays(day, ahead)
      const [morning, , evening] = (await at().schedule(date)).sessions
      const only = (one, other) =>
        one.items.find(
          ({ item_id, edited }) =>
            edited === null && ![...other.items, ...other.away].some((known) => known.item_id === item_id),
        )
      const [a, b] = [only(morning, evening), only(evening, morning)]
      if (a !== undefined && b !== undefined) return { date, morning, evening, a, b }
    }
    throw new Error('no day whose morning and evening differ')
  }

  async function choose(page, dialog, field, words) {
    await dialog.locator(field).fill(words)
    await page
      .locator('.ant-select-dropdown:visible .ant-select-item-option', {
        hasText: words,
      })
      .first()
      .click()
  }

  /** The preview tells that plays of the item go, and fits the page. */
  async function toldThatItGoes(page, root, title, name) {
    const told = root.locator(`[data-preview="${at().station.id}"]`)
    await told.locator('summary', { hasText: /bỏ \d+ lượt phát/ }).click()
    await told.locator('[data-kind="removed"] li', { hasText: title }).first().waitFor()
    await told.scrollIntoViewIfNeeded()
    await picture(page, name)
    await assertNoSidewaysScroll(page)
  }

  test('two items swap their sessions', async () => {
    const { district, station, browser, origin, openSchedule, schedule, nextWeek } = at()
    const { date, morning, evening, a, b } = await apart(addDays(nextWeek, 1))
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await openSchedule(session, date)
    await page.locator(`[data-session="${morning.id}"] .airing-button[data-item="${a.item_id}"]`).click()
    await detailsOf(page).getByRole('button', { name: 'Đổi chỗ…' }).click()
    const dialog = page.getByRole('dialog')
    // Many sessions play the other item: those of this evening are found by its date.
    const [, month, day] = date.split('-')
    await dialog.locator('#edit-other').fill(`${day}/${month}, 17:00`)
    const listed = page.locator('.ant-select-dropdown:visible .ant-select-item')
    await listed
      .and(page.locator(':first-child'))
      .filter({ hasText: `${day}/${month}, 17:00` })
      .waitFor()
    const other = listed.and(page.locator('.ant-select-item-option')).filter({ hasText: b.title }).first()
    await other.click()
    await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
    await picture(page, 'swap')
    await dialog.getByRole('button', { name: 'Đổi chỗ', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await page
      .locator(`[data-session="${evening.id}"] [data-item="${a.item_id}"][data-edited="keep"]`)
      .waitFor()
    await page
      .locator(`[data-session="${morning.id}"] [data-item="${b.item_id}"][data-edited="keep"]`)
      .waitFor()
    const [now, , then] = (await schedule(date)).sessions
    assert.ok(!now.items.some(({ item_id }) => item_id === a.item_id))
    assert.ok(!then.items.some(({ item_id }) => item_id === b.item_id))
    const edits = (await district.admin.get(`/stations/${station.id}/edits`)).items
    // Other tests edit other items of these sessions.
    const made = edits.filter(
      ({ session_id, item_id }) =>
        [morning.id, evening.id].includes(session_id) && [a.item_id, b.item_id].includes(item_id),
    )
    assert.deepEqual(made.map(({ kind }) => kind).sort(), ['away', 'away', 'keep', 'keep'])
    session.assertClean()
    await session.close()
  })

  test('in a month an item is dropped on another day, and plays there', async () => {
    const { district, station, browser, origin, openSchedule, dragOver, nextWeek } = at()
    const { date, morning, evening, a } = await apart(addDays(nextWeek, 2))
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await openSchedule(session, date)
    await page.goto(`${origin}/schedule?station=${station.id}&view=month&day=${date}`)
    const airing = page.locator(`[data-session="${morning.id}"] .airing-button[data-item="${a.item_id}"]`)
    const target = page.locator(`[data-session="${evening.id}"]`)
    await airing.scrollIntoViewIfNeeded()
    await dragOver(page, airing, target)
    await target.getByText('Thả vào đây được.').waitFor()
    await page.mouse.up()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Chuyển tin/bài').waitFor()
    await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
    await dialog.getByRole('button', { name: 'Chuyển', exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await target.locator(`[data-item="${a.item_id}"][data-edited="keep"]`).waitFor()
    const kept = (await district.admin.get(`/stations/${station.id}/edits`)).items.find(
      ({ session_id, item_id, kind }) =>
        session_id === evening.id && item_id === a.item_id && kind === 'keep',
    )
    assert.ok(kept !== undefined)
    session.assertClean()
    await session.close()
  })

  test('where a session cannot take an item, the one that a conflict names is chosen in its place', async () => {
    const { district, station, browser, origin, openSchedule, dragOver, schedule, nextWeek } = at()
    const { date, morning, a } = await apart(addDays(nextWeek, 4))
    const [, noon] = (await schedule(date)).sessions
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await openSchedule(session, date)
    const target = page.locator(`[data-session="${noon.id}"]`)
    const airing = page.locator(`[data-session="${morning.id}"] .airing-button[data-item="${a.item_id}"]`)
    await dragOver(page, airing, target)
    await target.locator('.drop-verdict [data-conflict="too_long"]').waitFor()
    // Nothing can be pressed while an item hangs there; dropped all the same, it asks what is to be done.
    assert.equal(await target.locator('[data-choose]').count(), 0)
    await page.mouse.up()
    const dialog = page.getByRole('dialog')
    const move = dialog.getByRole('button', { name: 'Chuyển', exact: true })
    const way = dialog.locator('[data-conflict="too_long"] [data-choose]')
    await way.waitFor()
    assert.equal(await way.innerText(), 'Xếp vào buổi này')
    assert.ok(await move.isDisabled())
    const chosen = await way.getAttribute('data-choose')
    assert.notEqual(chosen, noon.id)
    await picture(page, 'conflict-chooses')
    await way.click()
    await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
    await dialog.locator('[data-conflict="too_long"]').waitFor({ state: 'detached' })
    await move.click()
    await dialog.waitFor({ state: 'detached' })

    const edits = (await district.admin.get(`/stations/${station.id}/edits`)).items
    const made = edits.filter(
      ({ item_id, session_id }) =>
        item_id === a.item_id && [morning.id, noon.id, chosen].includes(session_id),
    )
    assert.deepEqual(made.map(({ session_id, kind }) => `${kind} ${session_id}`).sort(), [
      `away ${morning.id}`,
      `keep ${chosen}`,
    ])
    const { sessions } = await district.admin.get(
      `/stations/${station.id}/schedule?from=${addDays(date, -7)}&to=${addDays(date, 14)}`,
    )
    const takes = sessions.find(({ id }) => id === chosen)
    assert.ok(takes.items.some(({ item_id, edited }) => item_id === a.item_id && edited === 'keep'))
    session.assertClean()
    await session.close()
  })

  test('an item is inserted into a session, first of all, by touch', async () => {
    const { browser, origin, openSchedule, schedule, nextWeek } = at()
    const { date, evening, a } = await apart(addDays(nextWeek, 3))
    const session = await openPage(browser, origin, phone, {
      hasTouch: true,
      isMobile: true,
    })
    const { page } = session
    await openSchedule(session, date)
    await page.locator(`[data-session="${evening.id}"] .session-add`).tap()
    const dialog = page.getByRole('dialog')
    await choose(page, dialog, '#edit-item', a.title)
    await dialog.locator('#edit-position').focus()
    await page.keyboard.press('ArrowDown')
    await page.locator('.ant-select-dropdown:visible').getByTitle('Đầu buổi', { exact: true }).click()
    await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
    await assertNoSidewaysScroll(page)
    await dialog.getByRole('button', { name: 'Chèn', exact: true }).tap()
    await dialog.waitFor({ state: 'detached' })
    await page
      .locator(`[data-session="${evening.id}"] [data-item="${a.item_id}"][data-edited="keep"]`)
      .waitFor()
    const [, , then] = (await schedule(date)).sessions
    assert.equal(then.items[0].item_id, a.item_id)
    session.assertClean()
    await session.close()
  })

  test('what a new session rule would change is seen before it is added', async () => {
    const { district, browser, origin } = at()
    const [, , third] = district.stations
    const rules = async () => (await district.admin.get(`/stations/${third.id}/session-rules`)).items
    const before = await rules()
    const session = await openPage(browser, origin, phone)
    const { page } = session
    await signIn(session, origin, district.adminName, district.adminPassword)
    await page.goto(`${origin}/hours?station=${third.id}&add=rule`)
    await page.getByLabel('Tên buổi phát').fill('Buổi thử')
    await page.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    const preview = page.locator(`[data-preview="${third.id}"]`)
    await preview.locator('summary').click()
    await preview.locator('[data-kind="sessions_added"] li', { hasText: '05:30 Buổi thử' }).first().waitFor()
    await preview.locator('[data-kind="added"] li').first().waitFor()
    await preview.scrollIntoViewIfNeeded()
    await picture(page, 'preview-rule')
    await assertNoSidewaysScroll(page)
    assert.deepEqual(await rules(), before)
    // The form has changed: what was told is not of it any more.
    await page.getByLabel('Tên buổi phát').fill('Buổi thử khác')
    await preview.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Thêm khung giờ' }).click()
    await page.getByText('Đã thêm khung giờ').waitFor()
    const [rule] = (await rules()).filter(({ title }) => title === 'Buổi thử khác')
    assert.ok(rule !== undefined)
    // And what taking it away would cost.
    const row = page.locator('.rule-list li', { hasText: 'Buổi thử khác' })
    await row.getByRole('button', { name: 'Xóa khung giờ' }).click()
    const sure = page.getByRole('dialog')
    await sure.locator('summary', { hasText: /bớt \d+ buổi phát/ }).waitFor()
    await picture(page, 'preview-rule-gone')
    await assertNoSidewaysScroll(page)
    session.assertClean()
    await session.close()
  })

  test('planning anew shows what it would change, and then publishes it', async () => {
    const { browser, origin, openSchedule, station, district } = at()
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await openSchedule(session)
    await page.getByRole('button', { name: 'Lập lại lịch' }).click()
    const drawer = page.getByRole('dialog')
    // Loa has planned already whatever changed: there is nothing new.
    await drawer.locator(`[data-preview="${station.id}"]`).getByText('Lịch không thay đổi.').waitFor()
    await picture(page, 'replan')
    await drawer.getByRole('button', { name: 'Lập lại và phát hành' }).click()
    await page.getByText(/Đã lập lại lịch; bản kê đang dùng là số \d+/).waitFor()
    session.assertClean()
    await session.close()

    // Whoever withdraws an item sees what goes off the air with it, and may leave it.
    const approver = await openPage(browser, origin, phone)
    await signIn(approver, origin, 'phe.duyet', district.passwords['phe.duyet'])
    const { item_id, title } = (await at().schedule()).sessions[0].items[0]
    await approver.page.goto(`${origin}/library/${item_id}`)
    await approver.page.getByRole('button', { name: 'Thu hồi' }).click()
    const dialog = approver.page.getByRole('dialog')
    await toldThatItGoes(approver.page, dialog, title, 'preview-withdraw')
    await dialog.getByRole('button', { name: /Hủy|Huỷ/ }).click()
    assert.equal((await district.admin.get(`/items/${item_id}`)).status, 'approved')
    approver.assertClean()
    await approver.close()
  })

  test('what an edit of an approved item takes off the air is seen before it is saved', async () => {
    const { district, browser, origin } = at()
    const session = await openPage(browser, origin, phone)
    const { page } = session
    await signIn(session, origin, 'bien.tap', district.passwords['bien.tap'])
    const { item_id, title } = (await at().schedule()).sessions[0].items[0]
    await page.goto(`${origin}/library/${item_id}`)
    await page.getByRole('button', { name: /Sửa$/ }).click()
    await page.getByText('Không thời hạn').click()
    await page.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    await toldThatItGoes(page, page, title, 'preview-item')
    assert.equal((await district.admin.get(`/items/${item_id}`)).status, 'approved')
    session.assertClean()
    await session.close()
  })

  test('what a new recording of an approved item takes off the air is seen before the item gets it', async () => {
    const { district, browser, origin } = at()
    const session = await openPage(browser, origin, phone)
    const { page } = session
    await signIn(session, origin, 'bien.tap', district.passwords['bien.tap'])
    const { item_id, title } = (await at().schedule()).sessions[0].items[0]
    const before = await district.admin.get(`/items/${item_id}`)
    await page.goto(`${origin}/library/${item_id}`)
    await page.getByRole('button', { name: 'Thay bản ghi âm' }).click()
    const file = { name: 'ban-moi.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(4096, 1) }
    await page.getByLabel('Tệp âm thanh').setInputFiles(file)
    await toldThatItGoes(page, page, title, 'preview-recording')
    await page.getByRole('button', { name: 'Dùng bản ghi này' }).waitFor()
    await page.getByRole('button', { name: 'Hủy tải lên' }).click()
    await page.getByRole('button', { name: 'Thay bản ghi âm' }).waitFor()
    const after = await district.admin.get(`/items/${item_id}`)
    assert.deepEqual([after.status, after.versions], ['approved', before.versions])
    session.assertClean()
    await session.close()
  })

  test('what another time zone of a station and another place of a unit would change is seen first', async () => {
    const { district, browser, origin, station } = at()
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await signIn(session, origin, district.adminName, district.adminPassword)
    await page.goto(`${origin}/organisation?show=stations`)
    await page.getByRole('button', { name: `Sửa ${station.name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Múi giờ').fill('Asia/Tokyo')
    await page.locator('.ant-select-dropdown:visible').getByTitle('Asia/Tokyo', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    const told = dialog.locator(`[data-preview="${station.id}"]`)
    await told.locator('summary', { hasText: /thêm \d+ buổi phát, bớt \d+ buổi phát/ }).waitFor()
    await picture(page, 'preview-station')
    await dialog.getByRole('button', { name: /Hủy|Huỷ/ }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.equal((await district.admin.get(`/stations/${station.id}`)).time_zone, 'Asia/Ho_Chi_Minh')

    const unit = (await district.admin.get('/units')).items.find(({ id }) => id === station.unit_id)
    await page.goto(`${origin}/organisation`)
    await page.getByRole('button', { name: `Sửa ${unit.name}` }).click()
    const other = page.getByRole('dialog')
    // Nothing was changed in the form.
    await other.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    await other.locator(`[data-preview="${station.id}"]`).getByText('Lịch không thay đổi.').waitFor()
    await other.getByRole('button', { name: /Hủy|Huỷ/ }).click()
    await other.waitFor({ state: 'detached' })

    // The same zone, by a file; what is wrong in the file is told in its place.
    await page.goto(`${origin}/organisation?show=stations`)
    await page.getByRole('button', { name: 'Nhập từ CSV' }).click()
    const file = page.getByRole('dialog')
    const give = async (zone) => {
      await file
        .getByRole('textbox')
        .fill(
          `code,unit_code,name,time_zone,clusters\n${station.code},${unit.code},${station.name},${zone},\n`,
        )
      await file.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    }
    await give('Asia/Nowhere')
    await file.getByText(/dòng 2: /).waitFor()
    session.expectError(/status of 400/)
    await give('Asia/Tokyo')
    await file
      .locator(`[data-preview="${station.id}"] summary`, { hasText: /thêm \d+ buổi phát, bớt \d+ buổi phát/ })
      .waitFor()
    await picture(page, 'preview-import')
    await file.getByRole('button', { name: /Hủy|Huỷ/ }).click()
    await file.waitFor({ state: 'detached' })
    assert.equal((await district.admin.get(`/stations/${station.id}`)).time_zone, 'Asia/Ho_Chi_Minh')
    session.assertClean()
    await session.close()
  })

  test('shortfalls of both months that a week touches say what would help', async () => {
    const { browser, origin, district } = at()
    const [, poor] = district.stations
    const { date } = local(new Date())
    const first = new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1))
    const next = first.toISOString().slice(0, 10)
    // Where the next month begins on a Monday the week before touches only this one; its Sunday's week is as good.
    const day = first.getUTCDay() === 1 ? addDays(next, -1) : next
    const months = first.getUTCDay() === 1 ? 1 : 2
    const session = await openPage(browser, origin, wide)
    const { page } = session
    await signIn(session, origin, district.adminName, district.adminPassword)
    await page.goto(`${origin}/schedule?station=${poor.id}&day=${day}`)
    const entries = page.locator('.shortfalls li')
    await entries.nth(months - 1).waitFor()
    for (let index = 0; index < months; ++index)
      await entries.nth(index).locator('[data-remedy]').first().waitFor()
    session.assertClean()
    await session.close()
  })
}
