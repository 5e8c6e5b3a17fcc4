/**
 * The one place that sends requests. Same origin only; the session cookie travels by itself, every write carries the CSRF token.
 * A 401 outside of sign-in is told to one listener (the session provider), which shows the sign-in page.
 */
import { ApiError, networkProblem, parseProblem } from './problem'

export const apiPrefix = '/api/v1'

let csrfToken = ''
let onUnauthorized: () => void = () => undefined

export function setCsrfToken(token: string): void {
  csrfToken = token
}

export function currentCsrfToken(): string {
  return csrfToken
}

export function setUnauthorizedListener(listener: () => void): void {
  onUnauthorized = listener
}

export function reportUnauthorized(): void {
  onUnauthorized()
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  /** A body that is no JSON, with its type. */
  readonly raw?: { readonly type: string; readonly text: string }
  readonly ifMatch?: number | string
  /** The same as it stands in the header. */
  readonly ifMatchTag?: string
  readonly signal?: AbortSignal | undefined
  /** True for sign-in and the first look at the session: their 401 is an answer, not a lost session. */
  readonly quietUnauthorized?: boolean
}

export function urlOf(path: string, query: RequestOptions['query'] = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return apiPrefix + path + (text === '' ? '' : `?${text}`)
}

/** A revision as an entity tag. */
export const tagOf = (revision: number | string): string => `"${revision}"`

export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken
  const tag = options.ifMatch === undefined ? options.ifMatchTag : tagOf(options.ifMatch)
  if (tag !== undefined) headers['If-Match'] = tag

  let body: string | null = null
  if (options.raw !== undefined) {
    headers['Content-Type'] = options.raw.type
    body = options.raw.text
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }

  let response: Response
  let text: string
  try {
    // eslint-disable-next-line no-restricted-globals -- this is that one place
    response = await fetch(urlOf(path, options.query), {
      method,
      headers,
      body,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: options.signal ?? null,
    })
    text = await response.text()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(networkProblem)
  }

  if (!response.ok) {
    if (response.status === 401 && options.quietUnauthorized !== true) onUnauthorized()
    throw new ApiError(parseProblem(response.status, text))
  }
  if (text === '') return undefined as T
  try {
    return JSON.parse(text) as T
  } catch {
    throw new ApiError(parseProblem(response.status, ''))
  }
}

export const get = <T>(path: string, options?: RequestOptions) => request<T>('GET', path, options)
export const post = <T>(path: string, body?: unknown, options?: RequestOptions) =>
  request<T>('POST', path, { ...options, body })
export const patch = <T>(path: string, body: unknown, options?: RequestOptions) =>
  request<T>('PATCH', path, { ...options, body })
export const put = <T>(path: string, body: unknown, options?: RequestOptions) =>
  request<T>('PUT', path, { ...options, body })
export const remove = (path: string, options?: RequestOptions) => request<undefined>('DELETE', path, options)
