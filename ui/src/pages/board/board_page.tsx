/** The compliance board: communes by month against the quota of distinct items, with the proof one click away. */
import { LeftOutlined, RightOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router-dom'
import type { Board, BoardRow } from '@/api/types'
import { useBoard, useStations, useUnits } from '@/app/queries'
import { Answer, Empty, Page } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { useVietnamese } from '@/components/words'
import { useNarrow } from '@/lib/hooks'
import { matches } from '@/lib/text'
import { subtree } from '@/lib/roles'
import { today } from '@/lib/time'
import { BoardCards } from './board_cards'
import { BoardGrid } from './board_grid'
import { BoardLegend } from './board_legend'
import { MonthSummary } from './month_summary'
import '@/styles/board.css'

const EvidenceDrawer = lazy(() => import('./evidence_drawer'))

export function Component() {
  const { t } = useTranslation()
  const vietnamese = useVietnamese()
  const narrow = useNarrow()
  const currentMonth = today().slice(0, 7)
  const [search, setSearch] = useSearchParams()
  const year = search.get('year') ?? currentMonth.slice(0, 4)
  const [unitId, setUnitId] = useState<string>()
  const [text, setText] = useState('')
  const board = useBoard(`${year}-12`, 12)
  const openStation = search.get('station')
  const openMonth = search.get('month')

  const change = (changes: Record<string, string | null>) => {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) after.delete(name)
          else after.set(name, value)
        }
        return after
      },
      { preventScrollReset: true },
    )
  }
  const open = (stationId: string, month: string) => change({ station: stationId, month })
  const rows = useShownRows(board.data, unitId, text)
  const duty = board.data?.obligation

  return (
    <Page
      title={t('board.title')}
      lead={duty == null ? t('board.lead') : vietnamese ? duty.title_vi : duty.title_en}
      actions={
        <div className="year-switch">
          <Button
            icon={<LeftOutlined />}
            aria-label={t('board.year_before')}
            onClick={() => change({ year: String(Number(year) - 1) })}
          />
          <strong aria-live="polite">{t('board.year', { year })}</strong>
          <Button
            icon={<RightOutlined />}
            aria-label={t('board.year_after')}
            onClick={() => change({ year: String(Number(year) + 1) })}
          />
        </div>
      }
    >
      <Answer query={board} rows={10}>
        {(data) => (
          <>
            {data.months.includes(currentMonth) && (
              <MonthSummary month={currentMonth} rows={rows} onOpen={open} />
            )}
            <div className="filters">
              <UnitSelect value={unitId} onChange={setUnitId} placeholder={t('board.all_units')} />
              <Input
                allowClear
                prefix={<SearchOutlined />}
                aria-label={t('board.find')}
                placeholder={t('board.find')}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </div>
            {rows.length === 0 ? (
              <NoRows any={data.rows.length > 0} />
            ) : narrow ? (
              <BoardCards rows={rows} currentMonth={currentMonth} onOpen={open} />
            ) : (
              <BoardGrid months={data.months} rows={rows} currentMonth={currentMonth} onOpen={open} />
            )}
            <BoardLegend />
          </>
        )}
      </Answer>
      {openStation !== null && openMonth !== null && (
        <Suspense fallback={null}>
          <EvidenceDrawer
            stationId={openStation}
            stationName={
              board.data?.rows.find((row) => row.station_id === openStation)?.station_name ?? openStation
            }
            month={openMonth}
            onClose={() => change({ station: null, month: null })}
          />
        </Suspense>
      )}
    </Page>
  )
}

/** Rows below the chosen unit whose names match, in the order of the alphabet. */
function useShownRows(board: Board | undefined, unitId: string | undefined, text: string): BoardRow[] {
  const stations = useStations().data
  const units = useUnits().data
  return useMemo(() => {
    const below = unitId === undefined ? null : subtree(unitId, units ?? [])
    const unitOf = new Map((stations ?? []).map((station) => [station.id, station.unit_id]))
    return (board?.rows ?? [])
      .filter((row) => below === null || below.has(unitOf.get(row.station_id) ?? ''))
      .filter((row) => matches(text, row.station_name, row.unit_name))
      .sort((a, b) => a.station_name.localeCompare(b.station_name, 'vi'))
  }, [board, unitId, text, stations, units])
}

function NoRows({ any }: { readonly any: boolean }) {
  const { t } = useTranslation()
  return any ? (
    <Empty title={t('board.no_match')} hint={t('board.no_match_hint')} />
  ) : (
    <Empty title={t('board.no_stations')} hint={t('board.no_stations_hint')} />
  )
}
