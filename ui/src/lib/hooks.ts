import { useEffect, useState, useSyncExternalStore } from 'react'
import { subscribeUploads, uploadOf, type UploadState } from './upload_store'

export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => window.matchMedia(query).matches,
  )
}

/** A phone or a narrow window: one column, navigation at the bottom. */
export function useNarrow(): boolean {
  return useMediaQuery('(max-width: 860px)')
}

/** No pointer that hovers, or no room beside what it points at. */
export function useTouch(): boolean {
  return useMediaQuery('(hover: none), (max-width: 860px)')
}

export function useDebounced<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), milliseconds)
    return () => window.clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/** The present, renewed often enough for "3 minutes ago". */
export function useNow(everyMilliseconds = 15_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), everyMilliseconds)
    return () => window.clearInterval(timer)
  }, [everyMilliseconds])
  return now
}

export function useUpload(itemId: string): UploadState | null {
  return useSyncExternalStore(subscribeUploads, () => uploadOf(itemId))
}
