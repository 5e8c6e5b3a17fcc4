/** Colour, icon and word always come together, so that colour is never the only sign. */
import type { BoardCell, ItemStatus, Outcome } from '@/api/types'

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'info'

const statusTones: Record<ItemStatus, Tone> = {
  draft: 'idle',
  processing: 'info',
  refused: 'bad',
  ready: 'info',
  submitted: 'warn',
  approved: 'good',
  rejected: 'bad',
  withdrawn: 'idle',
}

export function toneOfStatus(status: ItemStatus): Tone {
  return statusTones[status]
}

export function toneOfOutcome(outcome: Outcome | null): Tone {
  switch (outcome) {
    case 'complete':
      return 'good'
    case 'partial':
      return 'warn'
    case 'missed':
      return 'bad'
    case 'unknown':
      return 'warn'
    default:
      return 'idle'
  }
}

export type BoardWord = 'done' | 'on_track' | 'at_risk' | 'failed' | 'future' | 'none'

/**
 * What a board cell says. The scheduler's "at_risk" means only that the month is not over and the quota not yet full; people want to
 * know whether the plan fills it (nothing to do) or not (someone must act).
 */
export function boardWord(cell: BoardCell, currentMonth: string): BoardWord {
  if (cell.standing === null || cell.required === 0) return 'none'
  if (cell.standing === 'green') return 'done'
  if (cell.standing === 'failed') return 'failed'
  if (cell.completed + cell.planned >= cell.required) return 'on_track'
  return cell.month > currentMonth ? 'future' : 'at_risk'
}

const boardTones: Record<BoardWord, Tone> = {
  done: 'good',
  on_track: 'info',
  at_risk: 'warn',
  failed: 'bad',
  future: 'idle',
  none: 'idle',
}

export function toneOfBoardWord(word: BoardWord): Tone {
  return boardTones[word]
}

export type Liveness = 'live' | 'late' | 'lost' | 'never'

/** An agent reports about once a minute: silent for 5 minutes is late, for an hour is lost. */
export function livenessOf(lastSeenAt: string | null, now: Date): Liveness {
  if (lastSeenAt === null) return 'never'
  const minutes = (now.getTime() - new Date(lastSeenAt).getTime()) / 60_000
  if (minutes < 5) return 'live'
  return minutes < 60 ? 'late' : 'lost'
}

const livenessTones: Record<Liveness, Tone> = { live: 'good', late: 'warn', lost: 'bad', never: 'idle' }

export function toneOfLiveness(liveness: Liveness): Tone {
  return livenessTones[liveness]
}

/** Of a thousand: strangers stay below 200, the right recording is above 900. */
export function toneOfMatch(match: number | null): Tone {
  if (match === null) return 'idle'
  if (match >= 800) return 'good'
  return match >= 500 ? 'warn' : 'bad'
}

export function toneOfHeard(result: 'yes' | 'no' | 'unknown'): Tone {
  if (result === 'yes') return 'good'
  return result === 'no' ? 'bad' : 'idle'
}
