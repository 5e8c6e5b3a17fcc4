/**
 * Uploads in progress, outside of React: leaving a page does not stop one. One upload an item.
 * What was sent is remembered in localStorage; after a reload, choosing the same file again goes on where it stopped,
 * because the scheduler knows how many bytes it has (tus 1.0).
 */
import { DetailedError, Upload } from 'tus-js-client'
import { addVersion } from '@/api/endpoints'
import { apiPrefix, currentCsrfToken, reportUnauthorized } from '@/api/http'
import { ApiError, networkProblem, parseProblem, problemOf, type Problem } from '@/api/problem'

/** 'sent': the scheduler holds the file, and the item gets it once the person agrees to what that changes. */
export type UploadPhase = 'sending' | 'paused' | 'sent' | 'registering' | 'failed'

export interface UploadState {
  readonly itemId: string
  readonly fileName: string
  readonly bytesTotal: number
  readonly bytesSent: number
  readonly phase: UploadPhase
  readonly problem: Problem | null
  /** What the scheduler calls it; null before it has all of it. */
  readonly uploadId: string | null
}

/** An upload that a reload or a closed browser cut off. */
export interface UnfinishedUpload {
  readonly fileName: string
  readonly bytesTotal: number
  readonly bytesSent: number
  readonly url: string
}

interface Running {
  state: UploadState
  upload: Upload
  onRegistered: () => void
}

/** Below the scheduler's limit of 16 MiB a request. */
const chunkBytes = 4 * 1024 * 1024
const retryMilliseconds = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000]
const keyOf = (itemId: string) => `loa.upload.${itemId}`

const running = new Map<string, Running>()
const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

export function subscribeUploads(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function uploadOf(itemId: string): UploadState | null {
  return running.get(itemId)?.state ?? null
}

export function anyUploadSending(): boolean {
  return [...running.values()].some(({ state }) => state.phase === 'sending')
}

export function unfinishedUpload(itemId: string): UnfinishedUpload | null {
  const text = localStorage.getItem(keyOf(itemId))
  if (text === null) return null
  try {
    return JSON.parse(text) as UnfinishedUpload
  } catch {
    localStorage.removeItem(keyOf(itemId))
    return null
  }
}

export function forgetUnfinished(itemId: string): void {
  localStorage.removeItem(keyOf(itemId))
  tell()
}

function change(itemId: string, part: Partial<UploadState>): void {
  const entry = running.get(itemId)
  if (entry === undefined) return
  entry.state = { ...entry.state, ...part }
  tell()
}

function remember(itemId: string): void {
  const entry = running.get(itemId)
  const url = entry?.upload.url
  if (entry === undefined || url == null) return
  const { fileName, bytesTotal, bytesSent } = entry.state
  const unfinished: UnfinishedUpload = { fileName, bytesTotal, bytesSent, url }
  localStorage.setItem(keyOf(itemId), JSON.stringify(unfinished))
}

function problemOfUpload(error: unknown): Problem {
  if (!(error instanceof DetailedError)) return problemOf(error)
  const response = error.originalResponse
  if (response == null) return networkProblem
  if (response.getStatus() === 401) reportUnauthorized()
  return parseProblem(response.getStatus(), response.getBody())
}

const uploadIdOf = (url: string) =>
  decodeURIComponent(new URL(url, window.location.href).pathname.split('/').pop() ?? '')

async function register(itemId: string, uploadId: string): Promise<void> {
  change(itemId, { phase: 'registering', problem: null })
  try {
    await addVersion(itemId, uploadId)
  } catch (error) {
    change(itemId, { phase: 'failed', problem: problemOf(error) })
    // A 4xx will not pass later with the same upload; a lost connection will.
    if (error instanceof ApiError && error.problem.status >= 400 && error.problem.status < 500) {
      localStorage.removeItem(keyOf(itemId))
    }
    return
  }
  localStorage.removeItem(keyOf(itemId))
  const entry = running.get(itemId)
  running.delete(itemId)
  tell()
  entry?.onRegistered()
}

/**
 * Starts an upload, or goes on with an unfinished one when the file is the same. `onRegistered` is called once the item has it;
 * with `asks` that waits for registerUpload().
 */
export function startUpload(itemId: string, file: File, asks: boolean, onRegistered: () => void): void {
  if (running.get(itemId)?.state.phase === 'sending') return
  const earlier = unfinishedUpload(itemId)
  const sameFile = earlier !== null && earlier.fileName === file.name && earlier.bytesTotal === file.size

  const upload = new Upload(file, {
    endpoint: `${apiPrefix}/uploads`,
    ...(sameFile ? { uploadUrl: earlier.url } : {}),
    chunkSize: chunkBytes,
    retryDelays: retryMilliseconds,
    metadata: { filename: file.name },
    storeFingerprintForResuming: false,
    onBeforeRequest: (request) => {
      request.setHeader('X-CSRF-Token', currentCsrfToken())
    },
    onProgress: (sent) => {
      change(itemId, { bytesSent: sent })
    },
    onChunkComplete: (_size, accepted) => {
      change(itemId, { bytesSent: accepted })
      remember(itemId)
    },
    onAfterResponse: () => {
      remember(itemId)
    },
    onError: (error) => {
      change(itemId, { phase: 'failed', problem: problemOfUpload(error) })
    },
    onSuccess: () => {
      remember(itemId)
      const uploadId = uploadIdOf(upload.url ?? '')
      change(itemId, { phase: 'sent', uploadId })
      if (!asks) void register(itemId, uploadId)
    },
  })
  running.set(itemId, {
    upload,
    onRegistered,
    state: {
      itemId,
      fileName: file.name,
      bytesTotal: file.size,
      bytesSent: sameFile ? earlier.bytesSent : 0,
      phase: 'sending',
      problem: null,
      uploadId: null,
    },
  })
  tell()
  upload.start()
}

export async function pauseUpload(itemId: string): Promise<void> {
  const entry = running.get(itemId)
  if (entry?.state.phase !== 'sending') return
  await entry.upload.abort()
  remember(itemId)
  change(itemId, { phase: 'paused' })
}

export function resumeUpload(itemId: string): void {
  const entry = running.get(itemId)
  if (entry === undefined) return
  const { phase, uploadId } = entry.state
  if (phase !== 'paused' && phase !== 'failed') return
  if (uploadId !== null) {
    void register(itemId, uploadId)
    return
  }
  change(itemId, { phase: 'sending', problem: null })
  entry.upload.start()
}

/** The person agrees: the item gets the recording that was sent. */
export function registerUpload(itemId: string): void {
  const state = running.get(itemId)?.state
  if (state?.phase === 'sent' && state.uploadId !== null) void register(itemId, state.uploadId)
}

/** Stops it and has the scheduler drop what it holds. */
export async function cancelUpload(itemId: string): Promise<void> {
  const entry = running.get(itemId)
  running.delete(itemId)
  localStorage.removeItem(keyOf(itemId))
  tell()
  if (entry === undefined) return
  try {
    await entry.upload.abort(true)
  } catch {
    // The scheduler clears abandoned uploads by itself; there is nothing left for the person to do.
  }
}
