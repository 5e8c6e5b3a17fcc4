import { cleanup } from '@testing-library/react'
import { afterEach, beforeAll, vi } from 'vitest'
import { startTranslation } from '@/i18n'

// jsdom has no layout: what Ant Design asks of it is answered here. Tests of files run without a window.
if (typeof window !== 'undefined') {
  Object.defineProperty(window, 'matchMedia', {
    value: (query: string) => ({
      matches: false,
      media: query,
      addEventListener: vi.fn(),
      removeEventListener: vi.fn(),
      addListener: vi.fn(),
      removeListener: vi.fn(),
    }),
  })
  const styleOf = window.getComputedStyle.bind(window)
  window.getComputedStyle = (element) => styleOf(element)
  window.ResizeObserver = class {
    observe = vi.fn()
    unobserve = vi.fn()
    disconnect = vi.fn()
  }
}

beforeAll(async () => {
  if (typeof window !== 'undefined') await startTranslation()
})
afterEach(() => {
  cleanup()
  if (typeof window !== 'undefined') localStorage.clear()
})
