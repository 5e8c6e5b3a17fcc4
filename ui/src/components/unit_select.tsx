import { TreeSelect } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Unit } from '@/api/types'
import { useUnits } from '@/app/queries'
import { matches } from '@/lib/text'

interface Node {
  value: string
  title: string
  disabled: boolean
  children: Node[]
}

/** The units as a tree; a unit whose parent is not among them stands at the top. */
function treeOf(units: readonly Unit[], allowed: ReadonlySet<string> | null): Node[] {
  const known = new Set(units.map((unit) => unit.id))
  const below = (parent: string | null): Node[] =>
    units
      .filter((unit) =>
        parent === null ? unit.parent_id === null || !known.has(unit.parent_id) : unit.parent_id === parent,
      )
      .map((unit) => ({
        value: unit.id,
        title: unit.name,
        disabled: allowed !== null && !allowed.has(unit.id),
        children: below(unit.id),
      }))
  return below(null)
}

interface UnitSelectProps {
  readonly value?: string | undefined
  readonly onChange?: (unitId: string | undefined) => void
  readonly placeholder?: string
  readonly id?: string
  readonly allowClear?: boolean
  /** Only these may be chosen; null: any. */
  readonly allowed?: ReadonlySet<string> | null
}

export function UnitSelect({
  value,
  onChange,
  placeholder,
  id,
  allowClear = true,
  allowed = null,
}: UnitSelectProps) {
  const { t } = useTranslation()
  const { data, isPending } = useUnits()
  const tree = useMemo(() => treeOf(data ?? [], allowed), [data, allowed])
  return (
    <TreeSelect
      {...(id !== undefined && { id })}
      className="unit-select"
      aria-label={placeholder ?? t('common.unit')}
      value={value ?? null}
      onChange={(chosen: string | null | undefined) => onChange?.(chosen ?? undefined)}
      treeData={tree}
      treeDefaultExpandAll
      showSearch
      allowClear={allowClear}
      loading={isPending}
      placeholder={placeholder ?? t('common.choose_unit')}
      filterTreeNode={(wanted, node) => matches(wanted, typeof node.title === 'string' ? node.title : '')}
    />
  )
}
