import { expect, it } from 'vitest'
import type { OutputCondition } from '@/api/types'
import { millisecondsOf, wordOfFailure, wordOfOutput } from '@/lib/conditions'

const output = (values: Partial<OutputCondition>): OutputCondition => ({
  name: 'mang',
  open: false,
  failures: 0,
  failure: '',
  starts: 0,
  start_error_p50_us: 0,
  start_error_p99_us: 0,
  lost_ms: 0,
  ...values,
})

it('calls an output in trouble only when it is closed and failed, or is closed while something sounds', () => {
  expect(wordOfOutput(output({ open: true }), true)).toBe('delivering')
  expect(wordOfOutput(output({ open: true, failure: 'unavailable' }), false)).toBe('ready')
  expect(wordOfOutput(output({}), false)).toBe('resting')
  expect(wordOfOutput(output({ failure: 'unavailable' }), false)).toBe('failing')
  expect(wordOfOutput(output({}), true)).toBe('failing')
  expect(wordOfFailure('storage')).toBe('storage')
  expect(wordOfFailure('a word of a later version')).toBe('other')
  expect(millisecondsOf(40)).toBe(1)
  expect(millisecondsOf(4_600)).toBe(5)
})
