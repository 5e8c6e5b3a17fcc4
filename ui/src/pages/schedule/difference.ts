import type { PlanDifference } from '@/api/types'

export type DrawerName = 'difference' | 'edits' | 'why_not'

export function countOf(difference: PlanDifference): number {
  return difference.added.length + difference.moved.length + difference.removed.length
}
