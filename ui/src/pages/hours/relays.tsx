/** What a unit's stations may relay: sources, each with the consent to exactly what it is. */
import { CheckOutlined, DeleteOutlined, EditOutlined, PlusOutlined, StopOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { approveRelay, deleteRelay, withdrawRelay } from '@/api/endpoints'
import type { RelaySource, Station } from '@/api/types'
import { hoursChanged, useItems, useRelays, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Mark } from '@/components/mark'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { lineage, mayFor } from '@/lib/roles'
import { dateTimeOf } from '@/lib/time'
import { RelayForm } from './relay_form'

export function Relays({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const relays = useRelays(station.unit_id)
  const [edited, setEdited] = useState<RelaySource | 'new' | null>(null)
  const mayAdd = lineage(station.unit_id, units).some((unit) => mayFor(user, 'rules', unit, units))
  return (
    <section className="panel" aria-labelledby="relays-heading">
      <h2 id="relays-heading">{t('relay.title')}</h2>
      <p className="quiet">{t('relay.lead')}</p>
      <Answer query={relays}>
        {(data) =>
          data.length === 0 && edited === null ? (
            <Empty title={t('relay.empty')} hint={t('relay.empty_hint')} />
          ) : (
            <ul className="policy-list">
              {data.map((relay) => (
                <RelayEntry
                  key={relay.id}
                  relay={relay}
                  zone={station.time_zone}
                  mayApprove={mayFor(user, 'approve', relay.unit_id, units)}
                  {...(mayFor(user, 'rules', relay.unit_id, units) && { onEdit: () => setEdited(relay) })}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {edited !== null ? (
        <RelayForm
          key={edited === 'new' ? 'new' : edited.id}
          unit={station.unit_id}
          base={edited === 'new' ? null : edited}
          onDone={() => setEdited(null)}
        />
      ) : (
        mayAdd && (
          <Button icon={<PlusOutlined />} onClick={() => setEdited('new')}>
            {t('relay.add')}
          </Button>
        )
      )}
    </section>
  )
}

interface RelayEntryProps {
  readonly relay: RelaySource
  readonly zone: string
  readonly mayApprove: boolean
  readonly onEdit?: () => void
}

function RelayEntry({ relay, zone, mayApprove, onEdit }: RelayEntryProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const items = useItems('approved', '').data ?? []
  const approve = useMutation({
    mutationFn: () => approveRelay(relay.id, relay.sha256),
    onSuccess: hoursChanged,
  })
  const withdraw = useMutation({ mutationFn: () => withdrawRelay(relay.id), onSuccess: hoursChanged })
  const remove = useMutation({
    mutationFn: () => deleteRelay(relay.id, relay.revision),
    onSuccess: hoursChanged,
  })
  const error = approve.error ?? withdraw.error ?? remove.error
  const standby = items.find(({ id }) => id === relay.standby_item_id)
  return (
    <li className="policy" data-relay-source={relay.id}>
      <h3>
        {relay.name}{' '}
        <Mark tone={relay.approved ? 'good' : 'bad'}>
          {t(relay.approved ? 'relay.approved' : relay.approval === null ? 'relay.new' : 'relay.void')}
        </Mark>
      </h3>
      <p className="quiet">
        {unitName(relay.unit_id)} · {t(`relay.kind_${relay.kind}`)} ·{' '}
        {t('relay.silent_for', { seconds: relay.silence_seconds })}
        {relay.rtpmap !== undefined && <> · {t('relay.rtp_format', { rtpmap: relay.rtpmap })}</>}
      </p>
      <ol className="template-parts relay-addresses">
        {relay.addresses.map((address) => (
          <li key={address}>
            <code>{address}</code>
          </li>
        ))}
        <li>
          {relay.standby_item_id === null
            ? t('relay.no_standby')
            : t('relay.then_item', { title: standby?.title ?? t('relay.unknown_item') })}
        </li>
      </ol>
      {relay.approval !== null && (
        <p className="quiet">
          {t(relay.approved ? 'relay.approved_by' : 'relay.was_approved_by', {
            name: relay.approval.approved_by,
            at: dateTimeOf(relay.approval.approved_at, zone),
          })}
        </p>
      )}
      {error !== null && <ProblemNotice error={error} />}
      <div className="action-buttons">
        {mayApprove && !relay.approved && (
          <Popconfirm
            title={t('relay.approve_sure')}
            okText={t('relay.approve')}
            onConfirm={() => approve.mutate()}
          >
            <Button
              type="primary"
              icon={<CheckOutlined />}
              loading={approve.isPending}
              aria-label={t('relay.approve_name', { name: relay.name })}
            >
              {t('relay.approve')}
            </Button>
          </Popconfirm>
        )}
        {mayApprove && relay.approved && (
          <Button
            icon={<StopOutlined />}
            loading={withdraw.isPending}
            aria-label={t('relay.withdraw_name', { name: relay.name })}
            onClick={() => withdraw.mutate()}
          >
            {t('relay.withdraw')}
          </Button>
        )}
        {onEdit !== undefined && (
          <>
            <Button
              icon={<EditOutlined />}
              aria-label={t('relay.edit_name', { name: relay.name })}
              onClick={onEdit}
            >
              {t('template.edit')}
            </Button>
            <Popconfirm
              title={t('relay.delete_sure')}
              okText={t('template.delete')}
              okButtonProps={{ danger: true }}
              onConfirm={() => remove.mutate()}
            >
              <Button
                danger
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('relay.delete_name', { name: relay.name })}
                loading={remove.isPending}
              />
            </Popconfirm>
          </>
        )}
      </div>
    </li>
  )
}
