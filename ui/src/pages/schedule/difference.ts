import type { PlanChanges } from '@/api/types'

export const drawerNames = ['difference', 'edits', 'why_not'] as const
export type DrawerName = (typeof drawerNames)[number]

export function countOf(changes: PlanChanges): number {
  return changes.added.length + changes.moved.length + changes.removed.length
}
