/** One item: its sound, its text, who answers for it, and the next step. */
import { EditOutlined, LeftOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router-dom'
import { changeItem, itemEdited } from '@/api/endpoints'
import type { Item, ItemChange, ItemInput, Unit } from '@/api/types'
import { itemChanged, useItem, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Mark } from '@/components/mark'
import { Loading, Page, ProblemNotice } from '@/components/page'
import { mayForItem } from '@/lib/roles'
import { toneOfStatus } from '@/lib/tones'
import { ItemActions } from './item_actions'
import { ItemAudio } from './item_audio'
import { ItemFacts } from './item_facts'
import { ItemForm } from './item_form'
import { ItemSteps } from './item_steps'
import { PriorityTag } from './priority_tag'
import '@/styles/library.css'

export function Component() {
  const { itemId = '' } = useParams()
  const { t } = useTranslation()
  const item = useItem(itemId)
  const units = useUnits()
  const error = item.error ?? units.error
  if (item.data === undefined || units.data === undefined) {
    return (
      <Page title={t('item.loading')}>{error === null ? <Loading /> : <ProblemNotice error={error} />}</Page>
    )
  }
  return <LoadedItem key={itemId} item={item.data} units={units.data} />
}

function LoadedItem({ item, units }: { readonly item: Item; readonly units: readonly Unit[] }) {
  const { t } = useTranslation()
  const user = useUser()
  const [editing, setEditing] = useState(false)
  /** The part of the current recording that was played on this page, 0 to 1. */
  const [heard, setHeard] = useState(0)
  const mayEdit = mayForItem(user, 'edit', item, units) && item.status !== 'withdrawn'

  return (
    <Page
      title={item.title}
      lead={
        <span className="item-head">
          <Mark tone={toneOfStatus(item.status)}>{t(`status.${item.status}`)}</Mark>
          <PriorityTag priority={item.priority} />
        </span>
      }
      actions={
        <>
          <Link to="/library">
            <Button icon={<LeftOutlined />}>{t('item.back')}</Button>
          </Link>
          {mayEdit && !editing && item.status !== 'processing' && (
            <Button icon={<EditOutlined />} onClick={() => setEditing(true)}>
              {t('item.edit')}
            </Button>
          )}
        </>
      }
    >
      <ItemSteps status={item.status} />
      {editing ? (
        <EditPanel item={item} onDone={() => setEditing(false)} />
      ) : (
        <div className="item-columns">
          <div className="item-column">
            <ItemAudio item={item} mayEdit={mayEdit} onHeard={setHeard} />
            <section className="panel">
              <h2>{t('item.script')}</h2>
              {item.script.trim() === '' ? (
                <p className="quiet">{t('item.no_script')}</p>
              ) : (
                <p className="script">{item.script}</p>
              )}
            </section>
          </div>
          <div className="item-column">
            <ItemActions item={item} units={units} heard={heard} />
            <ItemFacts item={item} />
          </div>
        </div>
      )}
    </Page>
  )
}

function EditPanel({ item, onDone }: { readonly item: Item; readonly onDone: () => void }) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const change = useMutation({
    mutationFn: (part: ItemChange) => changeItem(item, part),
    onSuccess: async () => {
      await itemChanged(item.id)
      void message.success(t('item.saved'))
      onDone()
    },
  })
  return (
    <div className="panel">
      {(item.status === 'approved' || item.status === 'submitted') && (
        <p className="note tone-warn">{t('item.edit_voids')}</p>
      )}
      {change.error !== null && <ProblemNotice error={change.error} />}
      <ItemForm
        item={item}
        submitText={t('item.save')}
        pending={change.isPending}
        {...(item.status === 'approved' && {
          planned: (input: ItemInput) => itemEdited(item, changeOf(input)),
        })}
        onSubmit={(input) => change.mutate(changeOf(input))}
        onCancel={onDone}
      />
    </div>
  )
}

/** The unit that made an item stays. */
function changeOf(input: ItemInput): ItemChange {
  const { title, topics, scope_unit_id, valid_from, valid_until, priority, script, play_rules } = input
  return { title, topics, scope_unit_id, valid_from, valid_until, priority, script, play_rules }
}
