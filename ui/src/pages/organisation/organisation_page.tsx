/** Units and the stations below them: made one by one here, or many at once from CSV. */
import {
  ApartmentOutlined,
  EditOutlined,
  ImportOutlined,
  PlusOutlined,
  SearchOutlined,
} from '@ant-design/icons'
import { Button, Input, Segmented } from 'antd'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router-dom'
import type { Station, Unit } from '@/api/types'
import { useStations, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Mark } from '@/components/mark'
import { Answer, Empty, Page } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { lineage, mayFor } from '@/lib/roles'
import { matches } from '@/lib/text'
import { showDate, today } from '@/lib/time'
import { useUnitKindWord } from './unit_kinds'
import '@/styles/organisation.css'

const UnitDialog = lazy(() => import('./unit_dialog'))
const StationDialog = lazy(() => import('./station_dialog'))
const ImportDialog = lazy(() => import('./import_dialog'))

type Kind = 'units' | 'stations'
type Open =
  | { readonly what: 'import'; readonly kind: Kind }
  | { readonly what: 'unit'; readonly unit: Unit | null; readonly parent?: string }
  | { readonly what: 'station'; readonly station: Station | null; readonly unit?: string }

export function Component() {
  const { t } = useTranslation()
  const units = useUnits()
  const stations = useStations()
  const [search, setSearch] = useSearchParams()
  const kind: Kind = search.get('show') === 'stations' ? 'stations' : 'units'
  const [text, setText] = useState('')
  const [open, setOpen] = useState<Open | null>(null)
  const close = () => setOpen(null)

  return (
    <Page
      title={t('organisation.title')}
      lead={t('organisation.lead')}
      actions={
        <>
          <Button icon={<ImportOutlined />} onClick={() => setOpen({ what: 'import', kind })}>
            {t('organisation.import')}
          </Button>
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() =>
              setOpen(kind === 'units' ? { what: 'unit', unit: null } : { what: 'station', station: null })
            }
          >
            {t(`organisation.add_${kind}`)}
          </Button>
        </>
      }
    >
      <div className="filters">
        <Segmented<Kind>
          className="kind-switch"
          aria-label={t('organisation.show')}
          value={kind}
          onChange={(show) => setSearch({ show }, { replace: true })}
          options={[
            { value: 'units', label: t('organisation.units', { count: units.data?.length ?? 0 }) },
            { value: 'stations', label: t('organisation.stations', { count: stations.data?.length ?? 0 }) },
          ]}
        />
        <Input
          allowClear
          prefix={<SearchOutlined />}
          aria-label={t('organisation.find')}
          placeholder={t('organisation.find')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Answer query={units} rows={8}>
        {(known) =>
          kind === 'units' ? (
            <UnitList units={known} text={text} onOpen={setOpen} />
          ) : (
            <Answer query={stations} rows={8}>
              {(data) => <StationList stations={data} units={known} text={text} onOpen={setOpen} />}
            </Answer>
          )
        }
      </Answer>
      <Suspense fallback={null}>
        {open?.what === 'unit' && (
          <UnitDialog unit={open.unit} {...(open.parent && { parent: open.parent })} onClose={close} />
        )}
        {open?.what === 'station' && (
          <StationDialog
            station={open.station}
            {...(open.unit !== undefined && { unit: open.unit })}
            onClose={close}
          />
        )}
        {open?.what === 'import' && <ImportDialog initial={open.kind} onClose={close} />}
      </Suspense>
    </Page>
  )
}

/** Depth first, as the tree stands, names in Vietnamese order. */
function inTreeOrder(units: readonly Unit[]): { unit: Unit; depth: number }[] {
  const known = new Set(units.map(({ id }) => id))
  const rows: { unit: Unit; depth: number }[] = []
  const walk = (parent: string | null, depth: number) => {
    units
      .filter((unit) =>
        parent === null ? unit.parent_id === null || !known.has(unit.parent_id) : unit.parent_id === parent,
      )
      .sort((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true }))
      .forEach((unit) => {
        rows.push({ unit, depth })
        walk(unit.id, depth + 1)
      })
  }
  walk(null, 0)
  return rows
}

interface UnitListProps {
  readonly units: readonly Unit[]
  readonly text: string
  readonly onOpen: (open: Open) => void
}

function UnitList({ units, text, onOpen }: UnitListProps) {
  const { t } = useTranslation()
  const user = useUser()
  const kindWord = useUnitKindWord()
  const rows = useMemo(() => inTreeOrder(units), [units])
  const shown = rows.filter(({ unit }) => matches(text, unit.name, unit.code))
  if (shown.length === 0) return <Empty icon={<ApartmentOutlined />} title={t('board.no_match')} />
  const now = today()
  return (
    <ul className="panel panel-flush org-list">
      {shown.map(({ unit, depth }) => {
        const mayChange = mayFor(user, 'administer', unit.id, units)
        return (
          <li
            key={unit.id}
            style={{ '--depth': text === '' ? Math.min(depth, 4) : 0 } as React.CSSProperties}
            data-unit={unit.code}
          >
            <div className="org-name">
              <strong>{unit.name}</strong>
              <span className="quiet">
                {kindWord(unit.kind)} · {unit.code}
              </span>
            </div>
            <div className="org-dates">
              {unit.valid_until !== null && unit.valid_until < now ? (
                <Mark tone="idle">{t('organisation.over', { date: showDate(unit.valid_until) })}</Mark>
              ) : unit.valid_from > now ? (
                <Mark tone="info">{t('common.from_day', { from: showDate(unit.valid_from) })}</Mark>
              ) : (
                <span className="quiet">
                  {unit.valid_until === null
                    ? t('common.from_day', { from: showDate(unit.valid_from) })
                    : t('common.days', {
                        from: showDate(unit.valid_from),
                        until: showDate(unit.valid_until),
                      })}
                </span>
              )}
            </div>
            <div className="org-buttons">
              {mayChange && (
                <>
                  <Button
                    icon={<EditOutlined />}
                    aria-label={t('organisation.edit_name', { name: unit.name })}
                    onClick={() => onOpen({ what: 'unit', unit })}
                  >
                    {t('item.edit')}
                  </Button>
                  <Button
                    icon={<PlusOutlined />}
                    aria-label={t('organisation.add_below_name', { name: unit.name })}
                    onClick={() => onOpen({ what: 'unit', unit: null, parent: unit.id })}
                  >
                    {t('organisation.add_below')}
                  </Button>
                </>
              )}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

interface StationListProps extends UnitListProps {
  readonly stations: readonly Station[]
}

function StationList({ stations, units, text, onOpen }: StationListProps) {
  const { t } = useTranslation()
  const user = useUser()
  const unitName = useUnitNames()
  const shown = stations
    .filter((station) => matches(text, station.name, station.code, unitName(station.unit_id)))
    .sort((a, b) => a.name.localeCompare(b.name, 'vi', { numeric: true }))
  if (shown.length === 0) {
    return (
      <Empty
        title={stations.length === 0 ? t('stations.empty') : t('board.no_match')}
        hint={stations.length === 0 && t('organisation.empty_hint')}
      />
    )
  }
  return (
    <ul className="panel panel-flush org-list">
      {shown.map((station) => (
        <li key={station.id} data-station-code={station.code}>
          <div className="org-name">
            <strong>{station.name}</strong>
            <span className="quiet">
              {lineage(station.unit_id, units)
                .slice(0, 2)
                .map((id) => unitName(id))
                .join(', ')}
              {' · '}
              {station.code}
            </span>
          </div>
          <div className="org-dates quiet">
            {station.clusters.length === 0
              ? t('stations.no_clusters')
              : t('stations.cluster_count', {
                  clusters: station.clusters.length,
                  speakers: station.clusters.reduce((sum, cluster) => sum + cluster.speakers, 0),
                })}
          </div>
          <div className="org-buttons">
            {mayFor(user, 'administer', station.unit_id, units) && (
              <Button
                icon={<EditOutlined />}
                aria-label={t('organisation.edit_name', { name: station.name })}
                onClick={() => onOpen({ what: 'station', station })}
              >
                {t('item.edit')}
              </Button>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}
