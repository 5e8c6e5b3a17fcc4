/**
 * What a person may do, to decide which buttons are shown. The scheduler decides again on every request
 * (scheduler/model/authorisation.h has the table that counts).
 * A role holds for its unit and all units below it.
 */
import type { Item, Role, Unit, User } from '@/api/types'

export type Ability =
  | 'edit'
  | 'approve'
  | 'withdraw'
  | 'rules'
  | 'plan'
  | 'command'
  | 'speak'
  | 'control'
  | 'administer'
  | 'audit'

const rolesThatMay: Record<Ability, readonly Role[]> = {
  edit: ['editor', 'commune_officer'],
  approve: ['approver'],
  withdraw: ['approver', 'editor', 'commune_officer'],
  rules: ['administrator', 'commune_officer'],
  plan: ['administrator', 'editor', 'commune_officer'],
  command: ['editor', 'approver', 'commune_officer'],
  speak: ['approver'],
  control: ['administrator', 'editor', 'commune_officer'],
  administer: ['administrator'],
  audit: ['administrator', 'inspector'],
}

/** The unit itself, then its parent, up to the root. */
export function lineage(unitId: string, units: readonly Unit[]): string[] {
  const parents = new Map(units.map((unit) => [unit.id, unit.parent_id]))
  const line: string[] = []
  for (let at: string | null | undefined = unitId; at != null && !line.includes(at); at = parents.get(at)) {
    line.push(at)
  }
  return line
}

export function mayAnywhere(user: User, ability: Ability): boolean {
  return user.roles.some((grant) => rolesThatMay[ability].includes(grant.role))
}

export function mayFor(user: User, ability: Ability, unitId: string, units: readonly Unit[]): boolean {
  const line = lineage(unitId, units)
  return user.roles.some(
    (grant) => rolesThatMay[ability].includes(grant.role) && line.includes(grant.unit_id),
  )
}

/** Units for which the person may do it, as they stand in `units`. */
export function unitsFor(user: User, ability: Ability, units: readonly Unit[]): Unit[] {
  return units.filter((unit) => mayFor(user, ability, unit.id, units))
}

/** All ids at or below a unit. */
export function subtree(unitId: string, units: readonly Unit[]): Set<string> {
  return new Set(units.filter((unit) => lineage(unit.id, units).includes(unitId)).map((unit) => unit.id))
}

/** An item is made by who has the right over its unit and its scope, approved over its scope, withdrawn over either. */
export function mayForItem(
  user: User,
  ability: 'edit' | 'approve' | 'withdraw',
  item: Pick<Item, 'unit_id' | 'scope_unit_id'>,
  units: readonly Unit[],
): boolean {
  const overUnit = mayFor(user, ability, item.unit_id, units)
  const overScope = mayFor(user, ability, item.scope_unit_id, units)
  switch (ability) {
    case 'edit':
      return overUnit && overScope
    case 'approve':
      return overScope
    case 'withdraw':
      return overUnit || overScope
  }
}
