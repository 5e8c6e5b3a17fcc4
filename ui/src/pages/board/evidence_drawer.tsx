/** The proof behind one number: each item, and every line of the airing log that speaks of it. */
import { Drawer, Progress } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import type { Evidence, EvidenceAiring, EvidenceItem } from '@/api/types'
import { useEvidence, useStations } from '@/app/queries'
import { HashText } from '@/components/hash_text'
import { Mark } from '@/components/mark'
import { Answer, Empty } from '@/components/page'
import { useReasonWord } from '@/components/reason_word'
import { useBilingual, useTopicNames } from '@/components/words'
import { useNarrow } from '@/lib/hooks'
import {
  dateOf,
  defaultZone,
  framesToMilliseconds,
  showDuration,
  showMonth,
  timeWithSecondsOf,
} from '@/lib/time'
import { toneOfOutcome } from '@/lib/tones'
import { ProofLine } from './proof_line'

interface EvidenceDrawerProps {
  readonly stationId: string
  readonly stationName: string
  readonly month: string
  readonly onClose: () => void
}

export default function EvidenceDrawer({ stationId, stationName, month, onClose }: EvidenceDrawerProps) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const evidence = useEvidence(stationId, month)
  const zone = useStations().data?.find((station) => station.id === stationId)?.time_zone ?? defaultZone
  return (
    <Drawer
      open
      width={narrow ? '100%' : 720}
      title={
        <>
          {t('evidence.title', { station: stationName })}
          <div className="drawer-sub">{t('evidence.month', { month: showMonth(month) })}</div>
        </>
      }
      onClose={onClose}
    >
      <Answer query={evidence}>{(data) => <EvidenceList evidence={data} zone={zone} />}</Answer>
    </Drawer>
  )
}

function EvidenceList({ evidence, zone }: { readonly evidence: Evidence; readonly zone: string }) {
  const { t } = useTranslation()
  const { completed, required, items } = evidence
  const full = completed >= required
  return (
    <>
      <div className="evidence-head">
        <Progress
          type="circle"
          size={84}
          percent={required === 0 ? 100 : Math.min(100, (100 * completed) / required)}
          status={full ? 'success' : 'normal'}
          format={() => `${completed}/${required}`}
        />
        <p>
          <strong>
            {full ? t('evidence.full') : t('evidence.lacking', { count: required - completed })}
          </strong>
          <br />
          <span className="quiet">{t('evidence.how_counted')}</span>
        </p>
      </div>
      {items.length === 0 ? (
        <Empty title={t('evidence.empty')} hint={t('evidence.empty_hint')} />
      ) : (
        items.map((item) => <ItemEvidence key={item.item_id} item={item} zone={zone} />)
      )}
    </>
  )
}

function ItemEvidence({ item, zone }: { readonly item: EvidenceItem; readonly zone: string }) {
  const { t } = useTranslation()
  const topicName = useTopicNames()
  const counts = item.completed ?? item.airings.some((airing) => airing.counts)
  return (
    <section className="evidence-item">
      <header>
        <h3>
          <Link to={`/library/${item.item_id}`}>{item.title}</Link>
        </h3>
        {counts ? (
          <Mark tone="good">{t('evidence.item_counts')}</Mark>
        ) : (
          <Mark tone="idle">{t('evidence.item_not_yet')}</Mark>
        )}
      </header>
      <p className="quiet">
        {item.topics.map(topicName).join(' · ')}
        {item.approved_by_name !== '' && (
          <>
            <br />
            {t('evidence.approved_by', { name: item.approved_by_name })}
          </>
        )}
      </p>
      <ol className="airings">
        {item.airings.map((airing) => (
          <AiringLine key={`${airing.agent_id}/${airing.sequence}`} airing={airing} zone={zone} />
        ))}
      </ol>
    </section>
  )
}

function AiringLine({ airing, zone }: { readonly airing: EvidenceAiring; readonly zone: string }) {
  const { t } = useTranslation()
  const reasonWord = useReasonWord()
  const say = useBilingual()
  const start = airing.started_at ?? airing.planned_start
  return (
    <li className={airing.counts ? 'airing airing-counts' : 'airing'}>
      <div className="airing-when">
        <strong>{timeWithSecondsOf(start, zone)}</strong>
        <span className="quiet">{dateOf(start, zone)}</span>
      </div>
      <div className="airing-what">
        <div className="airing-line">
          <Mark tone={toneOfOutcome(airing.outcome)}>{t(`outcome.${airing.outcome}`)}</Mark>
          <span>{t('evidence.output', { output: airing.output })}</span>
        </div>
        <div className="quiet">
          {t('evidence.sounded', {
            time: showDuration(framesToMilliseconds(airing.frames)),
            planned: showDuration(framesToMilliseconds(airing.frames_planned)),
          })}
          <span className="frames">
            {t('evidence.frames', { frames: airing.frames, planned: airing.frames_planned })}
          </span>
        </div>
        <ProofLine airing={airing} />
        {airing.reason !== '' && <div className="airing-reason">{reasonWord(airing.reason)}</div>}
        <div className="airing-line">
          <span className={airing.counts ? 'counts-yes' : 'quiet'}>
            {airing.counts ? t('evidence.counts') : t(`evidence.not_counted.${whyNot(airing)}`)}
            {airing.why !== undefined && <span className="airing-why">{say(airing.why)}</span>}
          </span>
        </div>
        <div className="airing-line quiet">
          {t('evidence.log_line', { sequence: airing.sequence })} <HashText hash={airing.hash} />
        </div>
      </div>
    </li>
  )
}

function whyNot(airing: EvidenceAiring): 'partial' | 'missed' | 'unknown' | 'other' {
  return airing.outcome === 'complete' ? 'other' : airing.outcome
}
