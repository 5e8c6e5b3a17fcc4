import type { PlanChanges } from '@/api/types'

export type DrawerName = 'difference' | 'edits' | 'why_not'

export function countOf(changes: PlanChanges): number {
  return changes.added.length + changes.moved.length + changes.removed.length
}
