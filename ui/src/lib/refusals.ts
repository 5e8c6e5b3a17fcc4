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
