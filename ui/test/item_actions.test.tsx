import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { MemoryRouter } from 'react-router-dom'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Item, ItemStatus, PlanPreview, Role, Session } from '@/api/types'
import { queryClient } from '@/app/query_client'
import { SessionProvider, useSession } from '@/app/session'
import { noPlayRules } from '@/lib/play_rules'
import { ItemActions } from '@/pages/library/item_actions'

const sha256 = 'ab'.repeat(32)
const units = [
  {
    id: 'ward',
    parent_id: null,
    code: 'w',
    name: 'Ward',
    kind: 'ward',
    valid_from: '2020-01-01',
    valid_until: null,
  },
]

const itemWith = (status: ItemStatus): Item => ({
  id: 'item-1',
  revision: 1,
  title: 'Item',
  unit_id: 'ward',
  scope_unit_id: 'ward',
  script: '',
  topics: [],
  valid_from: '2026-01-01',
  valid_until: null,
  priority: 'NORMAL',
  status,
  reason: '',
  current_version: 1,
  versions: [
    {
      number: 1,
      upload_id: 'u',
      source_name: 'a.mp3',
      sha256,
      frames: 48_000,
      duration_ms: 1000,
      integrated_lufs: -16,
      true_peak_dbtp: -2,
      peaks: [],
      warnings: [],
      refusal: null,
      created_at: '2026-01-01T00:00:00.000000Z',
    },
  ],
  refusal: null,
  approval: null,
  play_rules: noPlayRules,
  created_by: 'u',
  created_at: '2026-01-01T00:00:00.000000Z',
})

const place = {
  session_id: 's',
  session_title: 'Buổi sáng',
  local_date: '2026-12-01',
  starts_at: '2026-11-30T22:30:00.000000Z',
  duration_ms: 60_000,
}
const preview: PlanPreview = {
  concerned: 14,
  stations: [
    {
      station_id: 'st',
      station_name: 'Đài một',
      time_zone: 'Asia/Ho_Chi_Minh',
      sessions_added: [],
      sessions_removed: [],
      added: [
        {
          item_id: 'item-1',
          title: 'Item',
          reason: { vi: 'Cho chỉ tiêu', en: 'Duty' },
          from: null,
          to: place,
        },
      ],
      moved: [],
      removed: [],
      shortfalls_added: [],
      shortfalls_removed: [],
    },
  ],
}

const sent = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()

function signedInAs(role: Role): void {
  const session: Session = {
    user: {
      id: 'u',
      username: 'u',
      full_name: 'Lê Văn Duyệt',
      roles: [{ role, unit_id: 'ward' }],
      active: true,
      created_at: '2026-01-01T00:00:00.000000Z',
    },
    csrf_token: 't',
    expires_at: '2027-01-01T00:00:00.000000Z',
  }
  const answers: Readonly<Record<string, unknown>> = {
    '/api/v1/session': session,
    '/api/v1/plan/preview': preview,
  }
  sent.mockImplementation((url) =>
    Promise.resolve(new Response(JSON.stringify(answers[url] ?? itemWith('approved')))),
  )
}

function WhenSignedIn({ item }: { readonly item: Item }) {
  return useSession().state === 'signed_in' ? <ItemActions item={item} units={units} heard={0.1} /> : null
}

async function show(role: Role, status: ItemStatus): Promise<void> {
  signedInAs(role)
  render(
    <App>
      <QueryClientProvider client={queryClient}>
        <SessionProvider>
          <MemoryRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
            <WhenSignedIn item={itemWith(status)} />
          </MemoryRouter>
        </SessionProvider>
      </QueryClientProvider>
    </App>,
  )
  await screen.findByRole('heading')
}
const buttons = () => screen.queryAllByRole('button').map((button) => button.textContent.trim())

beforeEach(() => {
  queryClient.clear()
  localStorage.setItem('loa.signed_in', 'yes')
  sent.mockReset()
  vi.stubGlobal('fetch', sent)
})

describe('what may be done with an item', () => {
  test.each<[Role, ItemStatus, string[]]>([
    ['editor', 'ready', ['Trình duyệt', 'Thu hồi']],
    ['editor', 'submitted', ['Thu hồi']],
    ['commune_officer', 'rejected', ['Trình duyệt', 'Thu hồi']],
    ['approver', 'ready', ['Thu hồi']],
    ['approver', 'submitted', ['Duyệt phát', 'Trả lại', 'Thu hồi']],
    ['approver', 'withdrawn', []],
    ['administrator', 'submitted', []],
    ['inspector', 'submitted', []],
  ])('%s, %s: %j', async (role, status, expected) => {
    await show(role, status)
    expect(buttons()).toEqual(expected)
  })

  test('Promise 1: an approval needs the word that someone listened, and names the exact audio', async () => {
    const person = userEvent.setup()
    await show('approver', 'submitted')
    await person.click(screen.getByRole('button', { name: /Duyệt phát/ }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog.textContent).toContain(sha256.slice(0, 12))
    expect(dialog.textContent).toContain('Lê Văn Duyệt')
    expect(dialog.textContent).toContain('10%')
    // What the approval would put on air stands there before it is given; nothing was approved to find it.
    await screen.findByText('Đài một: thêm 1 lượt phát')
    expect(dialog.textContent).toContain('01/12 05:30 Buổi sáng')
    expect(dialog.textContent).toContain('Còn 13 đài khác')
    const change = { method: 'POST', path: '/items/item-1/approve', body: { sha256 } }
    const asked = sent.mock.calls.find(([url]) => url === '/api/v1/plan/preview')
    expect(asked?.[1].body).toBe(JSON.stringify({ change }))
    expect(sent.mock.calls.some(([url]) => url === '/api/v1/items/item-1/approve')).toBe(false)

    const confirm = screen.getAllByRole('button', { name: /Duyệt phát/ }).at(-1)
    if (confirm === undefined) throw new Error('no button to confirm')
    expect((confirm as HTMLButtonElement).disabled).toBe(true)
    await person.click(screen.getByRole('checkbox'))
    await person.click(confirm)
    await waitFor(() => {
      const approval = sent.mock.calls.find(([url]) => url === '/api/v1/items/item-1/approve')
      expect(approval?.[1].body).toBe(JSON.stringify({ sha256 }))
    })
  })
})
