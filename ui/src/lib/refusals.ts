import type { SessionRefusal } from '@/api/types'

type Group = [SessionRefusal, ...SessionRefusal[]]

/** Those of one rule for one cause together: a rule that runs daily is refused on every weekend for the same reason. */
export function refusalGroups(refusals: readonly SessionRefusal[]): Group[] {
  const groups = new Map<string, Group>()
  for (const refusal of refusals) {
    const key = `${refusal.rule_id}/${refusal.cause}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [refusal])
    else group.push(refusal)
  }
  return [...groups.values()]
}

export type NamedRefusal = SessionRefusal & { readonly session_id: string; readonly starts_at: string }

/** Those that would be sessions: a rule that cannot be read gives none. */
export function refusedSessions(refusals: readonly SessionRefusal[]): NamedRefusal[] {
  return refusals.filter(
    (refusal): refusal is NamedRefusal => refusal.session_id !== null && refusal.starts_at !== null,
  )
}
