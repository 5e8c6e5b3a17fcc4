export const drawerNames = ['difference', 'replan', 'edits', 'why_not'] as const
export type DrawerName = (typeof drawerNames)[number]
