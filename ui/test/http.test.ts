import { beforeEach, describe, expect, test, vi } from 'vitest'
import { get, patch, post, request, setCsrfToken, setUnauthorizedListener } from '@/api/http'
import { ApiError, categoryOf, parseProblem, problemOf } from '@/api/problem'

const sent = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()
const lastCall = () => {
  const call = sent.mock.calls.at(-1)
  if (call === undefined) throw new Error('nothing was sent')
  return { url: call[0], init: call[1], headers: call[1].headers as Record<string, string> }
}
const answer = (status: number, body: unknown) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status })

beforeEach(() => {
  sent.mockReset()
  vi.stubGlobal('fetch', sent)
  setCsrfToken('token-1')
  setUnauthorizedListener(() => undefined)
})

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('requests', () => {
  test('stay on the same origin below /api/v1 and follow no redirect', async () => {
    sent.mockResolvedValue(answer(200, { items: [] }))
    await get('/items', { query: { status: 'draft', q: '', limit: undefined } })
    const { url, init } = lastCall()
    expect(url).toBe('/api/v1/items?status=draft')
    expect(init).toMatchObject({ credentials: 'same-origin', redirect: 'error' })
  })

  test('carry the CSRF token when they write, and only then', async () => {
    sent.mockImplementation(() => Promise.resolve(answer(200, {})))
    await post('/items/a/submit')
    expect(lastCall().headers['X-CSRF-Token']).toBe('token-1')
    expect(lastCall().init.body).toBeNull()
    await get('/items')
    expect(lastCall().headers).not.toHaveProperty('X-CSRF-Token')
  })

  test('name the revision that they change', async () => {
    sent.mockResolvedValue(answer(200, {}))
    await patch('/items/a', { title: 'b' }, { ifMatch: 7 })
    expect(lastCall().headers).toMatchObject({ 'If-Match': '"7"', 'Content-Type': 'application/json' })
  })

  test('take an answer without a body', async () => {
    sent.mockResolvedValue(answer(204, null))
    expect(await request('DELETE', '/session')).toBeUndefined()
  })
})

describe('failures', () => {
  test('of the scheduler keep its words in both languages', async () => {
    sent.mockResolvedValue(
      answer(409, {
        title: 'Conflict',
        title_vi: 'Xung đột',
        detail: 'Changed',
        detail_vi: 'Đã đổi',
        category: 'conflict',
      }),
    )
    const { problem } = await failureOf(post('/items/a/approve', { sha256: '00' }))
    expect(problem).toEqual({
      status: 409,
      category: 'conflict',
      title: 'Conflict',
      titleVi: 'Xung đột',
      detail: 'Changed',
      detailVi: 'Đã đổi',
    })
  })

  test('of the network are a problem too', async () => {
    sent.mockRejectedValue(new TypeError('Failed to fetch'))
    expect(categoryOf((await failureOf(get('/items'))).problem)).toBe('network')
  })

  test('of a proxy that answers in HTML still say what kind they are', () => {
    expect(categoryOf(parseProblem(502, '<html>Bad gateway</html>'))).toBe('unavailable')
    expect(categoryOf(parseProblem(418, ''))).toBe('unexpected')
  })

  test('of other code are shown, not swallowed', () => {
    expect(problemOf(new Error('boom')).title).toBe('boom')
  })

  test('401 tells the session provider, except where it is an answer', async () => {
    const listener = vi.fn()
    setUnauthorizedListener(listener)
    sent.mockImplementation(() => Promise.resolve(answer(401, {})))
    await failureOf(get('/session', { quietUnauthorized: true }))
    expect(listener).not.toHaveBeenCalled()
    await failureOf(get('/items'))
    expect(listener).toHaveBeenCalledOnce()
  })
})
