/** What an output's figures mean to who answers for the station. */
import type { OutputCondition } from '@/api/types'
import type { Tone } from './tones'

export type OutputWord = 'delivering' | 'ready' | 'failing' | 'resting'

/** Outputs rest between sessions, and may close then: only one that failed last and is closed is in trouble. */
export function wordOfOutput(output: OutputCondition, playing: boolean): OutputWord {
  if (output.open) return playing ? 'delivering' : 'ready'
  return output.failure === '' && !playing ? 'resting' : 'failing'
}

export const toneOfOutput: Record<OutputWord, Tone> = {
  delivering: 'good',
  ready: 'good',
  failing: 'bad',
  resting: 'idle',
}

const knownFailures = [
  'unavailable',
  'unauthorized',
  'forbidden',
  'not-found',
  'storage',
  'invalid-input',
] as const
export type KnownFailure = (typeof knownFailures)[number] | 'other'
export const wordOfFailure = (failure: string): KnownFailure =>
  knownFailures.find((known) => known === failure) ?? 'other'

/** Nobody hears a tenth of a second; beyond, the neighbour's loudspeakers are heard to be apart. */
export const onTimeWithin = 100_000

/** Milliseconds as people say them: under one is "under 1". */
export const millisecondsOf = (microseconds: number): number => Math.max(1, Math.round(microseconds / 1000))
