/** What may be done next with an item, by whoever is signed in; and who has answered for it. */
import { CheckOutlined, CloseOutlined, SendOutlined, StopOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Checkbox, Input, Modal } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router-dom'
import {
  approveItem,
  itemApproved,
  itemWithdrawn,
  rejectItem,
  submitItem,
  withdrawItem,
} from '@/api/endpoints'
import type { Item, Unit } from '@/api/types'
import { itemChanged } from '@/app/queries'
import { useUser } from '@/app/session'
import { HashText } from '@/components/hash_text'
import { ProblemNotice } from '@/components/page'
import { PlanPreview } from '@/components/plan_preview'
import { mayForItem } from '@/lib/roles'
import { dateTimeOf, showDuration } from '@/lib/time'

type Dialog = 'approve' | 'reject' | 'withdraw'

interface ItemActionsProps {
  readonly item: Item
  readonly units: readonly Unit[]
  readonly heard: number
}

export function ItemActions({ item, units, heard }: ItemActionsProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const submit = useMutation({
    mutationFn: () => submitItem(item.id),
    onSuccess: async () => {
      await itemChanged(item.id)
      void message.success(t('action.submitted'))
    },
  })
  const mayEdit = mayForItem(user, 'edit', item, units)
  const mayApprove = mayForItem(user, 'approve', item, units)
  const mayWithdraw = mayForItem(user, 'withdraw', item, units) && item.status !== 'withdrawn'
  const { status } = item

  return (
    <section className="panel next-step" aria-label={t('action.next')}>
      <h2>{t('action.next')}</h2>
      <p>{t(`next.${status}`)}</p>
      {(status === 'rejected' || status === 'withdrawn') && item.reason !== '' && (
        <blockquote className="decision">{item.reason}</blockquote>
      )}
      {item.approval !== null && status === 'approved' && (
        <p className="approval">
          {t('action.approved_by')} <strong>{item.approval.approved_by_name}</strong>
          <br />
          <span className="quiet">
            {dateTimeOf(item.approval.approved_at)} · {t('action.bound_to')}{' '}
            <HashText hash={item.approval.sha256} />
          </span>
        </p>
      )}
      {submit.error !== null && <ProblemNotice error={submit.error} />}
      <div className="action-buttons">
        {mayEdit && (status === 'ready' || status === 'rejected') && item.versions.at(-1)?.sha256 != null && (
          <Button
            type="primary"
            size="large"
            icon={<SendOutlined />}
            loading={submit.isPending}
            onClick={() => submit.mutate()}
          >
            {t('action.submit')}
          </Button>
        )}
        {mayApprove && status === 'submitted' && (
          <>
            <Button type="primary" size="large" icon={<CheckOutlined />} onClick={() => setDialog('approve')}>
              {t('action.approve')}
            </Button>
            <Button size="large" danger icon={<CloseOutlined />} onClick={() => setDialog('reject')}>
              {t('action.reject')}
            </Button>
          </>
        )}
        {status === 'approved' && (
          <Link to="/schedule">
            <Button size="large">{t('action.see_schedule')}</Button>
          </Link>
        )}
        {mayWithdraw && status !== 'draft' && (
          <Button type="text" danger icon={<StopOutlined />} onClick={() => setDialog('withdraw')}>
            {t('action.withdraw')}
          </Button>
        )}
      </div>
      {dialog === 'approve' && <ApproveDialog item={item} heard={heard} onClose={() => setDialog(null)} />}
      {(dialog === 'reject' || dialog === 'withdraw') && (
        <ReasonDialog item={item} kind={dialog} onClose={() => setDialog(null)} />
      )}
    </section>
  )
}

interface DialogProps {
  readonly item: Item
  readonly onClose: () => void
}

/** The approval is bound to the exact audio that is shown here. */
function ApproveDialog({ item, heard, onClose }: DialogProps & { readonly heard: number }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const [listened, setListened] = useState(false)
  const version = item.versions.at(-1)
  const sha256 = version?.sha256 ?? ''
  const approve = useMutation({
    mutationFn: () => approveItem(item.id, sha256),
    onSuccess: async () => {
      await itemChanged(item.id)
      void message.success(t('action.approved'))
      onClose()
    },
  })
  const percent = Math.round(heard * 100)
  return (
    <Modal
      open
      title={t('action.approve_title')}
      okText={t('action.approve')}
      okButtonProps={{ disabled: !listened }}
      confirmLoading={approve.isPending}
      onOk={() => approve.mutate()}
      onCancel={onClose}
    >
      {approve.error !== null && <ProblemNotice error={approve.error} />}
      <dl className="facts">
        <div>
          <dt>{t('item.title')}</dt>
          <dd>{item.title}</dd>
        </div>
        <div>
          <dt>{t('action.recording')}</dt>
          <dd>
            {version?.source_name} · {showDuration(version?.duration_ms ?? 0)}
          </dd>
        </div>
        <div>
          <dt>{t('action.sha')}</dt>
          <dd>
            <HashText hash={sha256} />
          </dd>
        </div>
        <div>
          <dt>{t('action.approver')}</dt>
          <dd>{user.full_name}</dd>
        </div>
      </dl>
      <p className={percent >= 95 ? 'note tone-good' : 'note tone-warn'}>
        {percent >= 95 ? t('action.heard_all') : t('action.heard_part', { percent })}
      </p>
      <Checkbox checked={listened} onChange={(event) => setListened(event.target.checked)}>
        {t('action.listened')}
      </Checkbox>
      <p className="quiet">{t('action.approve_note')}</p>
      <h3>{t('preview.title')}</h3>
      <PlanPreview
        asked={{ change: itemApproved(item.id, sha256) }}
        isMade={approve.isPending || approve.isSuccess}
      />
    </Modal>
  )
}

function ReasonDialog({ item, kind, onClose }: DialogProps & { readonly kind: 'reject' | 'withdraw' }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const decide = useMutation({
    mutationFn: () =>
      kind === 'reject' ? rejectItem(item.id, reason.trim()) : withdrawItem(item.id, reason.trim()),
    onSuccess: async () => {
      await itemChanged(item.id)
      void message.success(t(`action.${kind}_done`))
      onClose()
    },
  })
  return (
    <Modal
      open
      title={t(`action.${kind}_title`)}
      okText={t(`action.${kind}`)}
      okButtonProps={{ danger: true, disabled: reason.trim() === '' }}
      confirmLoading={decide.isPending}
      onOk={() => decide.mutate()}
      onCancel={onClose}
    >
      {decide.error !== null && <ProblemNotice error={decide.error} />}
      <p>{t(`action.${kind}_note`)}</p>
      <label className="field-label" htmlFor="decision-reason">
        {t('action.reason')}
      </label>
      <Input.TextArea
        id="decision-reason"
        autoFocus
        maxLength={2000}
        autoSize={{ minRows: 3, maxRows: 8 }}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {kind === 'withdraw' && item.status === 'approved' && (
        <>
          <h3>{t('preview.title')}</h3>
          <PlanPreview
            asked={{ change: itemWithdrawn(item.id, t('action.withdraw')) }}
            isMade={decide.isPending || decide.isSuccess}
          />
        </>
      )}
    </Modal>
  )
}
