/** The stations: which are heard from, whether they hold the newest bundle, and what their logs lack. */
import { KeyOutlined, SearchOutlined, SoundOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router-dom'
import type { Agent, Station } from '@/api/types'
import { useAgents, useStations } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, Page, ProblemNotice } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { useNow } from '@/lib/hooks'
import { mayAnywhere } from '@/lib/roles'
import { matches } from '@/lib/text'
import { livenessOf, type Liveness } from '@/lib/tones'
import { StationCard } from './station_card'
import '@/styles/stations.css'

const EnrolDialog = lazy(() => import('./enrol_dialog'))
const ControlDialog = lazy(() => import('./control_dialog'))
const RulesDrawer = lazy(() => import('./rules_drawer'))

/** Those that need someone come first. */
const ranks: Record<Liveness, number> = { lost: 0, late: 1, never: 2, live: 3 }

export function Component() {
  const { t } = useTranslation()
  const user = useUser()
  const stations = useStations()
  const agents = useAgents()
  const unitName = useUnitNames()
  const now = useNow()
  const [text, setText] = useState('')
  const [enrolling, setEnrolling] = useState<string[] | null>(null)
  const [search, setSearch] = useSearchParams()
  const rulesOf = stations.data?.find((station) => station.id === search.get('rules'))
  const [controlling, setControlling] = useState<Station | null>(null)
  const controls = mayAnywhere(user, 'control') || mayAnywhere(user, 'command')
  const administers = mayAnywhere(user, 'administer')

  const shown = useMemo(
    () =>
      (stations.data ?? [])
        .filter((station) => matches(text, station.name, station.code, unitName(station.unit_id)))
        .sort(
          (a, b) =>
            ranks[livenessOf(a.last_seen_at, now)] - ranks[livenessOf(b.last_seen_at, now)] ||
            a.name.localeCompare(b.name, 'vi'),
        ),
    [stations.data, text, unitName, now],
  )
  const agentOf = (station: Station): Agent | undefined =>
    agents.data?.find((agent) => agent.id === station.agent_id)

  return (
    <Page
      title={t('stations.title')}
      lead={t('stations.lead')}
      actions={
        administers && (
          <Button type="primary" icon={<KeyOutlined />} onClick={() => setEnrolling([])}>
            {t('stations.enrol')}
          </Button>
        )
      }
    >
      {agents.error !== null && <ProblemNotice error={agents.error} onRetry={() => void agents.refetch()} />}
      <Answer query={stations} rows={8}>
        {(data) =>
          data.length === 0 ? (
            <Empty icon={<SoundOutlined />} title={t('stations.empty')} hint={t('stations.empty_hint')} />
          ) : (
            <>
              <div className="filters">
                <Input
                  allowClear
                  prefix={<SearchOutlined />}
                  aria-label={t('stations.find')}
                  placeholder={t('stations.find')}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              </div>
              {shown.length === 0 ? (
                <Empty title={t('board.no_match')} />
              ) : (
                <ul className="station-list">
                  {shown.map((station) => (
                    <StationCard
                      key={station.id}
                      station={station}
                      agent={agentOf(station)}
                      now={now}
                      onRules={() => setSearch({ rules: station.id }, { preventScrollReset: true })}
                      {...(controls && { onControl: () => setControlling(station) })}
                      {...(administers && { onEnrol: () => setEnrolling([station.id]) })}
                    />
                  ))}
                </ul>
              )}
            </>
          )
        }
      </Answer>
      <Suspense fallback={null}>
        {enrolling !== null && (
          <EnrolDialog
            stations={stations.data ?? []}
            initial={enrolling}
            onClose={() => setEnrolling(null)}
          />
        )}
        {controlling !== null && <ControlDialog station={controlling} onClose={() => setControlling(null)} />}
        {rulesOf !== undefined && (
          <RulesDrawer station={rulesOf} onClose={() => setSearch({}, { preventScrollReset: true })} />
        )}
      </Suspense>
    </Page>
  )
}
